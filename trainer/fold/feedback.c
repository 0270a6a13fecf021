/* See feedback.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/fold/feedback.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "trainer/fold/fold.h"

/* A category's loss counts as if so many rows of the mean loss stood by. */
enum { SHRINK = 10 };

enum { TEMPLATE_MAX = 1 << 20 };

static const char request_template[] =
    "-- categories that the model does badly on and has few positives of\n"
    "SELECT * FROM listings WHERE {field} IN ({values});\n";

int feedback_init(struct feedback *f, const struct config *c,
                  const struct dataset *data, const struct part *training,
                  struct error *err)
{
    struct row row;
    size_t i;

    *f = (struct feedback){ 0 };
    for (i = 0; i < data->category_count; i++)
        if (strcmp(data->category[i].name, c->sampling.by) == 0) {
            f->field = i;
            f->count = data->category[i].cardinality;
        }
    f->score = calloc(f->count + 1, sizeof *f->score);
    f->now = calloc(f->count + 1, sizeof *f->now);
    f->next = calloc(f->count + 1, sizeof *f->next);
    if (!f->score || !f->now || !f->next)
        return error_memory(err);
    for (i = 0; i < f->count; i++)
        f->now[i] = f->next[i] = 1;
    for (i = 0; i < training->count && f->count > 0; i++) {
        dataset_row(data, training->row[i], &row);
        f->score[row.category[f->field]].trained++;
        f->score[row.category[f->field]].trained_positives += row.label > 0.5f;
    }
    return 0;
}

void feedback_clear(struct feedback *f)
{
    free(f->score);
    free(f->now);
    free(f->next);
    memset(f, 0, sizeof *f);
}

/* --- learning ---------------------------------------------------------------- */

/* The log loss of a row's logits; '*best' gets the likeliest class. */
static double loss_of(const float *logit, size_t outputs, size_t label,
                      size_t *best)
{
    double high, all = 0;
    size_t k;

    if (outputs == 1) {
        *best = logit[0] > 0;
        high = (double)(label ? -logit[0] : logit[0]);
        return high > 0 ? high + log1p(exp(-high)) : log1p(exp(high));
    }
    for (*best = 0, k = 1; k < outputs; k++)
        *best = logit[k] > logit[*best] ? k : *best;
    high = (double)logit[*best];
    for (k = 0; k < outputs; k++)
        all += exp((double)logit[k] - high);
    return high + log(all) - (double)logit[label];
}

/* What a row of each class counts: all classes together as much. */
static double *balance(const struct part *p, size_t classes)
{
    double *count = calloc(classes, sizeof *count);
    size_t i, k;

    for (i = 0; count && i < p->count; i++)
        count[(size_t)p->label[i]]++;
    for (k = 0; count && k < classes; k++)
        count[k] =
            count[k] > 0 ? (double)p->count / ((double)classes * count[k]) : 0;
    return count;
}

static void reset(struct feedback *f)
{
    size_t i;

    for (i = 0; i < f->count; i++)
        f->score[i] = (struct category_score){
            .trained = f->score[i].trained,
            .trained_positives = f->score[i].trained_positives,
        };
}

/* Sum up the rows; 'mass' [count] gets what they count together. Returns the
 * mean loss of all. */
static double sum_up(struct feedback *f, const struct dataset *data,
                     const struct part *p, size_t outputs, const double *counts,
                     double *mass)
{
    double loss = 0, all = 0;
    size_t i, best;
    struct row row;

    for (i = 0; i < p->count; i++) {
        size_t label = (size_t)p->label[i];
        struct category_score *s;
        double one;

        dataset_row(data, p->row[i], &row);
        s = &f->score[row.category[f->field]];
        one = loss_of(p->logit + i * outputs, outputs, label, &best);
        s->rows++;
        s->positives += label > 0;
        s->right += best == label;
        s->positive_right += label > 0 && best == label;
        s->loss += counts[label] * one;
        mass[row.category[f->field]] += counts[label];
        loss += counts[label] * one;
        all += counts[label];
    }
    return loss / all;
}

static void weigh(struct feedback *f, const struct feedback_options *o,
                  double mean, const double *mass)
{
    size_t i;

    for (i = 0; i < f->count; i++) {
        struct category_score *s = &f->score[i];

        s->loss = (s->loss + SHRINK * mean) / (mass[i] + SHRINK);
        s->weight = pow(s->loss / mean, o->strength);
        s->weight = fmin(fmax(s->weight, 1 / o->limit), o->limit);
        f->next[i] = isfinite(s->weight) ? s->weight : 1;
    }
}

int feedback_learn(struct feedback *f, const struct config *c,
                   const struct dataset *data, const struct part *judged,
                   size_t outputs, struct error *err)
{
    double *counts = NULL, *mass = NULL, *before = f->now;
    int rc = 0;

    if (f->count == 0)
        return 0;
    counts = balance(judged, data->classes);
    mass = calloc(f->count, sizeof *mass);
    if (counts && mass) {
        f->now = f->next;
        f->next = before;
        reset(f);
        weigh(f, &c->feedback, sum_up(f, data, judged, outputs, counts, mass),
              mass);
    } else {
        rc = error_memory(err);
    }
    free(counts);
    free(mass);
    return rc;
}

/* --- for people -------------------------------------------------------------- */

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

int feedback_write(const struct feedback *const *f, size_t count,
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
