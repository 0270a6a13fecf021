/* locks: whether a folder's file system keeps other processes out of a file, as
 * the store relies on.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_STORE_LOCKS_H
#define LAUNCHER_STORE_LOCKS_H

#include "base/error.h"

/* Try it on a file that is made in 'folder' and taken away again. Returns 1 when
 * locks work; 0 with 'err' when they do not, and what to do then; -1 with 'err'
 * when no file can be made there. */
int locks_try(const char *folder, struct error *err);

#endif
