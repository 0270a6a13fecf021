/* outbox: see outbox.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/notify/outbox.h"

#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "client/contact.h"
#include "launcher/notify/deliver.h"

int outbox_init(struct outbox *o, const struct tree *notice, struct error *err)
{
    *o = (struct outbox){ .notice = notice, .waiting = tree_list() };
    return o->waiting ? 0 : error_memory(err);
}

void outbox_clear(struct outbox *o)
{
    tree_destroy(o->waiting);
    o->waiting = NULL;
}

/* ---- putting in -------------------------------------------------------- */

static bool is_wanted(const struct outbox *o, const char *event)
{
    const struct tree *on = tree_get(o->notice, "on");

    for (size_t i = 0; i < tree_count(on); i++)
        if (strcmp(tree_text(tree_at(on, i)), event) == 0)
            return true;
    return false;
}

/* A waiting message of the same event, or NULL. */
static struct tree *find_waiting(const struct outbox *o, const char *event)
{
    for (size_t i = 0; i < tree_count(o->waiting); i++) {
        struct tree *m = tree_at(o->waiting, i);

        if (strcmp(tree_text(tree_get(m, "event")), event) == 0)
            return m;
    }
    return NULL;
}

/* A newer best takes the place of one that waits. */
static void replace(struct tree *waiting, const struct tree *message)
{
    for (size_t i = 0; i < tree_count(message); i++)
        tree_set(waiting, tree_key(message, i), tree_copy(tree_at(message, i)));
}

/* "x: trial 3 has failed: exit status 1" becomes "... (and 2 more since)". */
static void count_more(struct tree *waiting)
{
    int64_t more = tree_integer(tree_get(waiting, "more")) + 1;
    const char *old = tree_text(tree_get(waiting, "text"));
    const char *end = strstr(old, " (and ");
    struct text text = TEXT_INIT;

    text_append_bytes(&text, old, end ? (size_t)(end - old) : strlen(old));
    text_format(&text, " (and %jd more since)", (intmax_t)more);
    tree_set_int(waiting, "more", more);
    tree_set_text(waiting, "text", &text);
}

void outbox_put(struct outbox *o, const struct tree *message)
{
    const char *event = tree_text(tree_get(message, "event"));
    struct tree *waiting = find_waiting(o, event);

    if (!is_wanted(o, event))
        return;
    if (waiting && strcmp(event, "best") == 0)
        replace(waiting, message);
    else if (waiting && strcmp(event, "failed") == 0)
        count_more(waiting);
    else
        tree_append(o->waiting, tree_copy(message));
}

/* ---- sending ----------------------------------------------------------- */

/* Take the oldest message off the list. */
static void drop_first(struct outbox *o)
{
    struct tree *rest = tree_list();

    for (size_t i = 1; i < tree_count(o->waiting); i++)
        tree_append(rest, tree_copy(tree_at(o->waiting, i)));
    tree_destroy(o->waiting);
    o->waiting = rest;
    o->failures = 0;
}

void outbox_send(struct outbox *o, double now, bool last)
{
    const struct tree *message = tree_at(o->waiting, 0);
    struct error err = ERROR_INIT;

    if (tree_count(o->waiting) == 0 || (!last && now < o->next))
        return;
    if (deliver(o->notice, message, &err) == 0) {
        log_trace("notify", "told: %s", tree_text(tree_get(message, "text")));
        drop_first(o);
        o->next = now + OUTBOX_GAP_S;
        return;
    }
    o->failures++;
    o->next = now + OUTBOX_GAP_S * contact_backoff(o->failures);
    log_warn("could not tell '%s': %s%s", tree_text(tree_get(message, "text")),
             err.what,
             o->failures < OUTBOX_TRIES ? "; trying again later"
                                        : "; given up");
    if (o->failures >= OUTBOX_TRIES)
        drop_first(o);
}
