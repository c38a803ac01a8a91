#include <config.h>

#include "src/bench/measure.h"

#include <stdio.h>

void measure_begin(struct measure *measure, const struct bench *bench, const struct crowd *crowd) {
    *measure = (struct measure){
        .usage = relay_process_usage(&bench->relay), .wall_ns = usage_wall_ns(), .relayed = crowd->relayed};
}

void measure_add(struct report_row *row, const struct measure *begun, const struct bench *bench,
                 const struct crowd *crowd, uint64_t messages) {
    const struct usage usage = relay_process_usage(&bench->relay);
    const double seconds = (double)(usage_wall_ns() - begun->wall_ns) / 1e9;
    const double relayed = (double)(crowd->relayed - begun->relayed);

    report_add(row, "messages", (double)messages);
    report_add(row, "messages/s", (double)messages / seconds);
    report_add(row, "payloads", relayed);
    report_add(row, "cpu_us/payload", (double)(usage.cpu_ns - begun->usage.cpu_ns) / 1e3 / relayed);
    report_add(row, "rss_kib", (double)usage.memory_kib);
}

void measure_name(struct report_row *row, const char *trial, const struct traffic *traffic) {
    *row = (struct report_row){.trial = trial};
    snprintf(row->label, sizeof(row->label), "%s %zu B", traffic->opaque ? "opaque" : "end-to-end", traffic->size);
}
