/* source: see source.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/controller/source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "client/contact.h"
#include "client/http.h"
#include "launcher/service/service.h"
#include "launcher/study/study.h"

#define TIMEOUT_SECONDS        30.0
#define HELLO_SECONDS          2.0
#define STORE_PATIENCE_SECONDS 5.0
enum { KEY_MAX_BYTES = 4096 };

struct source {
    char *run; /* absolute */
    char *store_file, *token_file, *study_file;
    struct study *study; /* read when first needed */
    struct http *http;   /* NULL: no controller answers */
};

/* ---- a living controller ---------------------------------------------- */

/* Look for a controller, and remember it when it answers. */
static void find_controller(struct source *s)
{
    struct tree *published = contact_published(s->run), *reply = NULL;
    const char *url = tree_text(tree_get(published, "url"));

    if (*url)
        s->http = http_create(url, s->token_file, NULL);
    if (s->http && http_call(s->http, "/healthz", NULL, HELLO_SECONDS, &reply,
                             NULL) != 200) {
        http_destroy(s->http);
        s->http = NULL;
    }
    tree_destroy(reply);
    tree_destroy(published);
}

void source_page(const struct source *s, bool key, struct text *out)
{
    char *path = file_join(s->run, "token.read"), *word = NULL;
    struct tree *published = s->http ? contact_published(s->run) : NULL;
    const char *url = tree_text(tree_get(published, "url"));
    size_t size;

    if (*url && path && !key)
        text_format(out, "%s/ (its key is in %s)", url, path);
    else if (*url && path &&
             file_read(path, KEY_MAX_BYTES, &word, &size, NULL) == 0)
        text_format(out, "%s/#key=%.*s", url, (int)strcspn(word, "\n"), word);
    tree_destroy(published);
    free(path);
    free(word);
}

/* ---- without one ------------------------------------------------------ */

/* Whether the call needs the search engine, which fills in parameters. */
static bool needs_engine(const char *path)
{
    return strcmp(path, "/v1/enqueue") == 0;
}

static int hand_over(struct service *service, const char *method,
                     const char *path, const struct tree *body, struct reply *r,
                     struct error *err)
{
    char *copy = text_copy(path);
    char *query = copy ? strchr(copy, '?') : NULL;
    struct call call = { method, copy, "", body, clock_wall() };

    if (!copy)
        return error_memory(err);
    if (query) {
        *query = '\0';
        call.query = query + 1;
    }
    service_handle(service, &call, r);
    free(copy);
    return service_commit(service, err);
}

/* Answer from the store, held only as long as that takes. */
static int call_locally(struct source *s, const char *method, const char *path,
                        const struct tree *body, struct reply *r,
                        struct error *err)
{
    struct store_options o = { .path = s->store_file,
                               .run = s->run,
                               .view = true,
                               .patience_s = STORE_PATIENCE_SECONDS };
    struct service_options options = { .run = s->run,
                                       .lease_s = 30,
                                       .view = !needs_engine(path),
                                       .host = "localhost",
                                       .pid = getpid() };
    struct service *service = NULL;
    struct store *store = NULL;
    int rc = -1;

    if (!s->study && !(s->study = study_read(s->study_file, err)))
        return -1;
    store = store_open(&o, err);
    if (store && service_open(&service, s->study, store, &options, clock_wall(),
                              err) == 0)
        rc = hand_over(service, method, path, body, r, err);
    service_close(service);
    store_close(store);
    return rc;
}

/* ---- either ----------------------------------------------------------- */

/* An answer's error as ours. */
static int check_status(int status, const struct tree *reply, const char *path,
                        struct error *err)
{
    const struct tree *e = tree_get(reply, "error");

    if (status == 200)
        return 0;
    error_set(err, "%s",
              e ? tree_text(tree_get(e, "what")) : "the call was refused");
    error_hint(err, "%s", tree_text(tree_get(e, "hint")));
    return error_where(err, "%s", path);
}

/* Call the controller; again, where it says that it has too much to do. */
static int call_controller(struct source *s, const char *path,
                           const struct tree *body, struct tree **reply,
                           struct error *err)
{
    double until = clock_monotonic() + TIMEOUT_SECONDS;
    unsigned tries = 0;
    int status;

    while ((status = http_call(s->http, path, body, TIMEOUT_SECONDS, reply,
                               err)) == 429 &&
           clock_monotonic() < until) {
        tree_destroy(*reply);
        clock_sleep(fmax(contact_backoff(tries++), http_pause(s->http)));
    }
    return status;
}

static int call(struct source *s, const char *method, const char *path,
                const struct tree *body, struct tree **reply, struct error *err)
{
    struct reply r = { 0, NULL, NULL };
    struct tree *got = NULL;
    int status = 0, rc;

    if (!s->http)
        find_controller(s);
    if (s->http) {
        status = call_controller(s, path, body, &got, err);
        if (status == 0) { /* it has gone */
            http_destroy(s->http);
            s->http = NULL;
        }
    }
    if (status == 0) {
        if (call_locally(s, method, path, body, &r, err) < 0) {
            reply_clear(&r);
            return -1;
        }
        status = r.status;
        got = r.body;
        free(r.text);
    }
    rc = check_status(status, got, path, err);
    if (rc == 0 && reply) {
        *reply = got;
        return 0;
    }
    tree_destroy(got);
    return rc;
}

int source_get(struct source *s, const char *path, struct tree **reply,
               struct error *err)
{
    return call(s, "GET", path, NULL, reply, err);
}

int source_read(const char *run, const char *path, struct tree **reply,
                struct error *err)
{
    struct source *s = source_open(run, err);
    int rc = s ? source_get(s, path, reply, err) : -1;

    source_close(s);
    return rc;
}

int source_post(struct source *s, const char *path, const struct tree *body,
                struct tree **reply, struct error *err)
{
    struct tree *empty = body ? NULL : tree_map();
    int rc = call(s, "POST", path, body ? body : empty, reply, err);

    tree_destroy(empty);
    return rc;
}

bool source_live(const struct source *s)
{
    return s->http != NULL;
}

struct source *source_open(const char *run, struct error *err)
{
    struct source *s = calloc(1, sizeof *s);

    if (!s) {
        error_memory(err);
        return NULL;
    }
    if (!(s->run = realpath(run, NULL))) {
        error_errno(err, "cannot open the run folder '%s'", run);
        err->kind = ERROR_USAGE;
        goto error;
    }
    s->store_file = file_join(s->run, "study.db");
    s->token_file = file_join(s->run, "token");
    s->study_file = file_join(s->run, "study.yaml");
    if (!s->store_file || !s->token_file || !s->study_file) {
        error_memory(err);
        goto error;
    }
    find_controller(s);
    return s;
error:
    source_close(s);
    return NULL;
}

void source_close(struct source *s)
{
    if (!s)
        return;
    http_destroy(s->http);
    study_destroy(s->study);
    free(s->run);
    free(s->store_file);
    free(s->token_file);
    free(s->study_file);
    free(s);
}
