/* markdown: a table as GitHub-flavoured Markdown, to paste into a page.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/format/markdown.h"

#include <stdlib.h>
#include <string.h>

#include "launcher/format/display.h"

/* Append 'raw' cleaned and escaped; '*scratch' is reused. */
static void put(const char *raw, struct text *scratch, struct text *out)
{
    text_reset(scratch);
    display_clean(raw, true, scratch);
    for (const char *s = text_get(scratch); *s; s++)
        if (*s == '<')
            text_append(out, "&lt;");
        else if (*s == '&')
            text_append(out, "&amp;");
        else {
            if (strchr("|\\`*[]~", *s))
                text_append_char(out, '\\');
            text_append_char(out, *s);
        }
}

static void print_head(const struct table *t, const struct table_form *forms,
                       struct text *scratch, struct text *out)
{
    for (size_t c = 0; c < t->column_count; c++) {
        text_append(out, "| ");
        put(t->columns[c].heading, scratch, out);
        text_append_char(out, ' ');
    }
    text_append(out, "|\n");
    for (size_t c = 0; c < t->column_count; c++)
        text_append(out, forms[c].numeric ? "| ---: " : "| --- ");
    text_append(out, "|\n");
}

void markdown_print(const struct table *t, struct text *out)
{
    struct table_form *forms = calloc(t->column_count + 1, sizeof *forms);
    struct text raw = TEXT_INIT, scratch = TEXT_INIT;

    if (!forms) {
        out->failed = true;
        return;
    }
    for (size_t c = 0; c < t->column_count; c++)
        forms[c] = table_form(t, c);
    print_head(t, forms, &scratch, out);
    for (size_t row = 0; row < t->row_count; row++) {
        for (size_t c = 0; c < t->column_count; c++) {
            const struct cell *cell = table_at(t, row, c);
            bool bold = t->styles[row] == ROW_BEST && cell->kind != CELL_NONE;

            text_reset(&raw);
            cell_show(cell, forms[c], &raw);
            text_append(out, bold ? "| **" : "| ");
            put(text_get(&raw), &scratch, out);
            text_append(out, bold ? "** " : " ");
        }
        text_append(out, "|\n");
    }
    out->failed |= raw.failed || scratch.failed;
    free(forms);
    text_clear(&raw);
    text_clear(&scratch);
}
