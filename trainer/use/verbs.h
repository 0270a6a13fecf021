/* verbs: what sentei-train does with a trained model; one file each.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_USE_VERBS_H
#define TRAINER_USE_VERBS_H

#include "base/error.h"
#include "base/options.h"

/* Each reads its command line (argv[0] is the verb) and prints its result.
 * Returns 0, or -1 with 'err'. */
int use_predict(int argc, char **argv, struct error *err);
int use_evaluate(int argc, char **argv, struct error *err);
int use_export(int argc, char **argv, struct error *err);

/* Read a command line of 'wanted' arguments, '*rest', besides options. Returns
 * as options_parse(). */
int use_arguments(const struct options *o, int argc, char **argv, int wanted,
                  char ***rest, struct error *err);

#endif
