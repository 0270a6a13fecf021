/* read: see read.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/optuna/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/report.h"
#include "base/text.h"
#include "launcher/optuna/studies.h"

enum { FILE_MAX_BYTES = 1 << 30, LOOK_BYTES = 64 };

static const char database[] = "SQLite format 3", journal[] = "{\"op_code\"";

/* ---- which study ---------------------------------------------------------- */

/* The file that 'from' names; '*study' is what stands behind it, or "". The
 * caller frees; NULL when there is no such file, or no memory. */
static char *find_file(const char *from, const char **study)
{
    const char *mark = strrchr(from, '#');
    char *file = text_copy(from);

    *study = "";
    if (!file || file_exists(file))
        return file;
    if (mark) {
        file[mark - from] = '\0';
        *study = mark + 1;
    }
    if (mark && file_exists(file))
        return file;
    free(file);
    return NULL;
}

/* Whether a file begins so. */
static bool begins(const char *file, const char *with)
{
    char start[LOOK_BYTES] = "";
    FILE *in = fopen(file, "rb");
    size_t size = in ? fread(start, 1, sizeof start, in) : 0;

    if (in)
        fclose(in);
    return size >= strlen(with) && memcmp(start, with, strlen(with)) == 0;
}

bool optuna_is(const char *from)
{
    const char *study;
    char *file = find_file(from, &study);
    bool is = file && (begins(file, database) || begins(file, journal));

    free(file);
    return is;
}

static struct tree *read_studies(const char *file, struct error *err)
{
    struct tree *studies = NULL;
    char *data = NULL;
    size_t size;

    if (begins(file, database))
        return studies_of_database(file, err);
    if (file_read_named(file, FILE_MAX_BYTES, &data, &size, err) == 0)
        studies = studies_of_journal(file, data, size, err);
    free(data);
    return studies;
}

/* The study with this name, or the only one; NULL with 'err', which names those
 * there are. */
static const struct tree *choose(const struct tree *studies, const char *file,
                                 const char *name, struct error *err)
{
    const struct tree *chosen = NULL;
    struct text names = TEXT_INIT;
    size_t count = 0;

    for (size_t i = 0; i < tree_count(studies); i++) {
        const struct tree *study = tree_at(studies, i);
        const char *its = tree_text(tree_get(study, "name"));

        if (tree_truth(tree_get(study, "deleted")))
            continue;
        text_format(&names, "%s'%s'", names.size > 0 ? ", " : "", its);
        if (*name && strcmp(its, name) != 0)
            continue;
        chosen = study;
        count++;
    }
    if (count != 1) {
        if (*name)
            error_usage(err, "'%s' has no study '%s'", file, name);
        else
            error_usage(err, "'%s' has %zu studies", file, count);
        error_hint(err, "there are: %s; name one: %s#NAME",
                   names.size > 0 ? text_get(&names) : "none", file);
    }
    text_clear(&names);
    return count == 1 ? chosen : NULL;
}

/* ---- a trial as the API shows it ------------------------------------------ */

static int check_directions(const struct tree *study,
                            const struct tree *objectives, struct error *err)
{
    const struct tree *theirs = tree_get(study, "directions");
    const char *name = tree_text(tree_get(study, "name"));

    if (tree_count(theirs) != tree_count(objectives))
        return error_usage(err, "'%s' has %zu objectives, this study %zu", name,
                           tree_count(theirs), tree_count(objectives));
    for (size_t i = 0; i < tree_count(theirs); i++) {
        const struct tree *mine = tree_at(objectives, i);
        const char *direction = tree_text(tree_get(mine, "direction"));

        if (strcmp(tree_text(tree_at(theirs, i)), direction) != 0)
            return error_usage(err,
                               "'%s' is to %s what this study is to %s, %s",
                               name, tree_text(tree_at(theirs, i)), direction,
                               tree_text(tree_get(mine, "metric")));
    }
    return 0;
}

static const char *metric_of(const struct tree *objectives, size_t i)
{
    return tree_text(tree_get(tree_at(objectives, i), "metric"));
}

/* Add a point with one metric to a curve; returns its metrics. */
static struct tree *add_point(struct tree *curve, int64_t step,
                              const char *metric, double value)
{
    struct tree *point = tree_map(), *metrics = tree_map();

    tree_set_int(point, "step", step);
    tree_set_float(metrics, metric, value);
    tree_set(point, "metrics", metrics);
    tree_append(curve, point);
    return metrics;
}

/* The point that has the trial's values, made where there is none. */
static struct tree *find_valued(struct tree *curve, const struct tree *trial,
                                const char *metric)
{
    const struct tree *steps = tree_get(trial, "steps");
    const struct tree *values = tree_get(trial, "values");
    double value = tree_number(tree_at(values, 0));
    int64_t last = 0;

    for (size_t i = tree_count(steps); i-- > 0;) {
        int64_t step = tree_integer(tree_at(tree_at(steps, i), 0));

        last = step > last ? step : last;
        if (tree_number(tree_at(tree_at(steps, i), 1)) == value)
            return tree_get(tree_at(curve, i), "metrics");
    }
    if (tree_count(values) > 0)
        return add_point(curve, last + 1, metric, value);
    return tree_get(tree_at(curve, tree_count(curve) - 1), "metrics");
}

static struct tree *curve_of(const struct tree *trial,
                             const struct tree *objectives)
{
    const struct tree *steps = tree_get(trial, "steps");
    const struct tree *values = tree_get(trial, "values");
    const struct tree *attributes = tree_get(trial, "attributes");
    struct tree *curve = tree_list(), *metrics;

    for (size_t i = 0; i < tree_count(steps); i++)
        add_point(curve, tree_integer(tree_at(tree_at(steps, i), 0)),
                  metric_of(objectives, 0),
                  tree_number(tree_at(tree_at(steps, i), 1)));
    metrics = find_valued(curve, trial, metric_of(objectives, 0));
    for (size_t i = 0; metrics && i < tree_count(attributes) &&
                       tree_count(metrics) < REPORT_MAX_METRICS / 2;
         i++)
        if (tree_is_number(tree_at(attributes, i)) &&
            report_name_ok(tree_key(attributes, i)) &&
            !tree_get(metrics, tree_key(attributes, i)))
            tree_set(metrics, tree_key(attributes, i),
                     tree_copy(tree_at(attributes, i)));
    for (size_t i = 1; metrics && i < tree_count(values); i++)
        tree_set_float(metrics, metric_of(objectives, i),
                       tree_number(tree_at(values, i)));
    return curve;
}

struct tree *optuna_read(const char *from, const struct tree *objectives,
                         struct error *err)
{
    struct tree *studies = NULL, *list = NULL;
    const struct tree *study, *trials;
    const char *name;
    char *file = find_file(from, &name);

    if (!file) {
        error_usage(err, "there is no file '%s'", from);
        return NULL;
    }
    if (!(studies = read_studies(file, err)) ||
        !(study = choose(studies, file, name, err)) ||
        check_directions(study, objectives, err) < 0)
        goto out;
    list = tree_list();
    trials = tree_get(study, "trials");
    for (size_t i = 0; i < tree_count(trials); i++) {
        const struct tree *theirs = tree_at(trials, i);
        struct tree *trial = tree_map();

        tree_set_int(trial, "trial", (int64_t)i);
        tree_set(trial, "state", tree_copy(tree_get(theirs, "state")));
        tree_set(trial, "params", tree_copy(tree_get(theirs, "params")));
        tree_set(trial, "curve", curve_of(theirs, objectives));
        tree_append(list, trial);
    }
    if (!tree_ok(list)) {
        error_memory(err);
        tree_destroy(list);
        list = NULL;
    }
out:
    tree_destroy(studies);
    free(file);
    return list;
}
