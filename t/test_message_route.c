/* message_route() in proto/message.c */
#include <config.h>

#include "proto/error.h"
#include "t/agreement.h"
#include "t/message_samples.h"
#include "t/proto_fixture.h"
#include "t/tap.h"

#include <stdio.h>

static int route_text(struct route *route, const char *text) {
    memset(route, 0x77, sizeof(*route));
    return message_route(route, text, strlen(text));
}

static void test_routes(void) {
    static const struct {
        const char *text;
        int want;
    } cases[] = {
        {"{\"type\":\"client-com\",\"src\":\"Adam\",\"dst\":\"Eve\"}", PROTO_OK},
        {"{\"type\":\"client-com\",\"src\":\"Adam\"}", PROTO_E_NAME},
        {"{\"type\":\"client-com\",\"dst\":\"Eve\"}", PROTO_E_NAME},
        {"{\"type\":\"client-com\",\"src\":1,\"dst\":\"Eve\"}", PROTO_E_NAME},
        {"{\"type\":\"client-com\",\"src\":\"\",\"dst\":\"Eve\"}", PROTO_E_NAME},
        {"{\"type\":\"client-com\",\"src\":\"A b\",\"dst\":\"Eve\"}", PROTO_E_NAME},
        {"{\"type\":\"client-com\",\"src\":\"Adam\",\"dst\":\"E e\"}", PROTO_E_NAME},
        {"{\"type\":\"client-com\",\"src\":\"Adam\",\"dst\":\"\"}", PROTO_E_NAME},
        {"{\"type\":\"client-com\",\"src\":\"Adam\",\"dst\":\"abcdefghijklmnopqrstuvwxyz1234567\"}", PROTO_E_NAME},
        {"{\"type\":\"client-com\",\"src\":\"Adam\",\"dst\":\"abcdefghijklmnopqrstuvwxyz123456\"}", PROTO_OK},
        {"{\"type\":\"client-com\",\"src\":\"\\u0041dam\",\"dst\":\"Eve\"}", PROTO_OK},
        {"{\"type\":\"client-com\",\"s\\u0072c\":\"Adam\",\"dst\":\"Eve\"}", PROTO_OK},
        {"{\"type\":\"client-com\",\"src\":\"Adam\",\"dst\":\"Eve\",\"s\\u0072c\":\"Eve\"}", PROTO_E_JSON},
        {"{\"type\":\"client-disconnect\",\"src\":\"Adam\"}", PROTO_E_NAME},
        {"{\"type\":\"client-connect\",\"phase\":1,\"src\":\"Adam\",\"dst\":\"Eve\"}", PROTO_OK},
        {"{\"type\":\"client-connect\",\"phase\":5,\"src\":\"Adam\",\"dst\":\"Eve\"}", PROTO_E_STATE},
        {"{\"type\":\"client-connect\",\"src\":\"Adam\",\"dst\":\"Eve\"}", PROTO_E_STATE},
        {"{\"type\":\"connect\",\"phase\":1}", PROTO_E_STATE},
        {"{\"type\":\"error\",\"code\":\"denied\",\"text\":\"\"}", PROTO_E_STATE},
        {"{\"type\":\"text\"}", PROTO_E_STATE},
        {"{\"type\":\"nothing\"}", PROTO_E_TYPE},
        {"{}", PROTO_E_MEMBER},
        {"{\"type\":\"list\"}", PROTO_OK},
        {"{\"type\":\"ping\",\"src\":\"not looked at\"}", PROTO_OK},
        {"{\"type\":\"bye\"}x", PROTO_E_JSON},
    };
    struct route route;

    for (size_t i = 0; i < COUNT(cases); i++)
        IS_INT(route_text(&route, cases[i].text), cases[i].want, "%s", cases[i].text);
    IS_INT(route_text(&route, "{\"type\":\"client-com\",\"src\":\"\\u0041dam\",\"dst\":\"EVE\",\"id\":\"a\\nb\"}"),
           PROTO_OK, "a route");
    IS_STR(route.src, "Adam", "has its source without escapes");
    IS_STR(route.dst, "EVE", "its destination as it is written");
    IS_STR(route.id, "a\nb", "and its id");
    IS_INT(route_text(&route, "{\"type\":\"ping\",\"id\":7}"), PROTO_OK, "an id of another kind");
    IS_STR(route.id, "", "is none");
    OK(route.src[0] == '\0' && route.dst[0] == '\0', "and a ping has no names");
    IS_INT(route_text(&route, "{\"type\":\"ping\",\"id\":\"" SAMPLE_ID "\"}"), PROTO_OK, "the longest id");
    IS_STR(route.id, SAMPLE_ID, "is one");
    IS_INT(route_text(&route, "{\"type\":\"ping\",\"id\":\"" SAMPLE_ID "x\"}"), PROTO_OK, "a longer one");
    IS_STR(route.id, "", "is left out");
}

static void test_agreement(void) {
    const unsigned rounds = (unsigned)(2000 / test_scale());
    struct prng prng = {1978};
    unsigned wrong = 0, texts = 0;

    for (size_t type = 0; type < SAMPLE_TYPES; type++) {
        struct buffer out = BUFFER_INIT(1 << 16);
        const char *what;

        sample_write(&out, (enum message_type)type);
        for (unsigned i = 0; i < rounds; i++) {
            char mutant[8192];
            size_t size = out.size;

            require(size <= sizeof(mutant), "a sample that fits");
            memcpy(mutant, buffer_data(&out), size);
            if (i > 0)
                prng_mutate(&prng, mutant, &size, sizeof(mutant));
            what = message_disagreement(mutant, size);
            if (what != NULL && wrong++ < 5)
                tap_diag("%s: %.*s", what, (int)size, mutant);
            texts++;
        }
        buffer_free(&out);
    }
    IS_INT(wrong, 0, "both ways agree on %u texts", texts);
}

int main(void) {
    test_routes();
    test_agreement();
    return tap_done();
}
