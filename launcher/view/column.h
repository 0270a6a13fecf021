/* column: what the leaderboard can show, sort by and ask for by name.
 *
 * The fields of a row, several objectives, the parameters of the space
 * ("model.fusion.depth", or "params.step" when a field is called so) and the
 * metrics of the last step ("metrics.val.loss") are all columns. A person
 * names one so, without the prefix, or by its end ("depth") where that is
 * clear.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_VIEW_COLUMN_H
#define LAUNCHER_VIEW_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"
#include "launcher/format/table.h"

/* One line of a leaderboard. Trees are borrowed. */
struct entry {
    const struct tree *row;   /* ROW of docs/api.md */
    const struct tree *study; /* SUMMARY of docs/api.md */
    int64_t rank; /* from 1; 0: none, the trial has no value. Of several
                                 objectives: that of its Pareto front */
};

struct column {
    const char *name;    /* no other column has it */
    const char *heading; /* for people */
    const char *key;     /* in the row's map it comes from */
    struct cell (*get)(const struct column *c, const struct entry *e);
    bool elastic; /* struct table_column */
    size_t index; /* of the objective, for its values */
    char *owned;  /* 'name' where it had to be made, or NULL */
};

struct columns {
    struct column *items;
    size_t count, capacity;
};

/* All columns of these boards (replies of GET /v1/leaderboard, borrowed) in
 * the order above, into an empty 'known'. Returns 0, or -1 with 'err'. */
int columns_read(struct columns *known, const struct tree *const *boards,
                 size_t count, struct error *err);
void columns_clear(struct columns *known);

/* The column a person calls 'name', or NULL with 'err' (kind USAGE, nearest
 * named, or the candidates when several end so). Lives as long as 'known'. */
const struct column *columns_find(const struct columns *known, const char *name,
                                  struct error *err);

/* Whether 'c' is a parameter of the space; one of several objectives; made
 * from other columns. */
bool column_is_parameter(const struct column *c);
bool column_is_derived(const struct column *c);
bool column_is_objective(const struct column *c);

/* The cell of 'c' in 'e'. */
struct cell column_cell(const struct column *c, const struct entry *e);

#endif
