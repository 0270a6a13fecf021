/* journal: Optuna's journal, one operation a line, played from its beginning.
 *
 * Format: Optuna 5.0, optuna/storages/journal/_storage.py. What is no operation
 * on a study or trial that is there changes nothing, as there.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "launcher/optuna/studies.h"

/* JournalOperation and TrialState of Optuna. */
enum {
    CREATE_STUDY = 0,
    DELETE_STUDY = 1,
    CREATE_TRIAL = 4,
    SET_TRIAL_PARAM = 5,
    SET_TRIAL_STATE_VALUES = 6,
    SET_TRIAL_INTERMEDIATE_VALUE = 7,
    SET_TRIAL_USER_ATTR = 8
};
enum { COMPLETE = 1, PRUNED = 2, FAIL = 3 };

/* Studies and trials have numbers in the order of their beginning; a deleted
 * study keeps its place, marked as such. */
struct journal {
    struct tree *studies;
    struct tree **trials; /* borrowed from the studies */
    size_t count, capacity;
};

/* ---- lines ---------------------------------------------------------------- */

/* Append a line with the numbers that Python writes and JSON has not (NaN,
 * Infinity) as the words that stand for them here. */
static void mend_numbers(const char *line, size_t size, struct text *out)
{
    static const char *const words[][2] = { { "NaN", "\"nan\"" },
                                            { "-Infinity", "\"-inf\"" },
                                            { "Infinity", "\"inf\"" } };
    bool inside = false;

    for (size_t i = 0, step; i < size; i += step) {
        step = inside && line[i] == '\\' && i + 1 < size ? 2 : 1;
        inside = inside != (line[i] == '"');
        for (size_t w = 0; !inside && w < sizeof words / sizeof *words; w++) {
            size_t length = strlen(words[w][0]);

            if (length > size - i || memcmp(line + i, words[w][0], length) != 0)
                continue;
            text_append(out, words[w][1]);
            i += length;
            step = 0;
            break;
        }
        text_append_bytes(out, line + i, step);
    }
}

static struct tree *read_line(const char *line, size_t size, const char *name,
                              struct error *err)
{
    struct text mended = TEXT_INIT;
    struct tree *operation = NULL;

    mend_numbers(line, size, &mended);
    if (mended.failed)
        error_memory(err);
    else
        operation = json_parse(text_get(&mended), mended.size, name, err);
    text_clear(&mended);
    return operation;
}

/* ---- studies -------------------------------------------------------------- */

static struct tree *find_study(const struct journal *j, const struct tree *line)
{
    const struct tree *id = tree_get(line, "study_id");
    struct tree *study = tree_is_number(id) && tree_integer(id) >= 0
                             ? tree_at(j->studies, (size_t)tree_integer(id))
                             : NULL;

    return tree_kind(study) == TREE_MAP ? study : NULL;
}

/* Whether a study is called so. */
static bool has_study(const struct journal *j, const char *name)
{
    for (size_t i = 0; i < tree_count(j->studies); i++) {
        const struct tree *study = tree_at(j->studies, i);

        if (strcmp(tree_text(tree_get(study, "name")), name) == 0 &&
            !tree_truth(tree_get(study, "deleted")))
            return true;
    }
    return false;
}

static void create_study(struct journal *j, const struct tree *line)
{
    const struct tree *given = tree_get(line, "directions");
    const char *name = tree_text(tree_get(line, "study_name"));
    struct tree *study, *directions;

    if (has_study(j, name))
        return;
    study = tree_map();
    directions = tree_list();

    for (size_t i = 0; i < tree_count(given); i++)
        tree_append(directions, tree_string(tree_integer(tree_at(given, i)) == 2
                                                ? "maximize"
                                                : "minimize"));
    tree_set_string(study, "name", name);
    tree_set(study, "directions", directions);
    tree_set(study, "trials", tree_list());
    tree_append(j->studies, study);
}

/* Its trials stay where they are, seen by nobody. */
static void delete_study(struct journal *j, const struct tree *line)
{
    struct tree *study = find_study(j, line);

    if (study)
        tree_set_bool(study, "deleted", true);
}

/* ---- trials --------------------------------------------------------------- */

static const char *state_name(int64_t state)
{
    return state == COMPLETE ? "complete"
           : state == PRUNED ? "pruned"
           : state == FAIL   ? "failed"
                             : "other";
}

static void set_values(struct tree *trial, const struct tree *line)
{
    const struct tree *values = tree_get(line, "values");
    const struct tree *value = tree_get(line, "value");
    struct tree *one;

    if (tree_kind(values) == TREE_LIST) {
        tree_set(trial, "values", tree_copy(values));
    } else if (value && tree_kind(value) != TREE_NULL) {
        one = tree_list();
        tree_append(one, tree_copy(value));
        tree_set(trial, "values", one);
    }
}

static void set_attributes(struct tree *trial, const struct tree *attributes)
{
    for (size_t i = 0; i < tree_count(attributes); i++)
        tree_set(tree_get(trial, "attributes"), tree_key(attributes, i),
                 tree_copy(tree_at(attributes, i)));
}

/* What the line that creates a trial says of it already. */
static void fill_trial(struct tree *trial, const struct tree *line)
{
    const struct tree *params = tree_get(line, "params");
    const struct tree *steps = tree_get(line, "intermediate_values");

    for (size_t i = 0; i < tree_count(params); i++)
        studies_set_param(trial, tree_key(params, i),
                          tree_number(tree_at(params, i)),
                          tree_text(tree_get(tree_get(line, "distributions"),
                                             tree_key(params, i))));
    for (size_t i = 0; i < tree_count(steps); i++)
        studies_add_step(trial, strtoll(tree_key(steps, i), NULL, 10),
                         tree_number(tree_at(steps, i)));
    set_values(trial, line);
    set_attributes(trial, tree_get(line, "user_attrs"));
    if (tree_get(line, "state"))
        tree_set_string(trial, "state",
                        state_name(tree_integer(tree_get(line, "state"))));
}

static int create_trial(struct journal *j, const struct tree *line,
                        struct error *err)
{
    struct tree *study = find_study(j, line), *trial;

    if (!study || tree_truth(tree_get(study, "deleted")))
        return 0;
    if (j->count == j->capacity) {
        size_t capacity = 2 * j->capacity + 64;
        struct tree **trials = realloc(j->trials, capacity * sizeof(void *));

        if (!trials)
            return error_memory(err);
        j->trials = trials;
        j->capacity = capacity;
    }
    trial = studies_trial();
    fill_trial(trial, line);
    if (tree_append(tree_get(study, "trials"), trial) < 0)
        return error_memory(err);
    j->trials[j->count++] = trial;
    return 0;
}

/* The trial of a line, unless it has ended. */
static struct tree *find_trial(const struct journal *j, const struct tree *line)
{
    const struct tree *id = tree_get(line, "trial_id");
    size_t at = tree_is_number(id) && tree_integer(id) >= 0
                    ? (size_t)tree_integer(id)
                    : j->count;
    struct tree *trial = at < j->count ? j->trials[at] : NULL;
    const char *state = tree_text(tree_get(trial, "state"));

    return strcmp(state, "other") == 0 ? trial : NULL;
}

static void change_trial(struct journal *j, const struct tree *line,
                         int64_t operation)
{
    struct tree *trial = find_trial(j, line);

    if (!trial)
        return;
    if (operation == SET_TRIAL_PARAM) {
        studies_set_param(trial, tree_text(tree_get(line, "param_name")),
                          tree_number(tree_get(line, "param_value_internal")),
                          tree_text(tree_get(line, "distribution")));
    } else if (operation == SET_TRIAL_INTERMEDIATE_VALUE) {
        studies_add_step(trial, tree_integer(tree_get(line, "step")),
                         tree_number(tree_get(line, "intermediate_value")));
    } else if (operation == SET_TRIAL_USER_ATTR) {
        set_attributes(trial, tree_get(line, "user_attr"));
    } else if (operation == SET_TRIAL_STATE_VALUES) {
        set_values(trial, line);
        tree_set_string(trial, "state",
                        state_name(tree_integer(tree_get(line, "state"))));
    }
}

/* ---- the whole ------------------------------------------------------------ */

static int play(struct journal *j, const struct tree *line, struct error *err)
{
    const struct tree *code = tree_get(line, "op_code");
    int64_t operation = tree_is_number(code) ? tree_integer(code) : -1;

    switch (operation) {
    case CREATE_STUDY:
        create_study(j, line);
        return 0;
    case DELETE_STUDY:
        delete_study(j, line);
        return 0;
    case CREATE_TRIAL:
        return create_trial(j, line, err);
    default:
        change_trial(j, line, operation);
        return 0;
    }
}

/* A last line without an end is one that is being written. */
struct tree *studies_of_journal(const char *path, char *data, size_t size,
                                struct error *err)
{
    struct journal j = { .studies = tree_list() };
    size_t number = 0;
    int rc = 0;

    for (char *line = data, *end;
         rc == 0 && (end = memchr(line, '\n', (size_t)(data + size - line)));
         line = end + 1) {
        struct tree *operation;
        char name[600];

        snprintf(name, sizeof name, "%.500s, line %zu", path, ++number);
        operation = read_line(line, (size_t)(end - line), name, err);
        rc = operation ? play(&j, operation, err) : -1;
        tree_destroy(operation);
    }
    free(j.trials);
    if (rc == 0 && !tree_ok(j.studies))
        rc = error_memory(err);
    if (rc == 0)
        return j.studies;
    tree_destroy(j.studies);
    return NULL;
}
