/* contact: talk to whichever controller serves a run now.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/contact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "client/http.h"

enum { PUBLISHED_MAX_BYTES = 1 << 16 };

struct contact {
    char *run, *token_file; /* may be NULL */
    char *url;              /* NULL until known */
    struct http *http;      /* NULL until the first call */
};

struct contact *contact_create(const char *run, const char *url,
                               const char *token_file, struct error *err)
{
    struct contact *c = calloc(1, sizeof *c);

    if (!c)
        goto error;
    c->run = text_copy(run);
    c->url = text_copy(url);
    c->token_file =
        !token_file && run ? file_join(run, "token") : text_copy(token_file);
    if ((run && (!c->run || !c->token_file)) || (url && !c->url) ||
        (token_file && !c->token_file))
        goto error;
    return c;
error:
    contact_destroy(c);
    error_memory(err);
    return NULL;
}

void contact_destroy(struct contact *c)
{
    if (!c)
        return;
    http_destroy(c->http);
    free(c->url);
    free(c->token_file);
    free(c->run);
    free(c);
}

struct tree *contact_published(const char *run)
{
    char *path = file_join(run, "controller.json"), *data = NULL;
    struct tree *said = NULL;
    size_t size;

    if (path && file_read(path, PUBLISHED_MAX_BYTES, &data, &size, NULL) == 0)
        said = json_parse(data, size, path, NULL);
    free(data);
    free(path);
    return said;
}

/* The url that is published, which the caller frees; NULL when there is none. */
static char *read_address(const struct contact *c)
{
    struct tree *said = c->run ? contact_published(c->run) : NULL;
    const char *url = tree_text(tree_get(said, "url"));
    char *copy = *url ? text_copy(url) : NULL;

    tree_destroy(said);
    return copy;
}

/* Look where the controller is now. Returns whether it moved. */
static bool follow(struct contact *c)
{
    char *url = read_address(c);
    bool moved = url && (!c->url || strcmp(url, c->url) != 0);

    if (moved) {
        log_trace("client", "the controller is at %s", url);
        free(c->url);
        c->url = url;
        url = NULL;
        http_destroy(c->http);
        c->http = NULL;
    }
    free(url);
    return moved;
}

static int call_once(struct contact *c, const char *path,
                     const struct tree *body, double timeout_s,
                     struct tree **reply, struct error *err)
{
    *reply = NULL;
    if (!c->url && !follow(c)) {
        error_set(err, "no controller runs");
        error_where(err, "%s", c->run ? c->run : "");
        return 0;
    }
    if (!c->http && !(c->http = http_create(c->url, c->token_file, err)))
        return 0;
    return http_call(c->http, path, body, timeout_s, reply, err);
}

int contact_call(struct contact *c, const char *path, const struct tree *body,
                 double timeout_s, struct tree **reply, struct error *err)
{
    int status = call_once(c, path, body, timeout_s, reply, err);

    if (status == 0 && follow(c)) {
        tree_destroy(*reply);
        status = call_once(c, path, body, timeout_s, reply, err);
    }
    return status;
}

const char *contact_url(const struct contact *c)
{
    return c->url;
}

bool contact_may_retry(int status)
{
    return status == 0 || status == 429 || status >= 500;
}

double contact_backoff(unsigned failures)
{
    double seconds = failures < 6 ? 0.1 * (double)(1u << failures) : 5.0;
    struct random r;

    random_seed(&r, (uint64_t)getpid(), (uint64_t)(clock_monotonic() * 1e6));
    return seconds * (1 - 0.25 * random_uniform(&r));
}

double contact_pause(const struct contact *c, unsigned failures)
{
    return fmax(contact_backoff(failures), c->http ? http_pause(c->http) : 0);
}

struct tree *lease_to_tree(const struct lease *l)
{
    struct tree *t = tree_map();

    tree_set_int(t, "trial", l->trial);
    tree_set_int(t, "attempt", l->attempt);
    tree_set_string(t, "lease", l->token);
    return t;
}
