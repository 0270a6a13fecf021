/* diff: see diff.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/view/diff.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "launcher/format/grid.h"
#include "launcher/format/table.h"

struct diff {
    const struct tree *const *trials;
    size_t count;
    const struct tree *study;
    char headings[DIFF_MAX][32];
    struct table table;
};

static void begin(struct diff *d, const char *first)
{
    table_init(&d->table);
    table_column(&d->table, first, first, false);
    for (size_t i = 0; i < d->count; i++) {
        snprintf(d->headings[i], sizeof d->headings[i], "trial %" PRId64,
                 tree_integer(tree_get(d->trials[i], "trial")));
        table_column(&d->table, d->headings[i], d->headings[i], true);
    }
}

static void end(struct diff *d, const struct screen *screen, struct text *out)
{
    if (!table_ok(&d->table))
        out->failed = true;
    else if (d->table.row_count > 0)
        grid_print(&d->table, screen, out);
    table_clear(&d->table);
}

/* ---- facts -------------------------------------------------------------- */

static bool same_cell(const struct cell *a, const struct cell *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == CELL_TEXT)
        return strcmp(a->text, b->text) == 0;
    return a->number == b->number || (isnan(a->number) && isnan(b->number));
}

static void add_row(struct diff *d, const char *name, const struct cell *cells)
{
    bool same = true;

    for (size_t i = 1; i < d->count; i++)
        same = same && same_cell(&cells[0], &cells[i]);
    table_row(&d->table, same ? ROW_PLAIN : ROW_BEST);
    table_cell(&d->table, cell_text(name));
    for (size_t i = 0; i < d->count; i++)
        table_cell(&d->table, cells[i]);
}

static void add_field(struct diff *d, const char *name)
{
    struct cell cells[DIFF_MAX] = { cell_of(NULL) };

    for (size_t i = 0; i < d->count; i++) {
        const struct tree *field = tree_get(d->trials[i], name);

        cells[i] = strcmp(name, "seconds") == 0
                       ? cell_duration(tree_number(field))
                       : cell_of(field);
    }
    add_row(d, name, cells);
}

/* Whether an earlier trial than 'i' has 'key' in its map, too. */
static bool seen_before(const struct diff *d, size_t i, const char *map,
                        const char *key)
{
    for (size_t k = 0; k < i; k++)
        if (tree_get(tree_get(d->trials[k], map), key))
            return true;
    return false;
}

/* A row for each key that any trial has in its 'map'. */
static void add_map(struct diff *d, const char *map)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct tree *own = tree_get(d->trials[i], map);

        for (size_t k = 0; k < tree_count(own); k++) {
            const char *key = tree_key(own, k);
            struct cell cells[DIFF_MAX] = { cell_of(NULL) };

            if (seen_before(d, i, map, key))
                continue;
            for (size_t j = 0; j < d->count; j++)
                cells[j] = cell_of(tree_get(tree_get(d->trials[j], map), key));
            add_row(d, key, cells);
        }
    }
}

/* ---- curves ------------------------------------------------------------- */

/* The objective of a trial at 'step'; none where it did not report. */
static struct cell value_at(const struct diff *d, size_t trial, int64_t step)
{
    const struct tree *curve = tree_get(d->trials[trial], "curve");
    const char *metric = tree_text(tree_get(d->study, "metric"));

    for (size_t i = 0; i < tree_count(curve); i++)
        if (tree_integer(tree_get(tree_at(curve, i), "step")) == step)
            return cell_of_number(
                tree_get(tree_get(tree_at(curve, i), "metrics"), metric));
    return cell_of(NULL);
}

/* The next step after 'step' that any trial reported, or -1. */
static int64_t next_step(const struct diff *d, int64_t step)
{
    int64_t next = -1;

    for (size_t t = 0; t < d->count; t++) {
        const struct tree *curve = tree_get(d->trials[t], "curve");

        for (size_t i = 0; i < tree_count(curve); i++) {
            int64_t s = tree_integer(tree_get(tree_at(curve, i), "step"));

            if (s > step && (next < 0 || s < next))
                next = s;
        }
    }
    return next;
}

static size_t count_steps(const struct diff *d)
{
    size_t count = 0;

    for (int64_t s = next_step(d, -1); s >= 0; s = next_step(d, s))
        count++;
    return count;
}

static void add_curves(struct diff *d, size_t steps)
{
    size_t count = count_steps(d), n = 0;
    size_t every = steps > 0 && count > steps ? (count + steps - 1) / steps : 1;

    for (int64_t s = next_step(d, -1), next; s >= 0; s = next, n++) {
        next = next_step(d, s);
        if (n % every != 0 && next >= 0)
            continue;
        table_row(&d->table, ROW_PLAIN);
        table_cell(&d->table, cell_number((double)s));
        for (size_t i = 0; i < d->count; i++)
            table_cell(&d->table, value_at(d, i, s));
    }
}

void diff_print(const struct tree *const *trials, size_t count,
                const struct tree *study, size_t steps,
                const struct screen *screen, struct text *out)
{
    struct diff d = { .trials = trials, .count = count, .study = study };

    begin(&d, "");
    add_field(&d, "state");
    add_field(&d, "seconds");
    add_field(&d, "step");
    add_map(&d, "params");
    add_map(&d, "metrics");
    end(&d, screen, out);
    text_format(out, "\n%s\n", tree_text(tree_get(study, "metric")));
    begin(&d, "step");
    add_curves(&d, steps);
    end(&d, screen, out);
}
