/* mosquitto, by MQTT 3.1.1 with messages of QoS 0, which are sent once and have no answer. */
#include <config.h>

#include "src/bench/rival.h"

#include <inttypes.h>

/* What packets begin with: their type, and flags. */
enum { CONNECT = 0x10, CONNACK = 0x20, PUBLISH = 0x30, SUBSCRIBE = 0x82, SUBACK = 0x90, DISCONNECT = 0xe0 };

#define PACKET_SIZE 512
#define TOPIC_SIZE  32
#define GROUP_TOPIC "all"

static void configure(FILE *file, uint16_t port, const char *certificate, const char *key) {
    fprintf(file,
            "listener %" PRIu16 " 127.0.0.1\ncertfile %s\nkeyfile %s\nallow_anonymous true\nuser root\n"
            "persistence false\nlog_dest none\nmax_queued_messages 0\nset_tcp_nodelay true\n",
            port, certificate, key);
}

/* Strings have their length in two bytes before them. */
static int put_string(struct buffer *out, const char *string) {
    const size_t size = strlen(string);
    const uint8_t length[2] = {(uint8_t)(size >> 8), (uint8_t)size};
    int error = buffer_append(out, length, sizeof(length));

    return error == 0 ? buffer_append(out, string, size) : error;
}

/* A packet of FIRST and what is in BODY, which is freed. */
static int put_packet(struct buffer *out, uint8_t first, struct buffer *body, int error) {
    uint8_t head[3] = {first, (uint8_t)body->size};
    size_t size = 2;

    /* Seven bits of the length a byte; two are enough for PACKET_SIZE. */
    if (body->size >= 0x80) {
        head[1] = (uint8_t)(0x80 | body->size % 0x80);
        head[2] = (uint8_t)(body->size / 0x80);
        size = 3;
    }
    if (error == 0)
        error = buffer_append(out, head, size);
    if (error == 0)
        error = buffer_append(out, buffer_data(body), body->size);
    buffer_free(body);
    return error;
}

static int introduce(struct buffer *out, size_t index) {
    /* MQTT, level 4, a clean session, no keep-alive. */
    static const uint8_t protocol[] = {0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0};
    struct buffer body = BUFFER_INIT(PACKET_SIZE);
    char name[TOPIC_SIZE] = "";
    int error = buffer_append(&body, protocol, sizeof(protocol));

    snprintf(name, sizeof(name), "u%zu", index);
    if (error == 0)
        error = put_string(&body, name);
    return put_packet(out, CONNECT, &body, error);
}

static int join(struct buffer *out, size_t index, bool group) {
    static const uint8_t number[] = {0, 1};
    struct buffer body = BUFFER_INIT(PACKET_SIZE);
    char topic[TOPIC_SIZE] = "";
    int error = buffer_append(&body, number, sizeof(number));

    snprintf(topic, sizeof(topic), "u/%zu", index);
    if (error == 0)
        error = put_string(&body, group ? GROUP_TOPIC : topic);
    if (error == 0)
        error = buffer_append(&body, "", 1); /* QoS 0 */
    return put_packet(out, SUBSCRIBE, &body, error);
}

static int publish(struct buffer *out, const char *topic, struct span text) {
    struct buffer body = BUFFER_INIT(PACKET_SIZE);
    int error = put_string(&body, topic);

    if (error == 0)
        error = buffer_append(&body, text.data, text.size);
    return put_packet(out, PUBLISH, &body, error);
}

static int tell(struct buffer *out, size_t index, struct span text) {
    char topic[TOPIC_SIZE] = "";

    snprintf(topic, sizeof(topic), "u/%zu", index);
    return publish(out, topic, text);
}

static int tell_group(struct buffer *out, struct span text) {
    return publish(out, GROUP_TOPIC, text);
}

static int leave(struct buffer *out) {
    struct buffer nothing = BUFFER_INIT(PACKET_SIZE);

    return put_packet(out, DISCONNECT, &nothing, 0);
}

static enum rival_word next_word(struct span in, size_t *size, struct span *text) {
    const uint8_t *data = (const uint8_t *)in.data;
    size_t length = 0, at = 1, topic;

    /* As above: no packet here has a longer one. */
    do {
        if (at >= in.size || at > 2)
            return RIVAL_NOTHING;
        length |= (size_t)(data[at] & 0x7f) << 7 * (at - 1);
    } while ((data[at++] & 0x80) != 0);
    if (in.size - at < length)
        return RIVAL_NOTHING;
    *size = at + length;
    switch (data[0]) {
    case CONNACK:
        return RIVAL_WELCOME;
    case SUBACK:
        return RIVAL_JOINED;
    case PUBLISH:
        topic = length >= 2 ? (size_t)data[at] << 8 | data[at + 1] : 0;
        if (topic + 2 > length)
            return RIVAL_OTHER;
        *text = (struct span){in.data + at + 2 + topic, length - 2 - topic};
        return RIVAL_MESSAGE;
    default:
        return RIVAL_OTHER;
    }
}

const struct rival rival_mqtt = {
    .name = "mosquitto",
    .programs = {"/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"},
    .flags = {"-c"},
    .configure = configure,
    .introduce = introduce,
    .join = join,
    .tell = tell,
    .tell_group = tell_group,
    .leave = leave,
    .next_word = next_word,
};
