# Writes OUT/sql.[ch] from SOURCE/*.sql (migrations), SOURCE/query/*.sql and
# SOURCE/access/roles.sql.
file(GLOB migrations ${SOURCE}/*.sql)
file(GLOB queries ${SOURCE}/query/*.sql)
list(SORT migrations)
list(SORT queries)

# A C array of bytes: no escaping rules to get wrong.
function(bytes_of file result)
	file(READ ${file} hex HEX)
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
	set(${result} "${hex}0" PARENT_SCOPE)
endfunction()

set(source "#include \"sql.h\"\n")
set(names "")
set(texts "")
set(enum "")
foreach(file ${queries})
	get_filename_component(name ${file} NAME_WE)
	string(TOUPPER ${name} upper)
	bytes_of(${file} bytes)
	string(APPEND source "static const char query_${name}[] = {${bytes}};\n")
	string(APPEND enum "\tSQL_${upper},\n")
	string(APPEND names "\t\"${name}\",\n")
	string(APPEND texts "\tquery_${name},\n")
endforeach()
string(APPEND source "const char *const sql_query_name[SQL_QUERY_COUNT + 1] = {\n${names}\t0\n};\n")
string(APPEND source "const char *const sql_query_text[SQL_QUERY_COUNT + 1] = {\n${texts}\t0\n};\n")

set(names "")
set(texts "")
list(LENGTH migrations count)
foreach(file ${migrations})
	get_filename_component(name ${file} NAME_WE)
	bytes_of(${file} bytes)
	string(APPEND source "static const char migration_${name}[] = {${bytes}};\n")
	string(APPEND names "\t\"${name}\",\n")
	string(APPEND texts "\tmigration_${name},\n")
endforeach()
string(APPEND source "const int sql_migration_count = ${count};\n")
string(APPEND source "const char *const sql_migration_name[] = {\n${names}\t0\n};\n")
string(APPEND source "const char *const sql_migration_text[] = {\n${texts}\t0\n};\n")

bytes_of(${SOURCE}/access/roles.sql bytes)
string(APPEND source "static const char roles_text[] = {${bytes}};\n")
string(APPEND source "const char *const sql_roles_text = roles_text;\n")

file(WRITE ${OUT}/sql.h "#ifndef TIDEMARK_GENERATED_SQL_H
#define TIDEMARK_GENERATED_SQL_H
enum sql_query {
${enum}	SQL_QUERY_COUNT
};
extern const char *const sql_query_name[SQL_QUERY_COUNT + 1];
extern const char *const sql_query_text[SQL_QUERY_COUNT + 1];
extern const int sql_migration_count;
extern const char *const sql_migration_name[];
extern const char *const sql_migration_text[];
extern const char *const sql_roles_text;
#endif
")
file(WRITE ${OUT}/sql.c "${source}")
