/* report: the metrics of one trial at one step, and the line that carries them.
 *
 * The line protocol, for programs that cannot link client/: a line on stdout
 *     sentei: step=3 val.pr_auc=0.91 train.loss=0.2
 * Names are [A-Za-z_][A-Za-z0-9_.@/-]*, values decimal numbers, nan or inf.
 * 'step' is a whole number >= 0.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_REPORT_H
#define BASE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "base/tree.h"

enum { REPORT_MAX_METRICS = 64, REPORT_MAX_NAME = 63 };

struct metric {
    char name[REPORT_MAX_NAME + 1];
    double value;
};

struct report {
    int64_t step;
    size_t count;
    struct metric metrics[REPORT_MAX_METRICS];
};

/* Whether 'name' can be a metric's name. */
bool report_name_ok(const char *name);

/* Add or replace a metric. Returns 0, or -1 with 'err' (bad name, too many). */
int report_add(struct report *r, const char *name, double value,
               struct error *err);

/* The value of a metric; false when it is not there. */
bool report_get(const struct report *r, const char *name, double *value);

/* Read one line. Returns 1 when it was a report, 0 when it is another line
 * (does not start with "sentei: "), -1 with 'err' when it is a broken one. */
int report_parse_line(const char *line, struct report *r, struct error *err);

/* Append the line, with its newline. */
void report_format_line(const struct report *r, struct text *out);

/* To {"step": 3, "metrics": {...}} and back. The reader ignores other keys.
 * report_to_tree() gives a tree the caller destroys, NULL when out of memory;
 * report_from_tree() returns 0, or -1 with 'err'. */
struct tree *report_to_tree(const struct report *r);
int report_from_tree(const struct tree *t, struct report *r, struct error *err);

#endif
