/* csv: records of a CSV or TSV file.
 *
 * A field is copied into 'record' without its quotes and with a NUL behind, so
 * that all else sees plain strings.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/table/csv.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char BYTE_ORDER_MARK[] = "\xEF\xBB\xBF";

void csv_open(struct csv *c, const char *name, const char *data, size_t size,
              char separator, bool quotes)
{
    *c = (struct csv){ .name = name,
                       .data = data,
                       .size = size,
                       .separator = separator,
                       .quotes = quotes,
                       .record = TEXT_INIT };
    csv_rewind(c);
}

void csv_rewind(struct csv *c)
{
    const size_t mark = sizeof BYTE_ORDER_MARK - 1;
    bool marked =
        c->size >= mark && memcmp(c->data, BYTE_ORDER_MARK, mark) == 0;
    c->at = marked ? mark : 0;
    c->line = 1;
    c->columns = 0;
    c->field_count = 0;
}

void csv_close(struct csv *c)
{
    text_clear(&c->record);
    free(c->start);
    memset(c, 0, sizeof *c);
}

const char *csv_field(const struct csv *c, size_t i)
{
    assert(i < c->field_count);
    return c->record.data + c->start[i];
}

static int broken(const struct csv *c, struct error *err, const char *what,
                  const char *hint)
{
    error_usage(err, "%s", what);
    error_where(err, "%s:%zu", c->name, c->record_line);
    return error_hint(err, "%s", hint);
}

/* Note that a field begins at the end of 'record'. */
static int begin_field(struct csv *c)
{
    if (c->field_count == c->field_capacity) {
        size_t capacity = c->field_capacity ? 2 * c->field_capacity : 32;
        size_t *start = realloc(c->start, capacity * sizeof *start);
        if (!start)
            return -1;
        c->start = start;
        c->field_capacity = capacity;
    }
    c->start[c->field_count++] = c->record.size;
    return 0;
}

/* The length of the line break at 'at': 0, 1 (LF) or 2 (CRLF). */
static size_t line_break(const struct csv *c, size_t at)
{
    if (at < c->size && c->data[at] == '\n')
        return 1;
    return at + 1 < c->size && c->data[at] == '\r' && c->data[at + 1] == '\n'
               ? 2
               : 0;
}

/* Whether a field ends at 'at'. */
static bool field_ends(const struct csv *c, size_t at)
{
    return at >= c->size || c->data[at] == c->separator || line_break(c, at);
}

static void read_plain(struct csv *c)
{
    const size_t first = c->at;
    while (!field_ends(c, c->at) && c->at - first <= CSV_MAX_RECORD)
        c->at++;
    text_append_bytes(&c->record, c->data + first, c->at - first);
}

/* From the opening quote to behind the closing one. */
static int read_quoted(struct csv *c, struct error *err)
{
    const char *end = c->data + c->size, *p = c->data + c->at + 1;
    for (;;) {
        const char *quote = p < end ? memchr(p, '"', (size_t)(end - p)) : NULL;
        const size_t length = (size_t)((quote ? quote : end) - p);
        if (!quote || c->record.size + length > CSV_MAX_RECORD)
            return broken(c, err, "a quoted field is never closed",
                          "close it with a quote, and write a quote inside "
                          "a quoted field twice; for a file that does not "
                          "quote, say 'quotes: false'");
        for (size_t i = 0; i < length; i++)
            c->line += p[i] == '\n';
        text_append_bytes(&c->record, p, length);
        p = quote + 1;
        if (p == end || *p != '"')
            break;
        text_append_char(&c->record, *p++);
    }
    c->at = (size_t)(p - c->data);
    if (!field_ends(c, c->at))
        return broken(c, err, "text after the closing quote of a field",
                      "write a quote inside a quoted field twice; for a file "
                      "that does not quote, say 'quotes: false'");
    return 0;
}

/* Read the fields up to the end of the record and step over it. */
static int read_record(struct csv *c, struct error *err)
{
    bool more = true;
    while (more) {
        if (begin_field(c) < 0)
            return error_memory(err);
        if (c->quotes && c->at < c->size && c->data[c->at] == '"') {
            if (read_quoted(c, err) < 0)
                return -1;
        } else {
            read_plain(c);
        }
        const size_t first = c->start[c->field_count - 1];
        if (c->record.size > first &&
            memchr(c->record.data + first, '\0', c->record.size - first))
            return broken(c, err, "a NUL byte in the text",
                          "the file is binary or UTF-16; convert it: iconv -f "
                          "UTF-16 -t UTF-8");
        text_append_char(&c->record, '\0');
        if (c->record.failed)
            return error_memory(err);
        if (c->record.size > CSV_MAX_RECORD)
            return broken(c, err, "a record of more than 64 MiB",
                          "is the separator right, and the file a text?");
        more = c->at < c->size && c->data[c->at] == c->separator;
        c->at += more;
    }
    if (c->at < c->size) {
        c->at += line_break(c, c->at);
        c->line++;
    }
    return 0;
}

static void skip_empty_lines(struct csv *c)
{
    for (size_t n; (n = line_break(c, c->at)) > 0; c->line++)
        c->at += n;
}

int csv_next(struct csv *c, struct error *err)
{
    skip_empty_lines(c);
    if (c->at >= c->size)
        return 0;
    text_reset(&c->record);
    c->field_count = 0;
    c->record_line = c->line;
    if (read_record(c, err) < 0)
        return -1;
    if (c->columns == 0)
        c->columns = c->field_count;
    if (c->field_count == c->columns)
        return 1;
    error_usage(err, "this row has %zu field%s, the first line has %zu",
                c->field_count, c->field_count == 1 ? "" : "s", c->columns);
    error_where(err, "%s:%zu", c->name, c->record_line);
    return error_hint(err, "a field with a separator or a line break in it "
                           "must stand in quotes");
}
