/* standby: see standby.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/controller/standby.h"

#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "client/contact.h"
#include "client/http.h"

#define HELLO_TIMEOUT_S 2.0
enum { ASK_MS = 2000, MISSED_MS = 700 };

/* The address of whoever serves, a new string; NULL when nobody says so. */
static char *read_url(const char *run)
{
    struct tree *published = contact_published(run);
    const char *url = tree_text(tree_get(published, "url"));
    char *copy = *url ? text_copy(url) : NULL;

    tree_destroy(published);
    return copy;
}

static bool answers(const char *url)
{
    struct http *http = http_create(url, NULL, NULL);
    struct tree *reply = NULL;
    bool yes = http && http_call(http, "/healthz", NULL, HELLO_TIMEOUT_S,
                                 &reply, NULL) == 200;

    tree_destroy(reply);
    http_destroy(http);
    return yes;
}

/* Returns whether a signal came meanwhile. */
static bool rest(int signals, int ms)
{
    struct pollfd fd = { signals, POLLIN, 0 };

    return poll(&fd, 1, ms) > 0;
}

bool standby_wait(const char *run, int signals)
{
    for (int misses = 0; misses < STANDBY_MISSES; misses++) {
        char *url = read_url(run);

        if (!url)
            break;
        if (answers(url))
            misses = -1;
        free(url);
        if (rest(signals, misses < 0 ? ASK_MS : MISSED_MS))
            return false;
    }
    log_trace("controller", "nobody answers");
    return !rest(signals, 0);
}

void standby_defer(const char *run, int signals, double seconds)
{
    double until = clock_monotonic() + seconds;
    char *url;

    while (!(url = read_url(run)) && clock_monotonic() < until)
        if (rest(signals, MISSED_MS))
            return;
    free(url);
}
