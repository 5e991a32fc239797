# cmake -DIN=file.html -DOUT=file.c -DNAME=symbol -P embed.cmake: a file as a C array.
file(READ "${IN}" hex HEX)
string(LENGTH "${hex}" n)
math(EXPR n "${n} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REPEAT "0x..," 12 dozen)
string(REGEX REPLACE "(${dozen})" "\\1\n" bytes "${bytes}")
file(WRITE "${OUT}" "/* made from ${NAME} by cmake/embed.cmake */
#include \"report_page.h\"
const unsigned char ${NAME}[] = {
${bytes}
};
const size_t ${NAME}_size = ${n};
")
