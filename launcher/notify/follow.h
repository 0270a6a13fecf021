/* follow: looks at a study again and again and tells whom its 'notify:' section
 * names.
 *
 * A process of its own beside the controller: a web server that does not
 * answer holds up no trial. It looks at the study like every other view; what
 * it has told is kept in RUN/notified.json.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_NOTIFY_FOLLOW_H
#define LAUNCHER_NOTIFY_FOLLOW_H

#include "base/error.h"

/* Follow the study in the run folder 'run' until it ends, or SIGTERM comes.
 * Returns 0, or -1 with 'err'. */
int notify_follow(const char *run, struct error *err);

#endif
