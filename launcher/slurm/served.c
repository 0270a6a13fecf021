/* served: see served.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/slurm/served.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/contact.h"
#include "launcher/controller/source.h"

#define CALL_TIMEOUT_S 1.0

bool served_by(const char *run, pid_t pid, bool before)
{
    struct tree *published = contact_published(run);
    char host[256] = "";
    bool ours = before;

    gethostname(host, sizeof host - 1);
    if (published)
        ours = pid > 0 && tree_integer(tree_get(published, "pid")) == pid &&
               strcmp(tree_text(tree_get(published, "host")), host) == 0;
    tree_destroy(published);
    return ours;
}

/* GET /v1/study, or NULL; the caller destroys it. */
static struct tree *ask(const char *run)
{
    struct contact *contact = contact_create(run, NULL, NULL, NULL);
    struct tree *study = NULL;

    if (contact && contact_call(contact, "/v1/study", NULL, CALL_TIMEOUT_S,
                                &study, NULL) != 200) {
        tree_destroy(study);
        study = NULL;
    }
    contact_destroy(contact);
    return study;
}

bool served_is_over(const char *run)
{
    struct tree *study = ask(run);
    bool served = study != NULL, over;
    const char *state;

    if (!served)
        source_read(run, "/v1/study", &study, NULL);
    state = tree_text(tree_get(study, "state"));
    /* what nobody serves is called stopped, too */
    over = strcmp(state, "finished") == 0 ||
           (served && strcmp(state, "stopped") == 0);
    tree_destroy(study);
    return over;
}

int64_t served_running(const char *run)
{
    struct tree *study = ask(run);
    int64_t running =
        study ? tree_integer(tree_get(tree_get(study, "states"), "running"))
              : -1;

    tree_destroy(study);
    return running;
}
