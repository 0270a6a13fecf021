/* deliver: one message to one receiver of the 'notify:' section.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_NOTIFY_DELIVER_H
#define LAUNCHER_NOTIFY_DELIVER_H

#include "base/error.h"
#include "base/tree.h"

/* A program or a web server that takes longer is given up. */
#define DELIVER_TIMEOUT_S 10.0

/* Deliver 'message' (occasion.h). A 'notice' with "webhook" gets an HTTP POST
 * of JSON: its "body" with {text}, {event}, {study}, {run}, {metric}, {trial}
 * and {value} filled in, else {"text": ...}, which Slack and Mattermost show.
 * One with "exec" gets its program started, without a shell, with the same in
 * SENTEI_TEXT, SENTEI_EVENT and so on. Returns 0, or -1 with 'err'. */
int deliver(const struct tree *notice, const struct tree *message,
            struct error *err);

/* The JSON that a webhook is sent; the caller destroys it; NULL when out of
 * memory. */
struct tree *deliver_body(const struct tree *notice,
                          const struct tree *message);

#endif
