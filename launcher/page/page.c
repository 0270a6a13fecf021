/* page: see page.h. The bytes come from the linker: see the Makefile.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/page/page.h"

#include <string.h>

#include "base/json.h"

#define FILE_BYTES(name) \
    extern const char page_binary_##name##_start[], page_binary_##name##_end[]
FILE_BYTES(index_html);
FILE_BYTES(page_css);
FILE_BYTES(chart_js);
FILE_BYTES(study_js);
FILE_BYTES(pictures_js);
FILE_BYTES(page_js);

static const char html[] = "text/html; charset=utf-8";
static const char css[] = "text/css; charset=utf-8";
static const char script[] = "text/javascript; charset=utf-8";

static const struct {
    const char *path, *type, *start, *end;
} files[] = {
#define ROW(path, type, name)                                            \
    {                                                                    \
        path, type, page_binary_##name##_start, page_binary_##name##_end \
    }
    ROW("/", html, index_html),
    ROW("/page.css", css, page_css),
    ROW("/chart.js", script, chart_js),
    ROW("/study.js", script, study_js),
    ROW("/pictures.js", script, pictures_js),
    ROW("/page.js", script, page_js),
};
enum { FILES = sizeof files / sizeof *files };

bool page_find(const char *path, struct page_file *file)
{
    for (size_t i = 0; i < FILES; i++)
        if (strcmp(path, files[i].path) == 0) {
            *file =
                (struct page_file){ files[i].path, files[i].type,
                                    files[i].start,
                                    (size_t)(files[i].end - files[i].start) };
            return true;
        }
    return false;
}

/* ---- the report ------------------------------------------------------- */

/* JSON inside a script: a "</script>" in a name must not end it. */
void page_data(const struct tree *changes, struct text *out)
{
    struct text json = TEXT_INIT;

    json_format(changes, &json);
    text_append(out, "<script type=\"application/json\" class=\"data\">");
    for (const char *at = text_get(&json); *at;) {
        size_t size = strcspn(at, "<");

        text_append_bytes(out, at, size);
        text_append(out, at[size] ? "\\u003c" : "");
        at += size + (at[size] != '\0');
    }
    text_append(out, "</script>\n");
    out->failed = out->failed || json.failed;
    text_clear(&json);
}

/* Whether this line names one of our files between 'before' and the next
 * quote. */
static bool names_file(const char *line, size_t size, const char *before,
                       struct page_file *file)
{
    const char *at = memmem(line, size, before, strlen(before));
    const char *name = at ? at + strlen(before) : NULL;
    const char *end =
        name ? memchr(name, '"', size - (size_t)(name - line)) : NULL;
    char path[64] = "/";

    if (!end || (size_t)(end - name) > sizeof path - 2)
        return false;
    memcpy(path + 1, name, (size_t)(end - name));
    return page_find(path, file);
}

static void append_file(const struct page_file *file, const char *tag,
                        struct text *out)
{
    text_format(out, "<%s>\n", tag);
    text_append_bytes(out, file->data, file->size);
    text_format(out, "</%s>\n", tag);
}

/* The first line of the page that names a script, where the data go. */
static const char *find_scripts(const struct page_file *page)
{
    return memmem(page->data, page->size, "<script src=", 12);
}

/* Lines of the page, with the files that they name in their places. */
static void append_lines(const char *line, const char *end, struct text *out)
{
    struct page_file file;

    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t size =
            newline ? (size_t)(newline + 1 - line) : (size_t)(end - line);

        if (names_file(line, size, "rel=\"stylesheet\" href=\"", &file))
            append_file(&file, "style", out);
        else if (names_file(line, size, "script src=\"", &file))
            append_file(&file, "script", out);
        else
            text_append_bytes(out, line, size);
        line += size;
    }
}

void page_begin(struct text *out)
{
    struct page_file page;

    if (page_find("/", &page))
        append_lines(page.data, find_scripts(&page), out);
}

void page_end(struct text *out)
{
    struct page_file page;

    if (page_find("/", &page))
        append_lines(find_scripts(&page), page.data + page.size, out);
}
