#include <config.h>

#include "src/bench/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LABEL_WIDTH  30
#define COLUMN_WIDTH 12

void report_begin(struct report *report, bool json) {
    *report = (struct report){.json = json, .progress = isatty(STDERR_FILENO) == 1};
    if (json)
        printf("[");
}

void report_add(struct report_row *row, const char *name, double value) {
    if (row->count < REPORT_FIGURES_MAX)
        row->figures[row->count++] = (struct report_figure){name, value};
}

double report_get(const struct report_row *row, const char *name) {
    for (size_t i = 0; i < row->count; i++)
        if (strcmp(row->figures[i].name, name) == 0)
            return row->figures[i].value;
    return 0;
}

static void clear_progress(const struct report *report) {
    if (report->progress)
        fputs("\r\033[K", stderr);
}

void report_progress(struct report *report, const char *format, ...) {
    va_list arguments;

    if (!report->progress)
        return;
    clear_progress(report);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputs(" ...", stderr);
}

static void print_json(const struct report *report, const struct report_row *row) {
    printf("%s\n{\"trial\":\"%s\",\"label\":\"%s\"", report->rows > 0 ? "," : "", row->trial, row->label);
    for (size_t i = 0; i < row->count; i++)
        printf(",\"%s\":%.6g", row->figures[i].name, row->figures[i].value);
    printf("}");
}

/* A number with about four digits that count. */
static int decimals(double value) {
    return value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : 3;
}

static void print_table(const struct report *report, const struct report_row *row) {
    if (report->last == NULL || strcmp(report->last, row->trial) != 0) {
        printf("%s%-*s", report->rows > 0 ? "\n" : "", LABEL_WIDTH, row->trial);
        for (size_t i = 0; i < row->count; i++)
            printf(" %*s", COLUMN_WIDTH, row->figures[i].name);
        printf("\n");
    }
    printf("%-*s", LABEL_WIDTH, row->label);
    for (size_t i = 0; i < row->count; i++)
        printf(" %*.*f", COLUMN_WIDTH, decimals(row->figures[i].value), row->figures[i].value);
    printf("\n");
}

void report_print(struct report *report, const struct report_row *row) {
    clear_progress(report);
    if (report->json)
        print_json(report, row);
    else
        print_table(report, row);
    fflush(stdout);
    report->last = row->trial;
    report->rows++;
}

int report_end(struct report *report) {
    clear_progress(report);
    if (report->json)
        printf("\n]\n");
    return fflush(stdout) != 0 || ferror(stdout) ? -1 : 0;
}
