/* read: a study that Optuna has stored, as trials for this one.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_OPTUNA_READ_H
#define LAUNCHER_OPTUNA_READ_H

#include <stdbool.h>

#include "base/error.h"
#include "base/tree.h"

/* Whether 'from' names what Optuna has written: a file, "optuna.db" or
 * "optuna.journal", or with a study's name behind it, "optuna.db#theirs". */
bool optuna_is(const char *from);

/* The trials of the study it names, or of the only one, by number, as GET
 * /v1/trials/N shows them: number, state, params, curve. 'objectives' is the
 * list of SUMMARY (docs/api.md) of the study that is to have them: its
 * directions must be the same, its metrics are what the values are called. A
 * trial's curve are its intermediate values, then its values as one step more
 * unless the value is one of them; attributes that are numbers are metrics of
 * that step. The caller destroys; NULL with 'err'. */
struct tree *optuna_read(const char *from, const struct tree *objectives,
                         struct error *err);

#endif
