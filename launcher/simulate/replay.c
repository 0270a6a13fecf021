/* replay: see replay.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/simulate/replay.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "launcher/controller/source.h"
#include "search/history.h"

enum { MAX_WIDTH = STUDY_MAX_OBJECTIVES + STUDY_MAX_CONSTRAINTS };

/* One report; seconds that are unknown or went back stand still. */
static int add_point(struct recording *r, const struct study *s,
                     const struct tree *point, struct error *err)
{
    const struct tree *metrics = tree_get(point, "metrics");
    double values[MAX_WIDTH] = { 0 };
    double seconds = tree_number(tree_get(point, "seconds"));
    double before = r->count > 0 ? r->rows[r->count - 1].seconds : 0;
    struct recorded row = { tree_integer(tree_get(point, "step")),
                            seconds > before ? seconds : before, 0 };

    for (size_t i = 0; i < r->width; i++) {
        const struct tree *v = tree_get(metrics, recording_metric(s, i));

        if (!v || tree_kind(v) == TREE_NULL)
            continue;
        values[i] = tree_is_number(v) ? tree_number(v) : NAN;
        row.known |= 1u << i;
    }
    return recording_append(r, &row, values, err);
}

/* Take over one trial as GET /v1/trials/N of docs/api.md tells it. */
static int add_trial(struct curves *c, const struct tree *trial,
                     struct error *err)
{
    const struct study *s = c->study;
    const struct tree *curve = tree_get(trial, "curve");
    int state = trial_state_parse(tree_text(tree_get(trial, "state")));
    double x[s->space.count + 1];

    if (tree_count(curve) == 0 && state != TRIAL_FAILED)
        return 0;
    if (space_point_from_tree(&s->space, tree_get(trial, "params"), false,
                              s->file, x, err))
        return -1;
    struct curve_record *r = curves_add(c, x);

    if (!r)
        return error_memory(err);
    r->cut = state != TRIAL_COMPLETE;
    r->recording.width = s->objective_count + s->constraint_count;
    r->recording.failed = state == TRIAL_FAILED;
    for (size_t i = 0; !r->recording.failed && i < tree_count(curve); i++)
        if (add_point(&r->recording, s, tree_at(curve, i), err))
            return -1;
    return 0;
}

int replay_read_curves(struct curves *c, const struct study *s, const char *run,
                       struct error *err)
{
    struct source *source = source_open(run, err);
    struct tree *board = NULL;
    int rc = source ? source_get(source, "/v1/leaderboard", &board, err) : -1;
    size_t count = tree_count(tree_get(board, "rows"));

    c->study = s;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        char path[64];
        struct tree *trial = NULL;

        snprintf(path, sizeof path, "/v1/trials/%zu", i);
        rc = source_get(source, path, &trial, err);
        if (rc == 0)
            rc = add_trial(c, trial, err);
        tree_destroy(trial);
    }
    tree_destroy(board);
    source_close(source);
    if (rc == 0 && c->count == 0)
        rc = error_set(err, "no trial of '%s' has reported yet", run);
    return rc ? rc : curves_continue(c, err);
}
