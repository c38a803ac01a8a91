/*
 * report: what was measured, as a table for people or as JSON for programs.
 *
 * Results are printed when they are there, a row each; the table's heading comes with the first of a
 * kind.  Single owner.
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#define REPORT_FIGURES_MAX 16

struct report_figure {
    const char *name; /* of the JSON member and the column, with its unit */
    double value;
};

/* TRIAL and the names are literals; a LABEL is short. */
struct report_row {
    const char *trial;
    char label[64];
    struct report_figure figures[REPORT_FIGURES_MAX];
    size_t count;
};

struct report {
    bool json;
    bool progress;    /* there is a terminal to tell on what is going on */
    const char *last; /* trial of the last row */
    size_t rows;
};

void report_begin(struct report *report, bool json);

/* Adds a figure to ROW. */
void report_add(struct report_row *row, const char *name, double value);

/* The figure NAME of ROW; 0 if there is none. */
double report_get(const struct report_row *row, const char *name);

void report_print(struct report *report, const struct report_row *row);

/* Shows WHAT is being done, until the next row or word. */
void report_progress(struct report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* 0, or -1 if the output could not be written. */
int report_end(struct report *report) __attribute__((warn_unused_result));

#endif
