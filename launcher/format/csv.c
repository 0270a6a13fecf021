/* csv: a table as comma- or tab-separated lines, numbers exact.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/format/csv.h"

#include <string.h>

typedef void put_field(const char *field, struct text *out);

static void put_csv(const char *field, struct text *out)
{
    if (!strpbrk(field, ",\"\r\n")) {
        text_append(out, field);
        return;
    }
    text_append_char(out, '"');
    for (; *field; field++)
        text_append(out, (char[]){ *field, *field == '"' ? '"' : '\0', '\0' });
    text_append_char(out, '"');
}

static void put_tsv(const char *field, struct text *out)
{
    static const char special[] = "\t\n\r\\", letters[] = "tnr\\";

    for (; *field; field++) {
        const char *found = strchr(special, *field);
        if (found)
            text_append_char(out, '\\');
        text_append_char(out, found ? letters[found - special] : *field);
    }
}

static bool is_formula(const char *text)
{
    double number;

    return *text && strchr("=+-@\t\r", *text) &&
           text_to_double(text, &number) < 0;
}

static void put_text(const char *text, put_field *put, struct text *out)
{
    struct text safe = TEXT_INIT;

    if (!is_formula(text)) {
        put(text, out);
        return;
    }
    text_append_char(&safe, '\'');
    text_append(&safe, text);
    put(text_get(&safe), out);
    out->failed |= safe.failed;
    text_clear(&safe);
}

static void put_cell(const struct cell *cell, put_field *put, struct text *out)
{
    if (cell->kind == CELL_TEXT)
        put_text(cell->text, put, out);
    else
        cell_write(cell, out);
}

static void print(const struct table *t, char separator, put_field *put,
                  struct text *out)
{
    for (size_t c = 0; c < t->column_count; c++) {
        text_append_bytes(out, &separator, c > 0);
        put_text(t->columns[c].name, put, out);
    }
    text_append_char(out, '\n');
    for (size_t row = 0; row < t->row_count; row++) {
        for (size_t c = 0; c < t->column_count; c++) {
            text_append_bytes(out, &separator, c > 0);
            put_cell(table_at(t, row, c), put, out);
        }
        text_append_char(out, '\n');
    }
}

void csv_print(const struct table *t, struct text *out)
{
    print(t, ',', put_csv, out);
}

void tsv_print(const struct table *t, struct text *out)
{
    print(t, '\t', put_tsv, out);
}
