/* child: this very program once more, as a child of this process.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <sys/types.h>

#include "base/error.h"

/* Start it with these words (the first is its name; NULL ends them): nothing on
 * its stdin, what it says appended to the file 'log', which is made with 'mode'
 * less umask; SIGINT ignored, no signal blocked, in this process group. 'kept'
 * (or -1) stays open in it. It is killed when this process dies, by kill -9 too.
 * Returns its process id, or -1 with 'err'. */
pid_t child_start(const char *const *words, const char *log, mode_t mode,
                  int kept, struct error *err);

/* Where it lies: an absolute path, the caller frees. NULL with 'err'. */
char *child_program(struct error *err);

#endif
