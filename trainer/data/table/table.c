/* See table.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/table/table.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Map the file. An empty one has nothing mapped. */
static int map_file(struct table *t, struct error *err)
{
    int rc = -1, fd = open(t->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    void *data = NULL;

    if (fd < 0 || fstat(fd, &st) < 0) {
        error_errno(err, "cannot open '%s'", t->name);
        goto out;
    }
    if (!S_ISREG(st.st_mode)) {
        error_set(err, "'%s' is no regular file", t->name);
        goto out;
    }
    if (st.st_size > 0)
        data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED) {
        error_errno(err, "cannot map '%s'", t->name);
        goto out;
    }
    t->map = data;
    t->size = (size_t)st.st_size;
    rc = 0;
out:
    if (fd >= 0)
        close(fd);
    if (rc < 0 && err)
        err->kind = ERROR_USAGE;
    return rc;
}

/* --- columns of CSV ---------------------------------------------------------- */

/* What to say of a column that the file does not have. */
static int no_column(const struct csv *csv, const char *name, struct error *err)
{
    const char **names = calloc(csv->field_count + 1, sizeof *names);

    if (!names)
        return error_memory(err);
    for (size_t i = 0; i < csv->field_count; i++)
        names[i] = csv_field(csv, i);
    const char *near = text_nearest(name, names, csv->field_count);
    error_usage(err, "no column '%s'", name);
    error_where(err, "%s:%zu", csv->name, csv->record_line);
    if (near)
        error_hint(err, "did you mean '%s'?", near);
    else
        error_hint(err,
                   "the first line names the columns; the first of %zu "
                   "is '%s'",
                   csv->field_count, names[0]);
    free(names);
    return -1;
}

static int find_column(const struct csv *csv, const char *name, size_t *at,
                       struct error *err)
{
    size_t found = 0;

    for (size_t i = 0; i < csv->field_count; i++)
        if (strcmp(csv_field(csv, i), name) == 0 && found++ == 0)
            *at = i;
    if (found == 0)
        return no_column(csv, name, err);
    if (found == 1)
        return 0;
    error_usage(err, "%zu columns are called '%s'", found, name);
    return error_where(err, "%s:%zu", csv->name, csv->record_line);
}

static int open_csv(struct table *t, const struct table_form *form,
                    const char *const *column, struct error *err)
{
    int more;

    t->at = calloc(t->count + 1, sizeof *t->at);
    if (!t->at)
        return error_memory(err);
    csv_open(&t->csv, t->name, t->map, t->size, form->separator, form->quotes);
    more = csv_next(&t->csv, err);
    if (more < 0)
        return -1;
    if (more == 0) {
        error_usage(err, "'%s' is empty", t->name);
        return error_hint(err, "its first line must name the columns");
    }
    for (size_t i = 0; i < t->count; i++)
        if (find_column(&t->csv, column[i], &t->at[i], err) < 0)
            return -1;
    return 0;
}

/* --- rows -------------------------------------------------------------------- */

static bool ends_with(const char *name, const char *end)
{
    size_t size = strlen(name), wanted = strlen(end);

    return size > wanted && strcmp(name + size - wanted, end) == 0;
}

int table_open(struct table *t, const char *name, const struct table_form *form,
               const char *const *column, size_t count, struct error *err)
{
    int rc;

    *t = (struct table){
        .name = name,
        .count = count,
        .lines = ends_with(name, ".jsonl") || ends_with(name, ".ndjson"),
    };
    rc = map_file(t, err);
    if (rc == 0)
        rc = t->lines ? jsonl_open(&t->jsonl, name, t->map, t->size, column,
                                   count, err)
                      : open_csv(t, form, column, err);
    if (rc < 0)
        table_close(t);
    return rc;
}

int table_next(struct table *t, const char **field, struct error *err)
{
    int more = t->lines ? jsonl_next(&t->jsonl, err) : csv_next(&t->csv, err);

    for (size_t i = 0; i < t->count && more > 0; i++)
        field[i] =
            t->lines ? jsonl_field(&t->jsonl, i) : csv_field(&t->csv, t->at[i]);
    return more;
}

size_t table_line(const struct table *t)
{
    return t->lines ? t->jsonl.record_line : t->csv.record_line;
}

void table_close(struct table *t)
{
    csv_close(&t->csv);
    jsonl_close(&t->jsonl);
    free(t->at);
    if (t->map)
        munmap(t->map, t->size);
    memset(t, 0, sizeof *t);
}
