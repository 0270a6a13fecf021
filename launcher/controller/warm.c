/* warm: see warm.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/controller/warm.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "launcher/controller/carry.h"

struct warming {
    struct service *service;
    const char *from; /* as the study file names it */
    double now;
    size_t taken, seen;
};

/* carry_fn: one trial of an earlier run. */
static int take(void *context, const struct tree *trial, struct error *err)
{
    struct warming *w = context;
    struct tree *body = carry_body(trial, w->from);
    struct call call = { "POST", "/v1/import", "", body, w->now };
    struct reply r;

    if (!body)
        return 0;
    service_handle(w->service, &call, &r);
    w->seen++;
    w->taken += r.status == 200 && tree_is_number(tree_get(r.body, "trial"));
    int rc = r.status < 500
                 ? 0
                 : error_set(err, "cannot store a trial of '%s'", w->from);
    reply_clear(&r);
    tree_destroy(body);
    return rc;
}

/* The folder a study file means by a name. The caller frees; NULL without
 * memory. */
static char *find_folder(const char *name, const char *run)
{
    const char *slash = strrchr(run, '/');

    if (strchr(name, '/') || !slash)
        return text_copy(name);
    return text_print("%.*s/%s", (int)(slash - run), run, name);
}

/* The study's objectives, as the API shows them. NULL without memory. */
static struct tree *read_objectives(struct service *service, double now)
{
    struct call call = { "GET", "/v1/study", "", NULL, now };
    struct tree *objectives;
    struct reply r;

    service_handle(service, &call, &r);
    objectives = tree_copy(tree_get(r.body, "objectives"));
    reply_clear(&r);
    return objectives;
}

int warm_start(struct service *service, const struct study *study,
               const char *run, double now, struct error *err)
{
    struct tree *objectives = read_objectives(service, now);
    int rc = objectives ? 0 : error_memory(err);

    for (size_t i = 0; rc == 0 && i < tree_count(study->warm_start); i++) {
        struct warming w = { .service = service,
                             .from = tree_text(tree_at(study->warm_start, i)),
                             .now = now };
        char *folder = find_folder(w.from, run);

        rc = folder ? carry_read(folder, objectives, take, &w, err)
                    : error_memory(err);
        free(folder);
        if (rc == 0)
            rc = service_commit(service, err);
        if (rc == 0)
            log_note("warm start: %zu of %zu trials of %s fit this study",
                     w.taken, w.seen, w.from);
    }
    tree_destroy(objectives);
    return rc < 0 ? error_prefix(err, "warm_start") : 0;
}
