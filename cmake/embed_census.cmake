# Writes OUT/census.[ch]: what stands between the marks "census: begin" and "census: end"
# of SOURCE, without comments and indentation, as one C string.
file(READ ${SOURCE} whole)
string(FIND "${whole}" "// -- census: begin" begin)
string(FIND "${whole}" "// -- census: end" end)
if(begin LESS 0 OR end LESS begin)
	message(FATAL_ERROR "${SOURCE} has no census")
endif()
math(EXPR length "${end} - ${begin}")
string(SUBSTRING "${whole}" ${begin} ${length} text)
string(REGEX REPLACE "\n[ \t]*//[^\n]*" "" text "\n${text}")
string(REPLACE "\\" "\\\\" text "${text}")
string(REPLACE "\"" "\\\"" text "${text}")
string(REGEX REPLACE "\n[ \t]*" "\\\\n\"\n\t\"" text "${text}")
file(WRITE ${OUT}/census.h "extern const char census_js[];\n")
file(WRITE ${OUT}/census.c
	"#include \"census.h\"\n\nconst char census_js[] =\n\t\"${text}\";\n")
