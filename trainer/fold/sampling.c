/* See sampling.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/fold/sampling.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "trainer/data/duplicates.h"

#define BY_LABEL "label"

static bool by_label(const struct sampling_options *o)
{
    return strcmp(o->by, BY_LABEL) == 0;
}

/* The category field that is meant, or -1 with 'err'. */
static int find_field(const struct sampling_options *o,
                      const struct dataset *data, struct error *err)
{
    const char **names = calloc(data->category_count + 1, sizeof *names);
    size_t i, found;
    const char *near;

    if (!names)
        return error_memory(err);
    for (i = 0; i < data->category_count; i++)
        names[i] = data->category[i].name;
    for (found = 0; found < data->category_count; found++)
        if (strcmp(names[found], o->by) == 0)
            break;
    if (found == data->category_count) {
        near = text_nearest(o->by, names, data->category_count);
        error_usage(err, "batch.by: data set '%s' has no category '%s'",
                    data->name, o->by);
        if (near)
            error_hint(err, "did you mean '%s'?", near);
        else
            error_hint(err, "'sentei-data show' lists the fields; '" BY_LABEL
                            "' is the label");
    }
    free(names);
    return found < data->category_count ? (int)found : -1;
}

/* --- weights by name --------------------------------------------------------- */

static int weigh_value(const struct tree *values, const char *name,
                       double weight, double *out, struct error *err)
{
    size_t i;

    for (i = 0; i < tree_count(values); i++)
        if (strcmp(tree_text(tree_at(values, i)), name) == 0) {
            out[i + 1] = weight; /* 0 is "unknown" */
            return 0;
        }
    error_usage(err, "batch.weights: no value '%s' has a number", name);
    return error_hint(err, "values are as in the packed table; a rare one is "
                           "'unknown', see min_count");
}

/* The weight of each value of a field. The caller frees; NULL with 'err'. */
static double *read_weights(const struct config *c, const struct dataset *data,
                            size_t field, struct error *err)
{
    const struct tree *given = c->sampling.weights;
    size_t count = data->category[field].cardinality, i;
    struct tree *values =
        dataset_values(c->data, data->category[field].name, err);
    double *weight = values ? calloc(count + 1, sizeof *weight) : NULL;
    int rc = weight ? 0 : values ? error_memory(err) : -1;

    for (i = 0; weight && i < count; i++)
        weight[i] = 1;
    for (i = 0; i < tree_count(given) && rc == 0; i++)
        rc = weigh_value(values, tree_key(given, i),
                         tree_number(tree_at(given, i)), weight, err);
    tree_destroy(values);
    if (rc == 0)
        return weight;
    free(weight);
    return NULL;
}

/* --- checking and making ----------------------------------------------------- */

int sampling_check(const struct config *c, const struct dataset *data,
                   struct error *err)
{
    const struct sampling_options *o = &c->sampling;
    double *weight;
    int field;

    if (data->classes > 2 && o->schedule.kind != SCHEDULE_NATURAL) {
        error_usage(err, "batch.schedule: data set '%s' has %u classes",
                    data->name, data->classes);
        return error_hint(err, "a share of positives is for two; say natural, "
                               "or sampler: class_aware");
    }
    if (o->distinct && data->image_height == 0) {
        error_usage(err, "batch.distinct: data set '%s' has no pictures",
                    data->name);
        return error_hint(err, "say false");
    }
    if (o->kind == SAMPLER_WEIGHTED && by_label(o)) {
        error_usage(err,
                    "batch.sampler: weighted needs a category in batch.by");
        return error_hint(err, "the share of positives is set by "
                               "batch.schedule");
    }
    if (by_label(o))
        return 0;
    field = find_field(o, data, err);
    if (field < 0 || !o->weights)
        return field < 0 ? -1 : 0;
    weight = read_weights(c, data, (size_t)field, err);
    free(weight);
    return weight ? 0 : -1;
}

static uint32_t *categories_of(const struct dataset *data, size_t field,
                               const uint32_t *row, size_t count)
{
    uint32_t *category = calloc(count + 1, sizeof *category);
    struct row r;
    size_t i;

    if (!category)
        return NULL;
    for (i = 0; i < count; i++) {
        dataset_row(data, row[i], &r);
        category[i] = r.category[field];
    }
    return category;
}

/* The group of near-duplicates of each row, or NULL with 'err'. */
static uint32_t *groups_of(const struct config *c, const struct dataset *data,
                           const uint32_t *row, size_t count, size_t *groups,
                           struct error *err)
{
    uint64_t *hash = calloc(count + 1, sizeof *hash);
    uint32_t *group = calloc(count + 1, sizeof *group);
    struct row r;
    size_t i;
    int rc = hash && group ? 0 : error_memory(err);

    for (i = 0; i < count && rc == 0; i++) {
        dataset_row(data, row[i], &r);
        hash[i] = r.hash;
    }
    if (rc == 0)
        rc = duplicates_group(hash, count, (int)c->sampling.distance, group,
                              groups, err);
    free(hash);
    if (rc == 0)
        return group;
    free(group);
    return NULL;
}

static int init_by_category(struct sampler *s, const struct config *c,
                            const struct dataset *data,
                            const struct sampler_options *o,
                            struct sampler_rows *rows, struct error *err)
{
    int found = find_field(&c->sampling, data, err), rc;
    uint32_t *category;

    if (found < 0)
        return -1;
    category = categories_of(data, (size_t)found, rows->row, rows->count);
    if (!category)
        return error_memory(err);
    rows->category = category;
    rows->categories = data->category[found].cardinality;
    rc = sampler_init(s, o, rows, err);
    free(category);
    return rc;
}

static int give_weights(struct sampler *s, const struct config *c,
                        const struct dataset *data, struct error *err)
{
    int field = find_field(&c->sampling, data, err);
    double *weight =
        field < 0 ? NULL : read_weights(c, data, (size_t)field, err);

    if (!weight)
        return -1;
    sampler_weigh(s, weight);
    free(weight);
    return 0;
}

int sampling_init(struct sampler *s, const struct config *c,
                  const struct dataset *data, const uint32_t *row,
                  const float *label, size_t count, size_t number,
                  struct error *err)
{
    const struct sampling_options *wanted = &c->sampling;
    const struct sampler_options o = { .kind = wanted->kind,
                                       .schedule = wanted->schedule,
                                       .distinct = wanted->distinct,
                                       .batch = (size_t)c->batch_size,
                                       .seed = (uint64_t)c->seed,
                                       .stream = number };
    struct sampler_rows rows = { .count = count, .row = row, .label = label };
    uint32_t *group = NULL;
    int rc;

    if (wanted->distinct) {
        group = groups_of(c, data, row, count, &rows.groups, err);
        if (!group)
            return -1;
        rows.group = group;
    }
    rc = by_label(wanted) ? sampler_init(s, &o, &rows, err)
                          : init_by_category(s, c, data, &o, &rows, err);
    free(group);
    if (rc == 0 && wanted->weights)
        rc = give_weights(s, c, data, err);
    return rc;
}
