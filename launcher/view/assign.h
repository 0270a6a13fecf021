/* assign: parameters for the program that uses them next.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_VIEW_ASSIGN_H
#define LAUNCHER_VIEW_ASSIGN_H

#include "base/error.h"
#include "base/text.h"
#include "base/tree.h"

/* Append a line NAME=value for each parameter, to be read by a shell: what is
 * no letter or digit becomes '_' in the name, the value is quoted where it
 * must be. Returns 0, or -1 with 'err' when two names come out the same. */
int assign_env(const struct tree *params, struct text *out, struct error *err);

/* Append "--name value" for each parameter on one line, quoted for a shell. */
void assign_args(const struct tree *params, struct text *out);

#endif
