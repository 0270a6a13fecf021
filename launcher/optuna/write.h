/* write: a study as Optuna's journal, which its dashboard and its own code
 * open (JournalStorage with a JournalFileBackend).
 *
 * A pure function of a reply of GET /v1/changes (docs/api.md). Format: Optuna
 * 5.0, optuna/storages/journal/_storage.py; one JSON object a line.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_OPTUNA_WRITE_H
#define LAUNCHER_OPTUNA_WRITE_H

#include "base/text.h"
#include "base/tree.h"

/* Append the journal: the study, then every trial by number with its values,
 * curve and metrics (as user attributes). A trial that completed without a
 * number is a failure there; a paused one is running. */
void optuna_print(const struct tree *changes, struct text *out);

#endif
