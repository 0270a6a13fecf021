/* table: curves that somebody recorded, in a file.
 *
 * TSV. The header names, in any order, every parameter of the space, 'trial',
 * 'step', 'seconds' and the study's metrics; other columns are ignored. A row
 * is a report; rows of one trial (equal text under 'trial') stand together, by
 * step. An empty field is a parameter that is inactive or a metric that was
 * not reported.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SIMULATE_TABLE_H
#define LAUNCHER_SIMULATE_TABLE_H

#include "launcher/simulate/curves.h"

/* Read the table at 'path' into an empty 'c'. Returns 0, after which the caller
 * clears 'c', or -1 with 'err' (kind USAGE, where file:line): a column missing,
 * a value outside of the space, steps that go back, ... */
int table_read_curves(struct curves *c, const struct study *s, const char *path,
                      struct error *err);

#endif
