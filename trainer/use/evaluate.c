/* evaluate: how good a model is on a set, in all and category by category.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "trainer/metrics.h"
#include "trainer/use/trained.h"
#include "trainer/use/verbs.h"

/* The rows that are judged. */
struct judged {
    uint32_t *row;
    size_t count;
    double *probability; /* [count][outputs] */
    float *logit, *label;
    uint32_t *group; /* the value of the category, or 0 */
    size_t groups;
};

static void judged_clear(struct judged *j)
{
    free(j->row);
    free(j->probability);
    free(j->logit);
    free(j->label);
    free(j->group);
}

/* Metrics take logits: the log-odds of one probability, the logarithms of
 * many. */
static float logit_of(double p, size_t outputs)
{
    p = fmin(fmax(p, 1e-15), 1 - 1e-15);
    return (float)(outputs == 1 ? log(p / (1 - p)) : log(p));
}

static int judge(struct trained *t, int split, enum calibration_kind kind,
                 int field, struct judged *j, struct error *err)
{
    size_t outputs = t->model->loss.outputs, i;
    struct row row;

    j->row = trained_rows(t, split, &j->count, err);
    if (!j->row)
        return -1;
    j->probability = calloc(j->count * outputs, sizeof *j->probability);
    j->logit = calloc(j->count * outputs, sizeof *j->logit);
    j->label = calloc(j->count, sizeof *j->label);
    j->group = calloc(j->count, sizeof *j->group);
    if (!j->probability || !j->logit || !j->label || !j->group)
        return error_memory(err);
    if (trained_predict(t, kind, j->row, j->count, j->probability, err) < 0)
        return -1;
    for (i = 0; i < j->count * outputs; i++)
        j->logit[i] = logit_of(j->probability[i], outputs);
    j->groups = field < 0 ? 0 : t->data->category[field].cardinality;
    for (i = 0; i < j->count; i++) {
        dataset_row(t->data, j->row[i], &row);
        j->label[i] = row.label;
        j->group[i] = field < 0 ? 0 : row.category[field];
    }
    return 0;
}

/* The value a category's number stands for. */
static const char *name_of(const struct trained *t, int field, size_t group)
{
    const struct tree *values =
        tree_get(tree_get(t->source, "values"), t->data->category[field].name);
    const struct tree *name = group > 0 ? tree_at(values, group - 1) : NULL;

    return name ? tree_text(name) : "(unknown)";
}

/* A part of the rows as a map: rows, positives, metrics. */
static struct tree *measure(const struct trained *t, const float *logit,
                            const float *label, size_t count, struct error *err)
{
    struct tree *map = tree_map();
    int64_t positives = 0;
    struct metrics m;
    size_t i;

    for (i = 0; i < count; i++)
        positives += label[i] > 0.5F;
    tree_set_int(map, "rows", (int64_t)count);
    if (t->inputs.classes == 2)
        tree_set_int(map, "positives", positives);
    if (metrics_compute(logit, t->model->loss.outputs, label, count, &m, err) <
        0) {
        tree_destroy(map);
        return NULL;
    }
    for (i = 0; i < METRIC_COUNT; i++)
        if (metrics_apply(i, t->inputs.classes))
            tree_set_float(map, metric_fields[i].name, metrics_get(&m, i));
    return map;
}

/* The rows of one category, copied together, measured. */
static struct tree *measure_group(const struct trained *t,
                                  const struct judged *j, int field,
                                  size_t group, struct error *err)
{
    size_t outputs = t->model->loss.outputs, count = 0, i;
    float *logit = calloc(j->count * outputs + 1, sizeof *logit);
    float *label = calloc(j->count + 1, sizeof *label);
    struct tree *map = NULL;

    for (i = 0; logit && label && i < j->count; i++) {
        if (j->group[i] != group)
            continue;
        memcpy(logit + count * outputs, j->logit + i * outputs,
               outputs * sizeof *logit);
        label[count++] = j->label[i];
    }
    if (!logit || !label)
        error_memory(err);
    else
        map = measure(t, logit, label, count, err);
    tree_set_string(map, "value", name_of(t, field, group));
    free(logit);
    free(label);
    return map;
}

/* {"all": ..., "field": ..., "categories": [...]}: only those with rows. */
static struct tree *results(const struct trained *t, const struct judged *j,
                            int field, struct error *err)
{
    struct tree *map = tree_map(), *list = tree_list();
    size_t *rows = calloc(j->groups + 1, sizeof *rows), i;

    for (i = 0; rows && j->groups > 0 && i < j->count; i++)
        rows[j->group[i]]++;
    tree_set(map, "all", measure(t, j->logit, j->label, j->count, err));
    for (i = 0; rows && i < j->groups; i++)
        if (rows[i] > 0)
            tree_append(list, measure_group(t, j, field, i, err));
    if (field >= 0)
        tree_set_string(map, "field", t->data->category[field].name);
    tree_set(map, "categories", list);
    free(rows);
    if (rows && tree_ok(map))
        return map;
    error_memory(err);
    tree_destroy(map);
    return NULL;
}

static void print_value(const struct tree *t)
{
    if (tree_kind(t) == TREE_INT)
        printf(" %10lld", (long long)tree_integer(t));
    else if (isnan(tree_number(t)))
        printf(" %10s", "-");
    else
        printf(" %10.4f", tree_number(t));
}

static void print_line(const char *name, const struct tree *map)
{
    char plain[25];
    size_t i;

    snprintf(plain, sizeof plain, "%s", name);
    text_make_plain(plain);
    printf("%-24s", plain);
    for (i = 0; i < tree_count(map); i++)
        if (strcmp(tree_key(map, i), "value") != 0)
            print_value(tree_at(map, i));
    putchar('\n');
}

static void print_table(const struct tree *map)
{
    const struct tree *all = tree_get(map, "all");
    const struct tree *list = tree_get(map, "categories");
    size_t i;

    printf("%-24s", tree_text(tree_get(map, "field")));
    for (i = 0; i < tree_count(all); i++)
        printf(" %10.10s", tree_key(all, i));
    putchar('\n');
    print_line("(all)", all);
    for (i = 0; i < tree_count(list); i++)
        print_line(tree_text(tree_get(tree_at(list, i), "value")),
                   tree_at(list, i));
}

static int evaluate(struct trained *t, int split, enum calibration_kind kind,
                    int field, bool json, struct error *err)
{
    struct judged j = { 0 };
    struct tree *map = NULL;
    struct text out = TEXT_INIT;

    if (judge(t, split, kind, field, &j, err) == 0)
        map = results(t, &j, field, err);
    if (map && json) {
        json_format_pretty(map, &out);
        fputs(text_get(&out), stdout);
    } else if (map) {
        print_table(map);
    }
    text_clear(&out);
    judged_clear(&j);
    tree_destroy(map);
    return map ? 0 : -1;
}

/* The category to break down by: as named, else the first, else none (-1). */
static int find_field(const struct trained *t, const char *by, int *field,
                      struct error *err)
{
    size_t i;

    *field = t->data->category_count > 0 ? 0 : -1;
    for (i = 0; by && i < t->data->category_count; i++)
        if (strcmp(t->data->category[i].name, by) == 0) {
            *field = (int)i;
            return 0;
        }
    return by ? error_usage(err, "the set has no category '%s'", by) : 0;
}

int use_evaluate(int argc, char **argv, struct error *err)
{
    const char *by = NULL;
    int split = -1, kind = CALIBRATION_PRIOR, format = 0, field, rc;
    int backend = 0;
    char **rest;
    struct trained t;
    const struct option_row rows[] = {
        { "split", 0, OPTION_CHOICE, &split, "all|train|validation|test",
          "which rows (default test, of a set without test rows validation)" },
        { "by", 0, OPTION_STRING, &by, "FIELD",
          "a line for each value of this category (default: the first one)" },
        { "calibrate", 0, OPTION_CHOICE, &kind, "none|prior|fit",
          "see predict (default prior)" },
        { "backend", 'b', OPTION_CHOICE, &backend, "cpu|cuda|plain",
          "what computes (default cpu)" },
        { "format", 0, OPTION_CHOICE, &format, "table|json", "" },
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options o = {
        .command = "sentei-train evaluate",
        .usage = "MODEL DATA [options]",
        .description = "Prints how good a trained model is on a packed set, in "
                       "all and for each value of a category.",
        .examples = "sentei-train evaluate runs/one build/data/listings\n"
                    "sentei-train evaluate runs/one new --split all --by "
                    "seller --format json\n",
        .rows = rows,
    };

    rc = use_arguments(&o, argc, argv, 2, &rest, err);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    rc = trained_open(&t, rest[0], rest[1], backend_names[backend], err);
    if (rc == 0)
        rc = find_field(&t, by, &field, err);
    if (rc == 0 && split < 0)
        split = 1 + (t.data->split_count[SPLIT_TEST] > 0 ? SPLIT_TEST
                                                         : SPLIT_VALIDATION);
    if (rc == 0)
        rc = evaluate(&t, split - 1, (enum calibration_kind)kind, field,
                      format == 1, err);
    trained_close(&t);
    return rc;
}
