/* report: see report.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/report.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char prefix[] = "sentei: ";

bool report_name_ok(const char *name)
{
    if (!isalpha((unsigned char)name[0]) && name[0] != '_')
        return false;
    for (const char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("_.@/-", *c))
            return false;
    return strlen(name) <= REPORT_MAX_NAME;
}

static struct metric *find(const struct report *r, const char *name)
{
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->metrics[i].name, name) == 0)
            return (struct metric *)&r->metrics[i];
    return NULL;
}

int report_add(struct report *r, const char *name, double value,
               struct error *err)
{
    struct metric *m = find(r, name);

    if (!m) {
        if (!report_name_ok(name)) {
            error_usage(err, "'%.80s' cannot be a metric's name", name);
            return error_hint(err,
                              "begin with a letter; letters, digits and "
                              "_ . @ / - follow, %d at most",
                              (int)REPORT_MAX_NAME);
        }
        if (r->count == REPORT_MAX_METRICS)
            return error_usage(err, "more than %d metrics in one report",
                               (int)REPORT_MAX_METRICS);
        m = &r->metrics[r->count++];
        memcpy(m->name, name, strlen(name) + 1); /* fits: report_name_ok() */
    }
    m->value = value;
    return 0;
}

bool report_get(const struct report *r, const char *name, double *value)
{
    const struct metric *m = find(r, name);

    if (m)
        *value = m->value;
    return m != NULL;
}

/* One "name=value" of a line; 'word' is cut at the '='. */
static int parse_word(char *word, struct report *r, bool *has_step,
                      struct error *err)
{
    char *equals = strchr(word, '=');
    double value;

    if (!equals)
        return error_usage(err, "expected name=value, found '%.80s'", word);
    *equals = '\0';
    if (strcmp(word, "step") == 0) {
        if (text_to_int(equals + 1, &r->step) != 0 || r->step < 0)
            return error_usage(err,
                               "step: expected a whole number from 0, "
                               "found '%.80s'",
                               equals + 1);
        *has_step = true;
        return 0;
    }
    if (text_to_double(equals + 1, &value) != 0)
        return error_usage(err, "%.80s: expected a number, found '%.80s'", word,
                           equals + 1);
    return report_add(r, word, value, err);
}

int report_parse_line(const char *line, struct report *r, struct error *err)
{
    bool has_step = false;
    char *copy, *rest, *word;
    int status = 0;

    if (strncmp(line, prefix, sizeof prefix - 1) != 0)
        return 0;
    copy = rest = text_copy(line + sizeof prefix - 1);
    if (!copy)
        return error_memory(err);
    r->step = 0;
    r->count = 0;
    while (status == 0 && (word = strsep(&rest, " \t\r\n")))
        if (word[0])
            status = parse_word(word, r, &has_step, err);
    if (status == 0 && !has_step)
        status = error_usage(err, "a report needs step=N");
    if (status != 0)
        error_hint(err, "write for example: sentei: step=3 val.pr_auc=0.91");
    free(copy);
    return status == 0 ? 1 : -1;
}

void report_format_line(const struct report *r, struct text *out)
{
    text_format(out, "%sstep=%jd", prefix, (intmax_t)r->step);
    for (size_t i = 0; i < r->count; i++) {
        text_format(out, " %s=", r->metrics[i].name);
        text_append_double(out, r->metrics[i].value);
    }
    text_append_char(out, '\n');
}

struct tree *report_to_tree(const struct report *r)
{
    struct tree *t = tree_map(), *metrics = tree_map();

    for (size_t i = 0; i < r->count; i++)
        tree_set_float(metrics, r->metrics[i].name, r->metrics[i].value);
    tree_set_int(t, "step", r->step);
    tree_set(t, "metrics", metrics);
    if (tree_ok(t))
        return t;
    tree_destroy(t);
    return NULL;
}

int report_from_tree(const struct tree *t, struct report *r, struct error *err)
{
    const struct tree *step = tree_get(t, "step");
    const struct tree *metrics = tree_get(t, "metrics");

    r->count = 0;
    r->step = tree_integer(step);
    if (tree_kind(step) != TREE_INT || r->step < 0)
        return error_usage(err, "step: expected a whole number from 0");
    if (tree_kind(metrics) != TREE_MAP)
        return error_usage(err, "metrics: expected a map of numbers");
    for (size_t i = 0; i < tree_count(metrics); i++) {
        const struct tree *value = tree_at(metrics, i);

        if (!tree_is_number(value))
            return error_usage(err, "metrics.%.80s: expected a number",
                               tree_key(metrics, i));
        if (report_add(r, tree_key(metrics, i), tree_number(value), err) != 0)
            return -1;
    }
    return 0;
}
