#include <config.h>

#include "src/client/qr_code.h"

#include "proto/error.h"

#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#ifdef HAVE_QRENCODE

#include <qrencode.h>

/* Modules of white around the code: the standard has four, and cameras do with two. */
#define MARGIN 2

/* White on black, and back. */
#define COLOURS "\033[40;97m"
#define PLAIN   "\033[0m\n"

static bool is_dark(const QRcode *code, int row, int column) {
    if (row < 0 || column < 0 || row >= code->width || column >= code->width)
        return false;
    return (code->data[row * code->width + column] & 1) != 0;
}

static int append_row(struct buffer *out, const QRcode *code, int row) {
    /* By upper module, then lower: white is drawn. */
    static const char *const blocks[2][2] = {{"\u2588", "\u2580"}, {"\u2584", " "}};
    int error = buffer_append(out, COLOURS, strlen(COLOURS));

    for (int column = -MARGIN; error == PROTO_OK && column < code->width + MARGIN; column++) {
        const char *block = blocks[is_dark(code, row, column)][is_dark(code, row + 1, column)];

        error = buffer_append(out, block, strlen(block));
    }
    return error == PROTO_OK ? buffer_append(out, PLAIN, strlen(PLAIN)) : error;
}

int qr_code_append(struct buffer *out, const char *digits) {
    QRcode *code = QRcode_encodeString(digits, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
    int error = code ? PROTO_OK : PROTO_E_MEMORY;

    for (int row = -MARGIN; error == PROTO_OK && row < code->width + MARGIN; row += 2)
        error = append_row(out, code, row);
    if (code)
        QRcode_free(code);
    return error;
}

#else

int qr_code_append(struct buffer *out, const char *digits) {
    (void)out;
    (void)digits;
    return PROTO_OK;
}

#endif

bool qr_code_is_possible(int fd) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *type = getenv("TERM");
    const char *locale = NULL;
    const char *charset;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !(locale && locale[0] != '\0'); i++)
        locale = getenv(names[i]);
    charset = locale ? strchr(locale, '.') : NULL;
    return isatty(fd) && type && type[0] != '\0' && strcmp(type, "dumb") != 0 && charset &&
           (strncasecmp(charset, ".utf-8", 6) == 0 || strncasecmp(charset, ".utf8", 5) == 0);
}
