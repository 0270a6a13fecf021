/* table: see table.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/simulate/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "launcher/format/table.h"
#include "search/parameter.h"

enum {
    TABLE_MAX_BYTES = 1 << 30,
    MAX_WIDTH = STUDY_MAX_OBJECTIVES + STUDY_MAX_CONSTRAINTS
};

/* A table while it is read, line by line, the bytes cut into fields. */
struct table_file {
    const struct study *study;
    const char *path;
    char *data, *at;
    size_t line;
    char **fields; /* of the line read last */
    size_t field_count, field_capacity;

    size_t columns; /* of the header */
    size_t *parameters, trial, step, seconds, metrics[MAX_WIDTH], width;
    char *last_trial;
    double *x;
};

static int complain(const struct table_file *t, struct error *err,
                    const char *what, const char *name)
{
    error_usage(err, what, name);
    return error_where(err, "%s:%zu", t->path, t->line);
}

/* ---- lines -------------------------------------------------------------- */

static int add_field(struct table_file *t, char *field, struct error *err)
{
    if (t->field_count == t->field_capacity) {
        size_t capacity = t->field_capacity ? 2 * t->field_capacity : 16;
        char **more = realloc(t->fields, capacity * sizeof *more);

        if (!more)
            return error_memory(err);
        t->fields = more;
        t->field_capacity = capacity;
    }
    t->fields[t->field_count++] = field;
    return 0;
}

/* Cut the next line into fields. Returns 1, 0 at the end, or -1 with 'err'. */
static int next_line(struct table_file *t, struct error *err)
{
    char *end, *field;

    t->field_count = 0;
    if (!*t->at)
        return 0;
    t->line++;
    end = t->at + strcspn(t->at, "\n");
    field = t->at;
    t->at = *end ? end + 1 : end;
    if (end > field && end[-1] == '\r')
        end[-1] = '\0';
    *end = '\0';
    for (char *tab; (tab = strchr(field, '\t')) != NULL; field = tab + 1) {
        *tab = '\0';
        if (add_field(t, field, err))
            return -1;
    }
    return add_field(t, field, err) ? -1 : 1;
}

static int find_column(struct table_file *t, const char *name, size_t *at,
                       struct error *err)
{
    for (*at = 0; *at < t->field_count; ++*at)
        if (strcmp(t->fields[*at], name) == 0)
            return 0;
    return complain(t, err, "the table has no column '%s'", name);
}

static int read_header(struct table_file *t, struct error *err)
{
    const struct space *s = &t->study->space;
    int rc = next_line(t, err);

    if (rc < 0)
        return -1;
    t->columns = t->field_count;
    if (find_column(t, "trial", &t->trial, err) ||
        find_column(t, "step", &t->step, err) ||
        find_column(t, "seconds", &t->seconds, err))
        return -1;
    for (size_t i = 0; i < s->count; i++)
        if (find_column(t, s->parameters[i].name, &t->parameters[i], err))
            return -1;
    t->width = t->study->objective_count + t->study->constraint_count;
    for (size_t i = 0; i < t->width; i++)
        if (find_column(t, recording_metric(t->study, i), &t->metrics[i], err))
            return -1;
    return 0;
}

/* ---- rows --------------------------------------------------------------- */

/* A choice is written as the study file has it. */
static int read_choice(const struct table_file *t, const struct parameter *p,
                       const char *field, double *v, struct error *err)
{
    for (size_t i = 0; i < tree_count(p->choices); i++) {
        struct text word = TEXT_INIT;

        const struct cell cell = cell_of(tree_at(p->choices, i));

        cell_write(&cell, &word);
        bool same = strcmp(text_get(&word), field) == 0;
        text_clear(&word);
        if (same) {
            *v = (double)i;
            return 0;
        }
    }
    return complain(t, err, "'%s' is none of the parameter's choices", field);
}

static int read_point(struct table_file *t, struct error *err)
{
    const struct space *s = &t->study->space;

    for (size_t i = 0; i < s->count; i++) {
        const struct parameter *p = &s->parameters[i];
        const char *field = t->fields[t->parameters[i]];

        t->x[i] = NAN;
        if (!*field)
            continue;
        if (p->kind == PARAMETER_CATEGORICAL) {
            if (read_choice(t, p, field, &t->x[i], err))
                return -1;
        } else if (text_to_double(field, &t->x[i])) {
            return complain(t, err, "expected a number, found '%s'", field);
        }
    }
    if (!space_contains(s, t->x))
        return complain(t, err,
                        "the point is outside of the study's space, or a "
                        "parameter stands where it is not active%s",
                        "");
    return 0;
}

static int read_report(struct table_file *t, struct recording *r,
                       struct error *err)
{
    struct recorded row = { .known = 0 };
    double values[MAX_WIDTH] = { 0 };

    if (text_to_int(t->fields[t->step], &row.step) || row.step < 0 ||
        (r->count > 0 && row.step <= r->rows[r->count - 1].step))
        return complain(t, err,
                        "step '%s': steps are whole numbers that grow within a "
                        "trial",
                        t->fields[t->step]);
    if (text_to_double(t->fields[t->seconds], &row.seconds) ||
        !isfinite(row.seconds) ||
        row.seconds < (r->count > 0 ? r->rows[r->count - 1].seconds : 0))
        return complain(t, err,
                        "seconds '%s': they count from the trial's start and "
                        "never go back",
                        t->fields[t->seconds]);
    for (size_t i = 0; i < t->width; i++) {
        const char *field = t->fields[t->metrics[i]];

        if (!*field)
            continue;
        if (text_to_double(field, &values[i]))
            return complain(t, err, "expected a number, found '%s'", field);
        row.known |= 1u << i;
    }
    return recording_append(r, &row, values, err);
}

/* A row: of the trial before, or of a new one. */
static int read_row(struct table_file *t, struct curves *c, struct error *err)
{
    struct curve_record *r = c->count > 0 ? &c->items[c->count - 1] : NULL;

    if (t->field_count != t->columns)
        return complain(t, err, "the row has not one field a column%s", "");
    if (read_point(t, err))
        return -1;
    if (!r || strcmp(t->last_trial, t->fields[t->trial]) != 0) {
        r = curves_add(c, t->x);
        if (!r)
            return error_memory(err);
        r->recording.width = t->width;
        t->last_trial = t->fields[t->trial];
    } else if (!space_same(&t->study->space, r->x, t->x)) {
        return complain(t, err, "trial '%s' changes its parameters",
                        t->last_trial);
    }
    return read_report(t, &r->recording, err);
}

/* ---- all of it ---------------------------------------------------------- */

static int read_rows(struct table_file *t, struct curves *c, struct error *err)
{
    int rc = read_header(t, err);

    while (rc == 0 && (rc = next_line(t, err)) == 1)
        rc = t->field_count == 1 && !*t->fields[0] ? 0 : read_row(t, c, err);
    if (rc == 0 && c->count == 0)
        rc = complain(t, err, "the table has no rows%s", "");
    return rc;
}

int table_read_curves(struct curves *c, const struct study *s, const char *path,
                      struct error *err)
{
    struct table_file t = { .study = s, .path = path };
    size_t size;
    int rc = -1;

    *c = (struct curves){ .study = s };
    t.parameters = calloc(s->space.count + 1, sizeof *t.parameters);
    t.x = calloc(s->space.count + 1, sizeof *t.x);
    if (!t.parameters || !t.x)
        error_memory(err);
    else
        rc = file_read_named(path, TABLE_MAX_BYTES, &t.data, &size, err);
    if (rc == 0) {
        t.at = t.data;
        rc = read_rows(&t, c, err);
    }
    free(t.data);
    free(t.fields);
    free(t.parameters);
    free(t.x);
    if (rc != 0)
        curves_clear(c);
    return rc;
}
