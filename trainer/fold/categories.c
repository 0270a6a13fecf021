/* See categories.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/fold/categories.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "base/tree.h"

enum { TEMPLATE_MAX = 1 << 20 };

static const char request_template[] =
    "-- categories that the model does badly on and has few positives of\n"
    "SELECT * FROM listings WHERE {field} IN ({values});\n";

/* A category over all folds; of weight and loss the mean. */
static struct category_score over_folds(const struct feedback *const *f,
                                        size_t count, size_t i)
{
    struct category_score all = { 0 };
    size_t k;

    for (k = 0; k < count; k++) {
        const struct category_score *s = &f[k]->score[i];

        all.rows += s->rows;
        all.positives += s->positives;
        all.right += s->right;
        all.positive_right += s->positive_right;
        all.trained += s->trained;
        all.trained_positives += s->trained_positives;
        all.loss += s->loss / (double)count;
        all.weight += s->weight / (double)count;
    }
    return all;
}

static double part(size_t some, size_t all)
{
    return all ? (double)some / (double)all : NAN;
}

/* A value as it may stand in a table: without tabs and line ends. */
static void append_cell(struct text *out, const char *value)
{
    for (; *value; value++)
        text_append_bytes(out, strchr("\t\r\n", *value) ? " " : value, 1);
}

static const char *name_of(const struct tree *values, size_t i)
{
    return i == 0 ? "(unknown)" : tree_text(tree_at(values, i - 1));
}

static void format_table(const struct feedback *const *f, size_t count,
                         const struct tree *values, struct text *out)
{
    size_t i;

    text_append(out, "category\trows\tpositives\taccuracy\trecall\tloss\t"
                     "weight\ttrained\ttrained_positives\n");
    for (i = 0; i < f[0]->count; i++) {
        struct category_score s = over_folds(f, count, i);

        append_cell(out, name_of(values, i));
        text_format(out, "\t%zu\t%zu\t%.4f\t%.4f\t%.4f\t%.3f\t%zu\t%zu\n",
                    s.rows, s.positives, part(s.right, s.rows),
                    part(s.positive_right, s.positives), s.loss, s.weight,
                    s.trained, s.trained_positives);
    }
}

/* The categories to ask for, quoted for HiveQL. Returns how many. */
static size_t format_values(const struct feedback *const *f, size_t count,
                            const struct config *c, const struct tree *values,
                            struct text *out)
{
    size_t found = 0, i;
    const char *at;

    for (i = 1; i < f[0]->count; i++) {
        struct category_score s = over_folds(f, count, i);

        if (!(s.weight > 1) ||
            s.trained_positives >= (size_t)c->feedback.needed * count)
            continue;
        text_append(out, found++ ? ", '" : "'");
        for (at = name_of(values, i); *at; at++)
            text_format(out, *at == '\'' || *at == '\\' ? "\\%c" : "%c", *at);
        text_append(out, "'");
    }
    return found;
}

/* 'template' with {field} and {values} filled in. */
static void fill_template(const char *template, const char *field,
                          const char *values, struct text *out)
{
    const char *at = template;

    while (*at) {
        if (strncmp(at, "{field}", 7) == 0) {
            text_append(out, field);
            at += 7;
        } else if (strncmp(at, "{values}", 8) == 0) {
            text_append(out, values);
            at += 8;
        } else {
            text_append_bytes(out, at++, 1);
        }
    }
}

static int write_text(const char *folder, const char *name, struct text *text,
                      struct error *err)
{
    char *path = file_join(folder, name);
    int rc = path && !text->failed
                 ? file_write(path, text->data, text->size, 0644, err)
                 : error_memory(err);

    free(path);
    return rc;
}

static int write_request(const struct config *c, const char *values,
                         const char *folder, struct error *err)
{
    struct text out = TEXT_INIT;
    char *template = NULL;
    size_t size;
    int rc = 0;

    if (c->feedback.template)
        rc = file_read(c->feedback.template, TEMPLATE_MAX, &template, &size,
                       err);
    if (rc == 0) {
        fill_template(template ? template : request_template, c->sampling.by,
                      values, &out);
        rc = write_text(folder, "data-request.hql", &out, err);
    }
    free(template);
    text_clear(&out);
    return rc;
}

int categories_write(const struct feedback *const *f, size_t count,
                     const struct config *c, const struct dataset *data,
                     const char *folder, struct error *err)
{
    struct text table = TEXT_INIT, wanted = TEXT_INIT;
    struct tree *values;
    int rc;

    if (f[0]->count == 0)
        return 0;
    values = dataset_values(c->data, data->category[f[0]->field].name, err);
    if (!values)
        return -1;
    format_table(f, count, values, &table);
    rc = write_text(folder, "categories.tsv", &table, err);
    if (rc == 0 && c->feedback.strength > 0 &&
        format_values(f, count, c, values, &wanted) > 0)
        rc = write_request(c, text_get(&wanted), folder, err);
    text_clear(&table);
    text_clear(&wanted);
    tree_destroy(values);
    return rc;
}
