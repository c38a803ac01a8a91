/* completion, names and hints: what a person who types may have meant. */
#include <config.h>

#include "proto/error.h"
#include "src/client/commands.h"
#include "src/client/completion.h"
#include "src/client/names.h"
#include "t/tap.h"

#include <stdio.h>
#include <string.h>

static void check(const char *before, const char *want, const char *choices, const char *name) {
    static const char *const users[] = {"Eve", "Evelyn", "oskar", "EVE", "not a name", "x"};
    struct buffer out = BUFFER_INIT(COMPLETION_LINE_MAX);
    char text[COMPLETION_TEXT_SIZE] = "";
    const char *word, *operands;
    struct completion completion;

    completion_begin(&completion, span_of(before));
    for (size_t i = 0; (word = commands_word(i, &operands)) != NULL; i++)
        completion_offer_command(&completion, word, operands);
    for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++)
        completion_offer_name(&completion, span_of(users[i]));
    IS_INT(completion_end(&completion, text, &out), PROTO_OK, "\"%s\"", before);
    IS_STR(text, want, "%s", name);
    OK(span_equal(buffer_span(&out), span_of(choices)), "and what there is to choose from");
    buffer_free(&out);
}

static void check_group(const char *before, const char *want, const char *name) {
    static const char *const groups[] = {"ops", "opera", "not a name", "."};
    struct buffer out = BUFFER_INIT(COMPLETION_LINE_MAX);
    struct completion completion;
    char text[COMPLETION_TEXT_SIZE];

    completion_begin(&completion, span_of(before));
    completion_offer_name(&completion, SPAN("oskar"));
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
        completion_offer_group(&completion, span_of(groups[i]));
    if (completion_end(&completion, text, &out) != PROTO_OK)
        snprintf(text, sizeof(text), "failed");
    IS_STR(text, want, "%s", name);
    buffer_free(&out);
}

static void test_groups(void) {
    check_group("@ops", "@ops: ", "a group");
    check_group("@o", "@op", "what two have in common");
    check_group("Eve,@OPE", "@opera: ", "one among several");
    check_group("o", "oskar: ", "a name is none");
    check_group("whois @o", "@o", "and a command takes none");
    check_group("@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", "no group has so long a name");
}

static void test_completion(void) {
    check("o", "oskar: ", "", "a recipient");
    check("O", "oskar: ", "", "in any case");
    check("e", "e", "exit  Eve  Evelyn\n", "more than one");
    check("ev", "Eve", "", "what they have in common");
    check("Eve", "Eve", "Eve  Evelyn\n", "and no more");
    check("Evel", "Evelyn: ", "", "the longer one");
    check("oskar,evel", "Evelyn: ", "", "the last of several");
    check("li", "list", "", "a command");
    check("/li", "list", "", "behind a '/'");
    check("/o", "o", "", "where no name can be");
    check("who", "whois ", "", "one that takes a name");
    check("whois o", "oskar ", "", "and the name");
    check("/verify  o", "oskar ", "", "wherever it stands");
    check("trust o ", "", "", "what is behind a name is none");
    check("list o", "", "", "and a command without a name has none");
    check("b: b", "", "", "text is text");
    check("q: ", "", "", "also if it is nobody's");
    check("zzz", "zzz", "", "what nobody knows");
    check("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", "", "too long for anything");
}

static void test_many(void) {
    struct buffer out = BUFFER_INIT(COMPLETION_LINE_MAX);
    char text[COMPLETION_TEXT_SIZE], name[NAME_SIZE];
    struct completion completion;
    struct names names = {.count = 0};

    completion_begin(&completion, SPAN("n"));
    for (int i = 0; i < 2 * NAMES_MAX; i++) {
        snprintf(name, sizeof(name), "n%031d", i);
        completion_offer_name(&completion, span_of(name));
        names_note(&names, span_of(name));
        names_note(&names, span_of(name));
    }
    names_note(&names, SPAN("-"));
    IS_INT(completion_end(&completion, text, &out), PROTO_OK, "many names");
    IS_INT(strlen(text), NAME_LENGTH_MAX - 2, "what they have in common");
    IS_INT(completion_end(&completion, text, &out), PROTO_OK, "once more");
    IS_INT(names.count, NAMES_MAX, "so many are kept, each once");
    IS_STR(names.list[0], "n0000000000000000000000000000256", "the latest");
    buffer_free(&out);
}

static void check_hint(const char *line, const char *want) {
    char hint[COMMANDS_HINT_SIZE];
    struct request request;

    request_parse(span_of(line), &request);
    IS_INT(request.type, REQUEST_UNKNOWN, "\"%s\" goes to nobody", line);
    commands_hint(hint, span_of(line));
    IS_STR(hint, want, "and says what may have been meant");
}

static void test_hints(void) {
    static const char neither[] = "neither a command nor NAME: text; see help";

    check_hint("exti", "exti: did you mean exit?");
    check_hint("/exti", "exti: did you mean exit?");
    check_hint("EXIT", "EXIT: did you mean exit?");
    check_hint("lst", "lst: did you mean list?");
    check_hint("hlep me", "hlep: did you mean help?");
    check_hint("/whosi Eve: now", "whosi: did you mean whois?");
    check_hint("whois", "the command is: whois NAME");
    check_hint("/exit now", "the command is: exit");
    check_hint("hello everybody", neither);
    check_hint("/hello: everybody", neither);
    check_hint("/", neither);
    check_hint("/Eve: text", neither);
    check_hint("x", neither);
    check_hint("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", neither);
}

static void test_slashes(void) {
    struct request request;

    request_parse(SPAN(" /whois Eve"), &request);
    IS_INT(request.type, REQUEST_COMMAND, "a command behind a '/'");
    IS_INT(request.command, COMMAND_WHOIS, "is the same one");
    OK(span_equal(request.operands[0], SPAN("Eve")), "with what it takes");
    request_parse(SPAN("Eve: /exit"), &request);
    IS_INT(request.type, REQUEST_MESSAGE, "a '/' in a text is text");
}

int main(void) {
    test_completion();
    test_groups();
    test_many();
    test_hints();
    test_slashes();
    return tap_done();
}
