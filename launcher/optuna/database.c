/* database: Optuna's tables in SQLite.
 *
 * Format: Optuna 5.0, optuna/storages/_rdb/models.py; these tables and columns
 * are there since 3.0.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "launcher/optuna/studies.h"
#include "launcher/store/sql.h"

/* Called with each row of an answer. */
typedef void row_fn(struct tree *to, struct sql_rows *rows);

/* Ask 'question' about 'id', and put what is answered into 'to'. */
static int ask(struct sql *db, const char *question, int64_t id, row_fn *take,
               struct tree *to, struct error *err)
{
    const struct sql_value values[] = { sql_int(id) };
    struct sql_rows *rows = sql_ask(db, question, values, 1, err);
    int more = rows ? sql_next(rows, err) : -1;

    for (; more > 0; more = sql_next(rows, err))
        take(to, rows);
    sql_end(rows);
    return more;
}

/* A column, "" where it is NULL. */
static const char *text_of(struct sql_rows *rows, int column)
{
    const char *text = sql_get_text(rows, column);

    return text ? text : "";
}

/* A number and what kind of one: FINITE, INF_POS, INF_NEG or NAN. */
static double number_of(struct sql_rows *rows, int column)
{
    const char *kind = text_of(rows, column + 1);

    return strcmp(kind, "INF_POS") == 0   ? INFINITY
           : strcmp(kind, "INF_NEG") == 0 ? -INFINITY
           : strcmp(kind, "NAN") == 0     ? NAN
                                          : sql_get_real(rows, column);
}

/* ---- trials --------------------------------------------------------------- */

static void take_param(struct tree *trial, struct sql_rows *rows)
{
    char *name = text_copy(text_of(rows, 0));

    if (name)
        studies_set_param(trial, name, sql_get_real(rows, 1), text_of(rows, 2));
    free(name);
}

static void take_value(struct tree *trial, struct sql_rows *rows)
{
    tree_append(tree_get(trial, "values"), tree_float(number_of(rows, 0)));
}

static void take_step(struct tree *trial, struct sql_rows *rows)
{
    studies_add_step(trial, sql_get_int(rows, 0), number_of(rows, 1));
}

static void take_attribute(struct tree *trial, struct sql_rows *rows)
{
    const char *json = text_of(rows, 1);
    struct tree *value = json_parse(json, strlen(json), "attribute", NULL);

    if (value)
        tree_set(tree_get(trial, "attributes"), text_of(rows, 0), value);
}

static int read_parts(struct sql *db, struct tree *trial, struct error *err)
{
    static const struct {
        const char *question;
        row_fn *take;
    } parts[] = {
        { "SELECT param_name, param_value, distribution_json FROM "
          "trial_params WHERE trial_id = ? ORDER BY param_id",
          take_param },
        { "SELECT value, value_type FROM trial_values WHERE trial_id = ? "
          "ORDER BY objective",
          take_value },
        { "SELECT step, intermediate_value, intermediate_value_type FROM "
          "trial_intermediate_values WHERE trial_id = ? ORDER BY step",
          take_step },
        { "SELECT key, value_json FROM trial_user_attributes WHERE trial_id = "
          "?",
          take_attribute },
    };
    int64_t id = tree_integer(tree_get(trial, "id"));
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < sizeof parts / sizeof *parts; i++)
        rc = ask(db, parts[i].question, id, parts[i].take, trial, err);
    return rc;
}

/* ---- studies -------------------------------------------------------------- */

static void take_direction(struct tree *study, struct sql_rows *rows)
{
    bool up = strcmp(text_of(rows, 0), "MAXIMIZE") == 0;

    tree_append(tree_get(study, "directions"),
                tree_string(up ? "maximize" : "minimize"));
}

static void take_trial(struct tree *study, struct sql_rows *rows)
{
    struct tree *trial = studies_trial();
    const char *state = text_of(rows, 1);

    tree_set_int(trial, "id", sql_get_int(rows, 0));
    tree_set_string(trial, "state",
                    strcmp(state, "COMPLETE") == 0 ? "complete"
                    : strcmp(state, "PRUNED") == 0 ? "pruned"
                                                   : "other");
    tree_append(tree_get(study, "trials"), trial);
}

static void take_study(struct tree *studies, struct sql_rows *rows)
{
    struct tree *study = tree_map();

    tree_set_int(study, "id", sql_get_int(rows, 0));
    tree_set_string(study, "name", text_of(rows, 1));
    tree_set(study, "directions", tree_list());
    tree_set(study, "trials", tree_list());
    tree_append(studies, study);
}

static int read_study(struct sql *db, struct tree *study, struct error *err)
{
    int64_t id = tree_integer(tree_get(study, "id"));
    int rc = ask(db,
                 "SELECT direction FROM study_directions WHERE study_id = ? "
                 "ORDER BY objective",
                 id, take_direction, study, err);

    if (rc == 0)
        rc = ask(db,
                 "SELECT trial_id, state FROM trials WHERE study_id = ? "
                 "ORDER BY number",
                 id, take_trial, study, err);
    for (size_t i = 0; rc == 0 && i < tree_count(tree_get(study, "trials"));
         i++)
        rc = read_parts(db, tree_at(tree_get(study, "trials"), i), err);
    return rc;
}

struct tree *studies_of_database(const char *path, struct error *err)
{
    struct tree *studies = tree_list();
    struct sql *db = NULL;
    int rc = sql_open(&db, path, SQL_IMMUTABLE, 0, err) == SQL_OPENED ? 0 : -1;

    if (rc == 0)
        rc = ask(db,
                 "SELECT study_id, study_name FROM studies WHERE study_id > ? "
                 "ORDER BY study_id",
                 0, take_study, studies, err);
    for (size_t i = 0; rc == 0 && i < tree_count(studies); i++)
        rc = read_study(db, tree_at(studies, i), err);
    sql_close(db);
    if (rc < 0)
        error_hint(err, "it is no database of Optuna 3 or later, or in use");
    else if (!tree_ok(studies))
        rc = error_memory(err);
    if (rc == 0)
        return studies;
    tree_destroy(studies);
    return NULL;
}
