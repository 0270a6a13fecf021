/* words: a command given as one string, cut into words without a shell.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SIMULATE_WORDS_H
#define LAUNCHER_SIMULATE_WORDS_H

#include "base/error.h"
#include "base/tree.h"

/* Cut at spaces. Quotes of either kind hold a word together, a backslash
 * outside of single quotes takes the next character as it is; nothing else has
 * a meaning. Returns the words, NULL-terminated, which the caller frees with
 * words_free(), or NULL with 'err' (kind USAGE): no word, an open quote. */
char **words_split(const char *string, struct error *err);

/* The same from a list of strings, as a study file has them. NULL with 'err'
 * when out of memory. */
char **words_of_list(const struct tree *list, struct error *err);

void words_free(char **words);

#endif
