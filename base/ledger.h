/* ledger: a list in a JSON file, which is added to at its end.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LEDGER_H
#define BASE_LEDGER_H

#include "base/error.h"
#include "base/tree.h"

/* The list in 'path', empty when there is no such file. The caller destroys
 * it; NULL with 'err' when it cannot be read or is no list. */
struct tree *ledger_read(const char *path, struct error *err);

/* Put 'entry' (stolen) at the end of the list in 'path'. Returns 0, or -1 with
 * 'err' and the file as it was. */
int ledger_add(const char *path, struct tree *entry, struct error *err);

#endif
