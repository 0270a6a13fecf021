/* Any bytes as what a trial prints: cut into lines that end however the stream
 * was cut into pieces, each a report that survives being written and read
 * again, another line, or a broken one with a sentence.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/report.h"
#include "launcher/worker/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const struct report *a, const struct report *b)
{
    if (a->step != b->step || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct metric *x = &a->metrics[i], *y = &b->metrics[i];

        if (strcmp(x->name, y->name) != 0 ||
            !(x->value == y->value || (isnan(x->value) && isnan(y->value))))
            return false;
    }
    return true;
}

static void survives(const struct report *r)
{
    struct report again;
    struct text line = TEXT_INIT, json = TEXT_INIT;
    struct tree *t = report_to_tree(r);

    report_format_line(r, &line);
    int rc = report_parse_line(text_get(&line), &again, NULL);

    assert(rc == 1 && same(r, &again));
    json_format(t, &json);
    tree_destroy(t);
    t = json_parse(json.data, json.size, "report", NULL);
    rc = report_from_tree(t, &again, NULL);
    assert(rc == 0 && same(r, &again));
    tree_destroy(t);
    text_clear(&line);
    text_clear(&json);
}

/* Called for each line: 'context' sums all of them up. */
static void take_line(void *context, const char *line, bool whole)
{
    size_t *sum = context;
    struct error err = ERROR_INIT;
    struct report r;
    int rc = report_parse_line(line, &r, &err);

    assert(strlen(line) <= LINES_MAX && !strchr(line, '\n'));
    if (rc == 1)
        survives(&r);
    assert(rc >= 0 || (err.what[0] && err.hint[0]));
    for (; *line; line++)
        *sum = 31 * *sum + (unsigned char)*line;
    *sum = 31 * *sum + whole;
}

static size_t read_all(const char *data, size_t size, size_t piece)
{
    struct lines l;
    size_t sum = 0;

    lines_init(&l, take_line, &sum);
    for (size_t at = 0; at < size; at += piece)
        lines_feed(&l, data + at, piece < size - at ? piece : size - at);
    lines_end(&l);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;

    assert(read_all(bytes, size, size + 1) == read_all(bytes, size, 7));
    return 0;
}
