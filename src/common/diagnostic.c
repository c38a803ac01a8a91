#include <config.h>

#include "src/common/diagnostic.h"

#include "proto/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void diagnostic_set(struct diagnostic *diagnostic, const char *format, ...) {
    char raw[DIAGNOSTIC_SIZE] = "";
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(raw, sizeof(raw), format, arguments);
    va_end(arguments);
    text_escape_cut(diagnostic->text, sizeof(diagnostic->text), span_of(raw));
}

const char *diagnostic_errno(int number) {
    static _Thread_local char text[128];

    /* The POSIX strerror_r() gives an int and the GNU one a string; strerror_l() would need a locale. */
#if defined(__GLIBC__)
    return strerror_r(number, text, sizeof(text));
#else
    if (strerror_r(number, text, sizeof(text)) != 0)
        snprintf(text, sizeof(text), "error %d", number);
    return text;
#endif
}
