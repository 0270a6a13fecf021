/* freeze: the copy of the study file that a run keeps, and what may change in
 * it when the run goes on.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "launcher/study/study.h"

/* The key of 'map' that the other lacks, or whose value differs; NULL when
 * there is none. */
static const char *differing_key(const struct tree *map,
                                 const struct tree *other)
{
    for (size_t i = 0; i < tree_count(map); i++) {
        const char *key = tree_key(map, i);

        if (!tree_equal(tree_at(map, i), tree_get(other, key)))
            return key;
    }
    return NULL;
}

/* Append where two unequal trees first differ: "config.epochs: was 6, is 30";
 * 'why' holds the path so far. */
static void append_difference(const struct tree *was, const struct tree *is,
                              struct text *why)
{
    const char *key = NULL;

    if (tree_kind(was) == TREE_MAP && tree_kind(is) == TREE_MAP) {
        key = differing_key(is, was);
        key = key ? key : differing_key(was, is);
    }
    if (key) {
        text_format(why, ".%s", key);
        append_difference(tree_get(was, key), tree_get(is, key), why);
        return;
    }
    text_append(why, ": was ");
    json_format(was, why);
    text_append(why, ", is ");
    json_format(is, why);
}

static void describe_objective(const struct objective *o, struct text *out)
{
    text_format(out, "%s %s (%s)", o->maximize ? "maximize" : "minimize",
                o->metric, trial_value_names[o->value]);
}

static bool objectives_differ(const struct study *was, const struct study *is,
                              struct text *why)
{
    if (was->objective_count != is->objective_count) {
        text_format(why, "objective: there were %zu, there are %zu",
                    was->objective_count, is->objective_count);
        return true;
    }
    for (size_t i = 0; i < is->objective_count; i++) {
        const struct objective *a = &was->objectives[i];
        const struct objective *b = &is->objectives[i];

        if (strcmp(a->metric, b->metric) == 0 && a->maximize == b->maximize &&
            a->value == b->value)
            continue;
        text_append(why, "objective: was ");
        describe_objective(a, why);
        text_append(why, ", is ");
        describe_objective(b, why);
        return true;
    }
    return false;
}

static bool trainers_differ(const struct study *was, const struct study *is,
                            struct text *why)
{
    const struct tree *before = tree_get(was->source, "trainer");
    const struct tree *now = tree_get(is->source, "trainer");

    if (tree_equal(before, now))
        return false;
    text_append(why, "trainer");
    append_difference(before, now, why);
    return true;
}

static bool space_changed(const struct study *was, const struct study *is,
                          struct text *why)
{
    struct text detail = TEXT_INIT;
    bool differ = space_differs(&was->space, &is->space, &detail);

    if (differ)
        text_format(why, "space: %s", text_get(&detail));
    text_clear(&detail);
    return differ;
}

/* Whether a run of 'was' can go on as 's'; -1 with 'err' when not. */
static int check_same(const struct study *was, const struct study *s,
                      const char *folder, struct error *err)
{
    struct text why = TEXT_INIT;
    int status = 0;

    if (space_changed(was, s, &why) || objectives_differ(was, s, &why) ||
        trainers_differ(was, s, &why)) {
        error_usage(err, "'%s' was begun with another study: %s", folder,
                    text_get(&why));
        error_where(err, "%s", s->file);
        status = error_hint(err,
                            "give the study another name, put the old value "
                            "back, or move '%s' away to start afresh",
                            folder);
    }
    text_clear(&why);
    return status;
}

/* 1 when the frozen file holds these very bytes, 0 when it may be replaced by
 * them, -1 with 'err' when not. */
static int compare(const struct study *s, const char *path, const char *folder,
                   struct error *err)
{
    struct study *was;
    int status;

    was = study_read(path, err);
    if (!was)
        return error_prefix(err, "the study frozen in '%s'", folder);
    status = check_same(was, s, folder, err);
    if (status == 0 && was->text_size == s->text_size &&
        memcmp(was->text, s->text, s->text_size) == 0)
        status = 1;
    study_destroy(was);
    return status;
}

int study_freeze(const struct study *s, const char *folder, struct error *err)
{
    char *path = file_join(folder, "study.yaml");
    int status = -1, same = 0;

    if (!path) {
        error_memory(err);
        goto out;
    }
    if (file_make_folder(folder, err))
        goto out;
    if (file_exists(path) && (same = compare(s, path, folder, err)) < 0)
        goto out;
    if (!same && file_write(path, s->text, s->text_size, 0644, err))
        goto out;
    status = 0;
out:
    free(path);
    return status;
}
