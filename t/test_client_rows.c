/* rows: a line that is said to be within reach is on the screen, where it is said to be. */
#include <config.h>

#include "src/client/rows.h"
#include "t/tap.h"

#include <string.h>

#define COLUMNS 20
#define HEIGHT  6
#define PRINTED 400

/* A screen that a program begins to write to in any row. */
struct model {
    int row;                  /* of the cursor */
    unsigned long at[HEIGHT]; /* the line that ends in each row, 0: none */
    unsigned typed;
};

static void next_row(struct model *model, unsigned long number) {
    model->at[model->row] = number;
    if (++model->row < HEIGHT)
        return;
    model->row--;
    memmove(model->at, model->at + 1, (HEIGHT - 1) * sizeof(model->at[0]));
    model->at[HEIGHT - 1] = 0;
}

/* Shows a prompt of COUNT rows, and takes it away. */
static void prompt(struct model *model, struct rows *rows, int count) {
    int missing = model->row + count - HEIGHT;

    rows_use(rows, (size_t)count);
    for (; missing > 0; missing--) {
        memmove(model->at, model->at + 1, (HEIGHT - 1) * sizeof(model->at[0]));
        model->at[HEIGHT - 1] = 0;
        model->row--;
    }
}

static void print(struct model *model, struct rows *rows, size_t size) {
    char text[3 * COLUMNS + 1];

    memset(text, 'x', size);
    text[size] = '\n';
    rows_print(rows, (struct span){text, size + 1});
    for (size_t height = size == 0 ? 1 : (size + COLUMNS - 1) / COLUMNS; height > 0; height--)
        next_row(model, 0);
}

static void type(struct model *model, struct rows *rows, int height) {
    const struct place end = {(size_t)height - 1, 3};
    const struct extent extent = {end, end};

    rows_type(rows, ++model->typed, &extent, end);
    while (--height > 0)
        next_row(model, 0);
    next_row(model, model->typed);
}

/* Lines within reach that are not where they should be, and those out of reach that are on the screen. */
static void compare(const struct model *model, const struct rows *rows, unsigned *wrong, unsigned *missed) {
    for (unsigned long number = 1; number <= model->typed; number++) {
        size_t up = 0, column = 0;
        bool found = rows_find(rows, number, &up, &column);
        bool there = false;

        for (int row = 0; row < HEIGHT; row++)
            there = there || model->at[row] == number;
        *wrong += found && (up > (size_t)model->row || model->at[model->row - (int)up] != number || column != 3);
        *missed += there && !found;
    }
}

/* The same numbers in each run (Numerical Recipes' generator, its better half). */
static uint32_t draw(uint32_t *seed) {
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void test_random(void) {
    unsigned wrong = 0, missed = 0;
    uint32_t seed = 1;

    for (int start = 0; start < HEIGHT; start++) {
        struct model model = {.row = start};
        struct rows rows = {.columns = 0};

        rows_resize(&rows, COLUMNS, HEIGHT);
        for (int i = 0; i < PRINTED; i++) {
            const uint32_t choice = draw(&seed);

            if (choice % 3 == 0)
                print(&model, &rows, (size_t)(choice / 3 % (3 * COLUMNS)));
            else if (choice % 3 == 1)
                type(&model, &rows, 1 + (int)(choice / 3 % 3));
            else
                prompt(&model, &rows, 1 + (int)(choice / 3 % HEIGHT));
            compare(&model, &rows, &wrong, &missed);
        }
    }
    IS_INT(wrong, 0, "a line within reach is where it is said to be, wherever the program began");
    tap_diag("%u times a line was on the screen and not reached, as it was not certain to be", missed);
}

static bool reaches(const struct rows *rows, unsigned long number) {
    size_t up, column;

    return rows_find(rows, number, &up, &column);
}

static void test_reach(void) {
    const struct extent line = {{0, 3}, {0, 3}}, unsure = {{0, 3}, {0, 4}};
    struct rows rows = {.columns = 0};

    rows_resize(&rows, COLUMNS, HEIGHT);
    rows_type(&rows, 1, &line, line.most);
    OK(reaches(&rows, 1) && !reaches(&rows, 2), "a line that was typed");
    rows_type(&rows, 2, &unsure, unsure.most);
    OK(reaches(&rows, 1) && !reaches(&rows, 2), "not one that ends nobody knows where, but the one above it");
    rows_print(&rows, SPAN("\033[32m[Eve]\033[m: \xf0\x9f\x91\xa8\n"));
    OK(reaches(&rows, 1), "below it, a text of one row for certain");
    rows_print(&rows, SPAN("0123456789012345678\xf0\x9f\x91\xa8\n"));
    OK(!reaches(&rows, 1), "nothing above a text that may have one or two");
    rows_type(&rows, 3, &line, line.most);
    rows_print(&rows, SPAN("1\n2\n3\n4\n"));
    OK(reaches(&rows, 3), "the highest row");
    rows_use(&rows, 2);
    OK(!reaches(&rows, 3), "which a prompt of two has pushed out");
    rows_type(&rows, 4, &line, line.most);
    rows_forget(&rows);
    OK(!reaches(&rows, 4), "nothing after others wrote");
    rows_type(&rows, 5, &line, line.most);
    rows_resize(&rows, 2 * COLUMNS, HEIGHT);
    OK(!reaches(&rows, 5), "nor after another size");
    rows_resize(&rows, COLUMNS, 0);
    rows_type(&rows, 6, &line, line.most);
    OK(!reaches(&rows, 6), "nor without one");
    rows_resize(&rows, COLUMNS, SIZE_MAX / 2);
    for (unsigned long number = 7; number < 7 + ROWS_LINES + 1; number++)
        rows_type(&rows, number, &line, line.most);
    OK(!reaches(&rows, 7) && reaches(&rows, 8) && reaches(&rows, 7 + ROWS_LINES), "the last lines are kept");
}

static void check_extent(const char *text, size_t least, size_t most, const char *name) {
    struct extent extent = {{0, 0}, {0, 0}};

    columns_extend(&extent, span_of(text), 100);
    OK(extent.least.row == 0 && extent.least.column == least && extent.most.column == most, "%s", name);
}

static void test_extent(void) {
    check_extent("abc", 3, 3, "letters");
    check_extent("e\xcc\x81\xc3\xbc", 2, 2, "marks that combine");
    check_extent("\xe4\xb8\xad\xe6\x96\x87", 4, 4, "wide characters");
    check_extent("\033[32mab\033[mc", 3, 3, "colours take nothing");
    check_extent("\xf0\x9f\x91\xa8\xf0\x9f\x8f\xbd", 0, 4, "a picture and its colour of skin: two columns, or four");
    check_extent("\xe0\xa4\x95\xe0\xa5\x8d\xe0\xa4\xb7", 0, 6, "letters that grow together");
    check_extent("\xe2\x9c\x94\xef\xb8\x8f", 0, 4, "a sign that may be a picture");
    check_extent("\xff\033[3", 0, 2, "what is no text");
}

int main(void) {
    test_random();
    test_reach();
    test_extent();
    return tap_done();
}
