/* command: a trainer's command line, with places for a trial's values.
 *
 * A command is a list of words, never given to a shell. In a word "{name}"
 * stands for a parameter's value, "{trial}", "{attempt}" and "{folder}" for the
 * trial's number, its attempt and its own folder; "{{name}}" stands for the
 * text "{name}", every other brace for itself. A list among the words is a
 * group:
 *     command: [python3, train.py, [--ramp, "{batch.ramp_epochs}"]]
 * A group, or a word outside of groups, that names a parameter which is not
 * active in the trial is left out whole.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_STUDY_COMMAND_H
#define LAUNCHER_STUDY_COMMAND_H

#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"
#include "search/space.h"

/* What the places of one attempt are filled with. All borrowed. */
struct command_values {
    const struct tree *params; /* {"name": value, ...}, active ones only */
    int64_t trial, attempt;
    const char *folder;
};

/* Check 'command' against 'space': words are strings, every place has a name
 * that exists, the program itself is always there. 'path' ("trainer.command")
 * and 'file' are for messages. Returns 0, or -1 with 'err' (kind USAGE). */
int command_check(const struct tree *command, const struct space *space,
                  const char *file, const char *path, struct error *err);

/* The words of 'command' with every place filled, NULL-terminated, for
 * execvp(). 'command' has passed command_check(). The caller frees it with
 * command_free(). Returns NULL with 'err' when out of memory. */
char **command_expand(const struct tree *command,
                      const struct command_values *values, struct error *err);
void command_free(char **words);

#endif
