/* src/client/progress.c: sizes, rates, and lines that are never too wide. */
#include <config.h>

#include "src/client/columns.h"
#include "src/client/progress.h"
#include "t/tap.h"

#include <stdio.h>

static void test_sizes(void) {
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {0, "0 B"},
        {1023, "1023 B"},
        {1024, "1.0 KiB"},
        {1536, "1.5 KiB"},
        {1024 * 1024 - 1, "1023.9 KiB"},
        {1024 * 1024, "1.0 MiB"},
        {UINT64_C(1) << 30, "1.0 GiB"},
        {(UINT64_C(1) << 53) - 1, "7.9 PiB"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[PROGRESS_SIZE_SIZE];

        progress_size(out, cases[i].bytes);
        IS_STR(out, cases[i].text, "size %zu", i);
    }
}

static void test_rate(void) {
    struct progress progress;

    progress_begin(&progress, 0, 1000);
    progress_note(&progress, 100, 1010);
    IS_INT(progress.rate, 0, "a moment says nothing");
    progress_note(&progress, 1000000, 2000);
    IS_INT(progress.rate, 1000000, "a second does");
    progress_note(&progress, 1000000, 3000);
    OK(progress.rate > 300000 && progress.rate < 1000000, "when nothing comes it falls");
    progress_note(&progress, 10, 3000);
    IS_INT(progress.rate, 0, "what begins anew has a new one");
}

static void test_line(void) {
    const struct progress progress = {.rate = 1024 * 1024};
    char out[PROGRESS_LINE_SIZE];

    progress_line(out, &progress, "report.pdf", 25 * 1024 * 1024, 100 * 1024 * 1024, 60);
    IS_STR(out, "report.pdf  25%  [######                  ]  1.0 MiB/s  1:15", "name, share, bar, rate, time left");
    progress_line(out, &(struct progress){.rate = 0}, "x", 0, 10, 30);
    IS_STR(out, "x   0%  [                    ]", "what is not known is not shown");
    progress_line(out, &progress, "x", 0, 0, 80);
    OK(strstr(out, "100%") != NULL, "an empty file is complete");
    progress_line(out, &(struct progress){.rate = 1}, "x", 0, (UINT64_C(1) << 53) - 1, 80);
    OK(strstr(out, ":") == NULL, "nobody waits for a million years");
}

static void test_width(void) {
    static const char *const names[] = {"x", "a name that is much longer than any screen that it is ever shown on is",
                                        "\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87"};
    const struct progress progress = {.rate = 1234567};
    size_t wrong = 0;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        for (size_t columns = 20; columns < 200; columns++) {
            char out[PROGRESS_LINE_SIZE];
            size_t width;

            progress_line(out, &progress, names[i], 5000000000, 10000000000, columns);
            wrong += columns_fit(span_of(out), columns, &width) != strlen(out);
        }
    }
    IS_INT(wrong, 0, "no line is too wide for its screen");
}

int main(void) {
    test_sizes();
    test_rate();
    test_line();
    test_width();
    return tap_done();
}
