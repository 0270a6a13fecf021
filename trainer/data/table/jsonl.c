/* See jsonl.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/table/jsonl.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

enum { LINE_MAX_BYTES = 64 << 20 };

static const char BYTE_ORDER_MARK[] = "\xEF\xBB\xBF";

int jsonl_open(struct jsonl *j, const char *name, const char *data, size_t size,
               const char *const *column, size_t count, struct error *err)
{
    const size_t mark = sizeof BYTE_ORDER_MARK - 1;

    *j = (struct jsonl){ .name = name,
                         .data = data,
                         .size = size,
                         .line = 1,
                         .column = column,
                         .count = count,
                         .seen = calloc(count + 1, sizeof *j->seen),
                         .start = calloc(count + 1, sizeof *j->start),
                         .record = TEXT_INIT };
    if (size >= mark && memcmp(data, BYTE_ORDER_MARK, mark) == 0)
        j->at = mark;
    if (j->seen && j->start)
        return 0;
    jsonl_close(j);
    return error_memory(err);
}

void jsonl_close(struct jsonl *j)
{
    free(j->seen);
    free(j->start);
    text_clear(&j->record);
    tree_destroy(j->first);
    memset(j, 0, sizeof *j);
}

const char *jsonl_field(const struct jsonl *j, size_t i)
{
    assert(i < j->count);
    return j->record.data + j->start[i];
}

static int at_line(const struct jsonl *j, struct error *err)
{
    return error_where(err, "%s:%zu", j->name, j->record_line);
}

/* Append a value as the text of a field. Returns false for an object. */
static bool append_value(const struct tree *t, struct text *out)
{
    switch (tree_kind(t)) {
    case TREE_NULL:
        return true;
    case TREE_BOOL:
        text_append(out, tree_truth(t) ? "true" : "false");
        return true;
    case TREE_INT:
        text_format(out, "%" PRId64, tree_integer(t));
        return true;
    case TREE_FLOAT:
        text_append_double(out, tree_number(t));
        return true;
    case TREE_STRING:
        text_append(out, tree_text(t));
        return true;
    case TREE_LIST:
        for (size_t i = 0; i < tree_count(t); i++) {
            if (i > 0)
                text_append_char(out, ' ');
            if (!append_value(tree_at(t, i), out))
                return false;
        }
        return true;
    case TREE_MAP:
        break;
    }
    return false;
}

static int read_fields(struct jsonl *j, const struct tree *t, struct error *err)
{
    text_reset(&j->record);
    for (size_t i = 0; i < j->count; i++) {
        const struct tree *value = tree_get(t, j->column[i]);

        j->seen[i] = j->seen[i] || value;
        j->start[i] = j->record.size;
        if (value && !append_value(value, &j->record)) {
            error_usage(err, "column '%s' holds an object", j->column[i]);
            at_line(j, err);
            return error_hint(err, "a field is a string, a number, true, "
                                   "false, null or a list of these");
        }
        text_append_char(&j->record, '\0');
    }
    return j->record.failed ? error_memory(err) : 0;
}

/* The object in the 'size' bytes of a line. */
static struct tree *parse_line(const struct jsonl *j, const char *line,
                               size_t size, struct error *err)
{
    struct tree *t;

    if (size > LINE_MAX_BYTES) {
        error_usage(err, "a line of more than 64 MiB");
        at_line(j, err);
        return NULL;
    }
    t = json_parse(line, size, j->name, err);
    if (!t) {
        if (err && err->kind == ERROR_USAGE)
            at_line(j, err);
        return NULL;
    }
    if (tree_kind(t) == TREE_MAP)
        return t;
    error_usage(err, "expected an object, found %s",
                tree_kind_name(tree_kind(t)));
    at_line(j, err);
    error_hint(err, "each line is a row: {\"column\": value, ...}");
    tree_destroy(t);
    return NULL;
}

/* At the end: columns that no line had. */
static int check_seen(const struct jsonl *j, struct error *err)
{
    const size_t keys = tree_count(j->first);
    const char **known = calloc(keys + 1, sizeof *known);
    const char *near;
    size_t i;

    if (!known)
        return error_memory(err);
    for (i = 0; i < keys; i++)
        known[i] = tree_key(j->first, i);
    for (i = 0; i < j->count && j->seen[i];)
        i++;
    near = i < j->count ? text_nearest(j->column[i], known, keys) : NULL;
    free(known);
    if (i == j->count)
        return 0;
    error_usage(err, "no line has the key '%s'", j->column[i]);
    error_where(err, "%s", j->name);
    return near ? error_hint(err, "did you mean '%s'?", near) : -1;
}

/* Step to the next line that is not empty. Returns its size, 0 at the end. */
static size_t next_line(struct jsonl *j, const char **line)
{
    while (j->at < j->size) {
        const char *first = j->data + j->at;
        const char *end = memchr(first, '\n', j->size - j->at);
        size_t size = end ? (size_t)(end - first) : j->size - j->at;

        j->at += size + (end != NULL);
        j->record_line = j->line++;
        if (size > 0 && first[size - 1] == '\r')
            size--;
        *line = first;
        if (size > 0)
            return size;
    }
    return 0;
}

int jsonl_next(struct jsonl *j, struct error *err)
{
    const char *line = NULL;
    const size_t size = next_line(j, &line);
    struct tree *t;
    int rc;

    if (size == 0)
        return j->first ? check_seen(j, err) : 0;
    t = parse_line(j, line, size, err);
    if (!t)
        return -1;
    rc = read_fields(j, t, err);
    if (j->first)
        tree_destroy(t);
    else
        j->first = t;
    return rc < 0 ? -1 : 1;
}
