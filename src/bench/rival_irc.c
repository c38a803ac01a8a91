/* ngIRCd, by the Internet Relay Chat: RFC 2812. */
#include <config.h>

#include "src/bench/rival.h"

#include <inttypes.h>
#include <stdarg.h>

#define LINE_SIZE 512

static void configure(FILE *file, uint16_t port, const char *certificate, const char *key) {
    fprintf(file,
            "[Global]\nName = bench.example.net\nInfo = bench\nListen = 127.0.0.1\nPorts =\n"
            "[Limits]\nMaxConnections = 0\nMaxConnectionsIP = 0\nMaxPenaltyTime = 0\nPingTimeout = 86400\n"
            "[Options]\nDNS = no\nIdent = no\nPAM = no\nIncludeDir = \n"
            "[SSL]\nCertFile = %s\nKeyFile = %s\nPorts = %" PRIu16 "\n",
            certificate, key, port);
}

static int put_line(struct buffer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int put_line(struct buffer *out, const char *format, ...) {
    char line[LINE_SIZE] = "";
    va_list arguments;
    int size = 0;

    va_start(arguments, format);
    size = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    return size > 0 && (size_t)size < sizeof(line) ? buffer_append(out, line, (size_t)size) : -1;
}

static int introduce(struct buffer *out, size_t index) {
    return put_line(out, "NICK u%zu\r\nUSER bench 0 * :bench\r\n", index);
}

static int join(struct buffer *out, size_t index, bool group) {
    (void)index;
    return group ? put_line(out, "JOIN #all\r\n") : 0;
}

static int tell(struct buffer *out, size_t index, struct span text) {
    return put_line(out, "PRIVMSG u%zu :%.*s\r\n", index, (int)text.size, text.data);
}

static int tell_group(struct buffer *out, struct span text) {
    return put_line(out, "PRIVMSG #all :%.*s\r\n", (int)text.size, text.data);
}

static int leave(struct buffer *out) {
    return put_line(out, "QUIT\r\n");
}

static bool begins(struct span text, struct span with) {
    return text.size >= with.size && memcmp(text.data, with.data, with.size) == 0;
}

/* Steps over a word and the space behind it. */
static struct span skip_word(struct span text) {
    const char *space = memchr(text.data, ' ', text.size);
    const size_t size = space != NULL ? (size_t)(space - text.data) + 1 : text.size;

    return (struct span){text.data + size, text.size - size};
}

static enum rival_word next_word(struct span in, size_t *size, struct span *text) {
    const char *end = memchr(in.data, '\n', in.size);
    struct span line;

    if (end == NULL)
        return RIVAL_NOTHING;
    *size = (size_t)(end - in.data) + 1;
    /* Behind the one who says it. */
    line = skip_word((struct span){in.data, *size});
    /* The message of the day, or that there is none; and the end of a channel's names. */
    if (begins(line, SPAN("376 ")) || begins(line, SPAN("422 ")))
        return RIVAL_WELCOME;
    if (begins(line, SPAN("366 ")))
        return RIVAL_JOINED;
    if (!begins(line, SPAN("PRIVMSG ")))
        return RIVAL_OTHER;
    line = skip_word(skip_word(line));
    *text = begins(line, SPAN(":")) ? (struct span){line.data + 1, line.size - 1} : line;
    return RIVAL_MESSAGE;
}

const struct rival rival_irc = {
    .name = "ngIRCd",
    .programs = {"/usr/sbin/ngircd", "/usr/local/sbin/ngircd"},
    .flags = {"-n", "-f"},
    .configure = configure,
    .introduce = introduce,
    .join = join,
    .tell = tell,
    .tell_group = tell_group,
    .leave = leave,
    .next_word = next_word,
};
