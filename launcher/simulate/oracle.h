/* oracle: a process that knows what every trial would report.
 *
 * Started once; a request is a line of JSON on its stdin, the answer a line of
 * JSON on its stdout, in the same order. Its messages go to our stderr. A
 * caller ignores SIGPIPE: an oracle that has died is an error, not a signal.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SIMULATE_ORACLE_H
#define LAUNCHER_SIMULATE_ORACLE_H

#include "base/error.h"
#include "base/tree.h"

enum { ORACLE_MAX_LINE_BYTES = 16 << 20 };

struct oracle;

/* Start the program words[0] with its arguments, no shell between. Returns 0,
 * or -1 with 'err'. */
int oracle_start(struct oracle **out, char *const *words, struct error *err);

/* Ask and wait for the answer, a map which the caller destroys. Returns NULL
 * with 'err': it died (how), its answer is no JSON map or too long. */
struct tree *oracle_ask(struct oracle *o, const struct tree *request,
                        struct error *err);

/* Close its stdin and wait for its end; one that does not end within a second
 * is killed. NULL is fine. */
void oracle_stop(struct oracle *o);

#endif
