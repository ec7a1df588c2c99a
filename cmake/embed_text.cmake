# Writes OUT/NAME.[ch]: the file SOURCE as `extern const char NAME[]`.
file(READ ${SOURCE} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
file(WRITE ${OUT}/${NAME}.h "extern const char ${NAME}[];\n")
file(WRITE ${OUT}/${NAME}.c "#include \"${NAME}.h\"\n\nconst char ${NAME}[] = {${hex}0};\n")
