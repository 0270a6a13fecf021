/* Any bytes as calls of a controller's API: each is answered and stored, or
 * refused with a sentence; the store keeps what it promises, and another
 * controller that takes over knows the same trials.
 *
 * A line is "/path body"; the method follows from whether there is a body. The
 * word LEASE in a body is the lease handed out last.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "launcher/service/service.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char study_text[] =
    "study: fuzz\n"
    "objective: {metric: v, direction: maximize}\n"
    "space:\n"
    "  x: {type: float, low: 0, high: 1}\n"
    "  n: {type: int, low: 1, high: 9}\n"
    "  c: {type: categorical, choices: [a, b]}\n"
    "search: {sampler: random, pruner: {type: median}, seed: 1}\n"
    "trainer: {command: [\"true\"]}\n";

enum { CALLS_MAX = 32 };

struct desk {
    struct study *study;
    struct store *store;
    struct service *service;
    char lease[64];
    double now;
};

static void serve(struct desk *d)
{
    const struct service_options o = {
        .run = "/nonexistent", .lease_s = 30, .host = "fuzz", .pid = 1
    };
    int rc = service_open(&d->service, d->study, d->store, &o, d->now, NULL);

    assert(rc == 0);
}

static void desk_open(struct desk *d)
{
    const struct store_options o = { .path = ":memory:" };

    *d = (struct desk){ .now = 1000 };
    d->study = study_parse(study_text, sizeof study_text - 1, "fuzz", NULL);
    d->store = store_open(&o, NULL);
    assert(d->study && d->store);
    serve(d);
}

static void desk_close(struct desk *d)
{
    service_close(d->service);
    store_close(d->store);
    study_destroy(d->study);
}

/* An answer can be sent, and read by whoever gets it. */
static void check_reply(const struct reply *r)
{
    struct text json = TEXT_INIT;

    assert(r->status == 200 || r->status == 400 || r->status == 404 ||
           r->status == 409);
    assert(r->text || r->body);
    if (r->body) {
        json_format(r->body, &json);
        struct tree *again = json_parse(json.data, json.size, "reply", NULL);

        assert(again);
        tree_destroy(again);
    }
    if (r->status != 200)
        assert(*tree_text(tree_find(r->body, "error.what")));
    text_clear(&json);
}

static void take_call(struct desk *d, char *line)
{
    char *body = strchr(line, ' ');
    struct tree *tree = NULL;
    struct reply r;

    if (body) {
        *body++ = '\0';
        tree = json_parse(body, strlen(body), "fuzz", NULL);
        if (strcmp(tree_text(tree_get(tree, "lease")), "LEASE") == 0)
            tree_set_string(tree, "lease", d->lease);
    }
    const char *query = strchr(line, '?');
    const struct call c = { body ? "POST" : "GET", strtok(line, "?"),
                            query ? query + 1 : "", tree, d->now };

    if (c.path) {
        service_handle(d->service, &c, &r);
        check_reply(&r);
        const char *lease = tree_text(tree_get(r.body, "lease"));

        if (*lease)
            strncpy(d->lease, lease, sizeof d->lease - 1);
        reply_clear(&r);
        int rc = service_commit(d->service, NULL);

        assert(rc == 0);
    }
    d->now += 7;
    service_tick(d->service, d->now);
    tree_destroy(tree);
}

/* The rows of all trials, as text that the caller frees. */
static char *list_trials(struct desk *d)
{
    const struct call c = { "GET", "/v1/trials", "", NULL, d->now };
    struct text out = TEXT_INIT;
    struct reply r;

    service_handle(d->service, &c, &r);
    assert(r.status == 200);
    const struct tree *rows = tree_get(r.body, "trials");

    for (size_t i = 0; i < tree_count(rows); i++) {
        static const char *const kept[] = { "trial",  "value", "step",
                                            "params", "note",  "reports" };

        for (size_t k = 0; k < sizeof kept / sizeof *kept; k++)
            json_format(tree_get(tree_at(rows, i), kept[k]), &out);
    }
    text_append(&out, "");
    reply_clear(&r);
    return text_take(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text lines = TEXT_INIT;
    struct desk d;
    int calls = 0;

    text_append_bytes(&lines, data, size);
    text_append(&lines, "");
    desk_open(&d);
    for (char *line = lines.data, *end; line && calls < CALLS_MAX;
         line = end ? end + 1 : NULL, calls++) {
        if ((end = strchr(line, '\n')))
            *end = '\0';
        take_call(&d, line);
    }
    int rc = service_commit(d.service, NULL);

    assert(rc == 0);
    rc = store_verify(d.store, NULL);
    assert(rc == 0);

    char *before = list_trials(&d);

    service_close(d.service);
    serve(&d);

    char *after = list_trials(&d);

    assert(before && after && strcmp(before, after) == 0);
    free(before);
    free(after);
    desk_close(&d);
    text_clear(&lines);
    return 0;
}
