/* follow: see follow.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/notify/follow.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "launcher/controller/source.h"
#include "launcher/notify/occasion.h"
#include "launcher/notify/outbox.h"
#include "launcher/study/study.h"

#define LOOK_EVERY_S 2.0
enum { STATE_MAX_BYTES = 4096 };

struct notifier {
    const char *run;
    char *state_file;
    struct study *study;
    struct source *source;
    struct outbox *boxes; /* one a receiver */
    size_t count;
    struct known known;
    bool unsaved; /* something was put into a box since 'known' was stored */
    int signals;
};

/* ---- what was told already --------------------------------------------- */

static void load_known(struct notifier *n)
{
    struct tree *state = NULL;
    char *data = NULL;
    size_t size;

    known_init(&n->known, clock_wall());
    if (file_exists(n->state_file) &&
        file_read(n->state_file, STATE_MAX_BYTES, &data, &size, NULL) == 0)
        state = json_parse(data, size, n->state_file, NULL);
    known_from_tree(&n->known, state);
    tree_destroy(state);
    free(data);
}

/* Only when all of it has been told: what was not is found again by the next
 * notifier. */
static void save_known(struct notifier *n)
{
    struct tree *state;
    struct text json = TEXT_INIT;
    struct error err = ERROR_INIT;

    for (size_t i = 0; i < n->count; i++)
        if (tree_count(n->boxes[i].waiting) > 0)
            return;
    state = known_to_tree(&n->known);
    json_format_pretty(state, &json);
    if (!tree_ok(state) || json.failed ||
        file_write(n->state_file, json.data, json.size, 0644, &err) < 0)
        log_warn("what was told could not be written down: %s", err.what);
    else
        n->unsaved = false;
    text_clear(&json);
    tree_destroy(state);
}

/* ---- looking ------------------------------------------------------------ */

static struct tree *get(struct notifier *n, const char *path)
{
    struct tree *reply = NULL;
    struct error err = ERROR_INIT;

    if (source_get(n->source, path, &reply, &err) < 0)
        log_trace("notify", "%s: %s", path, err.what);
    return reply;
}

/* The rows of trials that failed since the last look, or NULL. */
static struct tree *get_failed(struct notifier *n, const struct tree *study)
{
    char path[80];

    if (tree_integer(tree_find(study, "states.failed")) <= n->known.failed)
        return NULL;
    snprintf(path, sizeof path, "/v1/trials?state=failed&offset=%" PRId64,
             n->known.failed);
    return get(n, path);
}

/* Look at the study and fill the boxes. A study that cannot be read now can
 * be at the next look. */
static void look(struct notifier *n)
{
    struct tree *study = get(n, "/v1/study"), *failed, *messages;

    if (!study)
        return;
    failed = get_failed(n, study);
    messages = tree_list();
    occasion_look(&n->known, study, tree_get(failed, "trials"), clock_wall(),
                  messages);
    for (size_t i = 0; i < tree_count(messages); i++)
        for (size_t k = 0; k < n->count; k++)
            outbox_put(&n->boxes[k], tree_at(messages, i));
    n->unsaved = n->unsaved || tree_count(messages) > 0;
    tree_destroy(messages);
    tree_destroy(failed);
    tree_destroy(study);
}

/* Send what is due; all of it when this is the 'last' chance. */
static void send_all(struct notifier *n, bool last)
{
    for (size_t i = 0; i < n->count; i++) {
        size_t left;

        do {
            left = tree_count(n->boxes[i].waiting);
            outbox_send(&n->boxes[i], clock_wall(), last);
        } while (last && tree_count(n->boxes[i].waiting) < left);
    }
    if (n->unsaved)
        save_known(n);
}

/* Returns whether SIGTERM or SIGINT came. */
static bool wait_a_little(const struct notifier *n)
{
    struct pollfd signal = { n->signals, POLLIN, 0 };

    return poll(&signal, 1, (int)(1e3 * LOOK_EVERY_S)) > 0;
}

/* ---- a life -------------------------------------------------------------- */

static int open_all(struct notifier *n, struct error *err)
{
    char *path = file_join(n->run, "study.yaml");
    sigset_t set;

    n->state_file = file_join(n->run, "notified.json");
    if (!path || !n->state_file) {
        free(path);
        return error_memory(err);
    }
    n->study = study_read(path, err);
    free(path);
    if (!n->study || !(n->source = source_open(n->run, err)))
        return -1;
    n->boxes = calloc(tree_count(n->study->notify) + 1, sizeof *n->boxes);
    if (!n->boxes)
        return error_memory(err);
    for (; n->count < tree_count(n->study->notify); n->count++)
        if (outbox_init(&n->boxes[n->count],
                        tree_at(n->study->notify, n->count), err) < 0)
            return -1;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    n->signals = signalfd(-1, &set, SFD_CLOEXEC);
    return n->signals < 0 ? error_errno(err, "cannot wait for signals") : 0;
}

static void close_all(struct notifier *n)
{
    for (size_t i = 0; i < n->count; i++)
        outbox_clear(&n->boxes[i]);
    free(n->boxes);
    source_close(n->source);
    study_destroy(n->study);
    free(n->state_file);
    if (n->signals >= 0)
        close(n->signals);
}

int notify_follow(const char *run, struct error *err)
{
    struct notifier n = { .run = run, .signals = -1 };
    bool ending = false;
    int rc = open_all(&n, err);

    if (rc == 0) {
        load_known(&n);
        look(&n);
    }
    while (rc == 0 && !ending && !n.known.ended) {
        send_all(&n, false);
        ending = wait_a_little(&n);
        look(&n);
    }
    if (rc == 0)
        send_all(&n, true);
    close_all(&n);
    return rc;
}
