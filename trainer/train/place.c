/* See place.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/train/place.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "trainer/checkpoint/checkpoint.h"
#include "trainer/train/helper.h"

static struct checkpoint whole_of(const struct training *t)
{
    return (struct checkpoint){ t->model, t->fold, t->fold_count, true,
                                t->digest };
}

/* Numbers are kept in hexadecimal: they come back bit for bit. */
static void set_double(struct tree *map, const char *key, double value)
{
    char text[40];

    snprintf(text, sizeof text, "%a", value);
    tree_set_string(map, key, text);
}

static double get_double(const struct tree *map, const char *key)
{
    return strtod(tree_text(tree_get(map, key)), NULL);
}

static void set_int(struct tree *map, const char *key, int64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, value);
    tree_set_string(map, key, text);
}

static int get_int(const struct tree *map, const char *key, int64_t *value,
                   struct error *err)
{
    if (text_to_int(tree_text(tree_get(map, key)), value) == 0 && *value >= 0)
        return 0;
    return error_set(err, "the checkpoint does not say its '%s'", key);
}

static void loss_key(char *key, size_t size, size_t fold)
{
    snprintf(key, size, "fold%zu.loss", fold);
}

/* A tree as JSON under 'key'. */
static void set_json(struct tree *map, const char *key, const struct tree *t)
{
    struct text text = TEXT_INIT;

    json_format(t, &text);
    tree_set_text(map, key, &text);
}

static void set_report(struct tree *map, const char *key,
                       const struct report *r)
{
    struct tree *t = report_to_tree(r);

    set_json(map, key, t);
    tree_destroy(t);
}

static void set_weights(struct tree *map, size_t fold, const char *what,
                        const double *weight, size_t count)
{
    struct text text = TEXT_INIT;
    char key[32];
    size_t i;

    snprintf(key, sizeof key, "fold%zu.%s", fold, what);
    for (i = 0; i < count; i++)
        text_format(&text, " %a", weight[i]);
    tree_set_text(map, key, &text);
}

static int get_weights(const struct tree *map, size_t fold, const char *what,
                       double *weight, size_t count, struct error *err)
{
    const char *at;
    char key[32], *end;
    size_t i;

    snprintf(key, sizeof key, "fold%zu.%s", fold, what);
    at = tree_text(tree_get(map, key));
    for (i = 0; i < count; i++, at = end) {
        weight[i] = strtod(at, &end);
        if (end == at || !(weight[i] > 0))
            return error_set(err, "the checkpoint does not say its '%s'", key);
    }
    return 0;
}

/* What each fold has come to, and what a helper is to be asked for again: to go
 * on with. */
static void put_folds(const struct training *t, struct tree *map)
{
    char key[32];
    size_t k;

    for (k = 0; k < t->fold_count; k++) {
        const struct feedback *f = &t->fold[k].feedback;

        loss_key(key, sizeof key, k);
        set_double(map, key, t->fold[k].loss);
        if (t->config->feedback.strength <= 0)
            continue;
        set_weights(map, k, "weights", f->now, f->count);
        set_weights(map, k, "next_weights", f->next, f->count);
        if (t->config->helpers > 0)
            set_weights(map, k, "learned_weights", f->learned, f->count);
    }
    if (t->helper && t->helper->owed)
        set_report(map, "owed", &t->helper->order.report);
}

static struct tree *to_tree(const struct training *t)
{
    struct tree *map = tree_map();

    set_int(map, "epoch", t->epoch);
    set_int(map, "turn", (int64_t)t->turn);
    set_int(map, "step", (int64_t)t->step);
    set_double(map, "best", t->best);
    set_report(map, "report", &t->report);
    return map;
}

/* What it takes to use the weights elsewhere: the configuration, the fields of
 * the data, the values of its categories. */
static void describe(const struct training *t, struct tree *map)
{
    const struct tree *data = t->data->json;

    set_json(map, "config", t->config->source);
    set_json(map, "fields", tree_get(data, "fields"));
    set_json(map, "source", tree_get(data, "source"));
}

static int report_of(const struct tree *map, const char *key, struct report *r,
                     struct error *err)
{
    const char *text = tree_text(tree_get(map, key));
    struct tree *tree = json_parse(text, strlen(text), key, err);
    int rc = tree ? report_from_tree(tree, r, err) : -1;

    tree_destroy(tree);
    return rc;
}

/* A report that a helper was to complete, and is to be asked for again. */
static int owed_of(struct training *t, const struct tree *map,
                   struct error *err)
{
    if (!t->helper || !tree_get(map, "owed"))
        return 0;
    t->helper->owed = true;
    return report_of(map, "owed", &t->helper->order.report, err);
}

static int from_tree(struct training *t, const struct tree *map,
                     struct error *err)
{
    int64_t turn, step;
    char key[32];
    size_t k;

    if (get_int(map, "epoch", &t->epoch, err) < 0 ||
        get_int(map, "turn", &turn, err) < 0 ||
        get_int(map, "step", &step, err) < 0 ||
        report_of(map, "report", &t->report, err) < 0)
        return -1;
    t->turn = (size_t)turn;
    t->step = (size_t)step;
    t->best = get_double(map, "best");
    if (t->turn > t->fold_count)
        return error_set(err, "the checkpoint has another number of folds");
    for (k = 0; k < t->fold_count; k++) {
        loss_key(key, sizeof key, k);
        t->fold[k].loss = get_double(map, key);
        if (t->config->feedback.strength > 0) {
            struct feedback *f = &t->fold[k].feedback;

            if (get_weights(map, k, "weights", f->now, f->count, err) < 0 ||
                get_weights(map, k, "next_weights", f->next, f->count, err) < 0)
                return -1;
            if (t->config->helpers > 0 &&
                get_weights(map, k, "learned_weights", f->learned, f->count,
                            err) < 0)
                return -1;
        }
    }
    return owed_of(t, map, err);
}

static int save(struct training *t, const struct checkpoint *c,
                const char *name, struct error *err)
{
    struct tree *map;
    char *path;
    int rc = -1;

    if (!t->folder || t->comm->rank != 0)
        return 0;
    map = to_tree(t);
    if (c->whole)
        put_folds(t, map);
    else
        describe(t, map);
    path = file_join(t->folder, name);
    if (path && tree_ok(map))
        rc = checkpoint_save(c, path, map, err);
    else
        error_memory(err);
    free(path);
    tree_destroy(map);
    return rc;
}

int place_save(struct training *t, struct error *err)
{
    struct checkpoint c = whole_of(t);

    return save(t, &c, "checkpoint.safetensors", err);
}

int place_save_best(struct training *t, struct error *err)
{
    struct checkpoint c = whole_of(t);

    c.whole = false;
    return save(t, &c, "best.safetensors", err);
}

/* Go on from the checkpoint in 'folder' (NULL: none). Returns 1, 0 when it has
 * none, or -1 with 'err'. */
static int load(struct training *t, const char *folder, struct error *err)
{
    struct checkpoint c = whole_of(t);
    struct tree *map = NULL;
    uint8_t there;
    char *path;
    int rc;

    if (!folder)
        return 0;
    path = file_join(folder, "checkpoint.safetensors");
    if (!path)
        return error_memory(err);
    there = file_exists(path);
    comm_broadcast(t->comm, &there, sizeof there);
    rc = there ? checkpoint_load(&c, path, &map, err) : 0;
    if (there && rc == 0 && from_tree(t, map, err) < 0)
        rc = error_where(err, "%s", path);
    tree_destroy(map);
    free(path);
    return rc < 0 ? -1 : there;
}

int place_load(struct training *t, struct error *err)
{
    int rc = load(t, t->folder, err);

    return rc == 0 ? load(t, t->parent, err) : rc;
}
