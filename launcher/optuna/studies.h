/* studies: what Optuna has stored, as its readers give it and read.h takes it.
 *
 * A list of studies, each {"name", "directions": ["minimize", ...], "trials":
 * [TRIAL, ...]} with the trials by number. A TRIAL is {"state": "complete",
 * "pruned" or "other", "values": [...], "params": {...} (as the program had
 * them), "steps": [[step, value], ...], "attributes": {...}}.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_OPTUNA_STUDIES_H
#define LAUNCHER_OPTUNA_STUDIES_H

#include "base/error.h"
#include "base/tree.h"

/* An empty trial that runs. */
struct tree *studies_trial(void);

/* Set a parameter from Optuna's own value of it and its distribution, JSON: of
 * a categorical one that is the index of the choice. What cannot be read is
 * left out. */
void studies_set_param(struct tree *trial, const char *name, double value,
                       const char *distribution);

/* Add a point to a trial's steps. */
void studies_add_step(struct tree *trial, int64_t step, double value);

/* All studies of a journal (JournalStorage with a JournalFileBackend), from its
 * bytes; of a database (RDBStorage with SQLite, Optuna 3 or later) that nobody
 * writes to meanwhile. The caller destroys; NULL with 'err'. */
struct tree *studies_of_journal(const char *path, char *data, size_t size,
                                struct error *err);
struct tree *studies_of_database(const char *path, struct error *err);

#endif
