/* controller: as much of one as the client's tests need, on a real socket:
 * answers reports and heartbeats as told and remembers what it was given.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_CLIENT_CONTROLLER_H
#define TESTS_UNIT_CLIENT_CONTROLLER_H

#include "base/file.h"
#include "base/json.h"
#include "base/tree.h"
#include "tests/unit/client/server.h"

enum { STEPS_MAX = 1024 };

struct controller {
    struct server server;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const char *decision; /* the answer to every call */
    int status;           /* likewise; 200, 409, 503, ... */
    int64_t steps[STEPS_MAX];
    size_t step_count, heartbeats, calls;
};

static inline int controller_answer(void *context, const char *head,
                                    const char *body, char *reply, size_t size)
{
    struct controller *c = context;
    struct tree *said = json_parse(body, strlen(body), "body", NULL);
    const struct tree *reports = tree_get(said, "reports");
    int status;

    pthread_mutex_lock(&c->lock);
    status = c->status;
    c->calls++;
    if (status == 200 && strstr(head, "/v1/heartbeat"))
        c->heartbeats++;
    for (size_t i = 0; status == 200 && i < tree_count(reports); i++)
        if (c->step_count < STEPS_MAX)
            c->steps[c->step_count++] =
                tree_integer(tree_get(tree_at(reports, i), "step"));
    snprintf(reply, size, "{\"decision\": \"%s\"}", c->decision);
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
    tree_destroy(said);
    return status;
}

static inline void controller_init(struct controller *c)
{
    memset(c, 0, sizeof *c);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
    c->decision = "continue";
    c->status = 200;
}

/* Serve on 'port' (0: any); write the address into 'run'/controller.json. */
static inline void controller_start(struct controller *c, int port,
                                    const char *run)
{
    char text[128], *path;
    int rc = 0;

    server_start(&c->server, port, controller_answer, c);
    snprintf(text, sizeof text, "{\"url\": \"http://127.0.0.1:%d\"}",
             c->server.port);
    if (run) {
        path = file_join(run, "controller.json");
        rc = file_write(path, text, strlen(text), 0644, NULL);
        free(path);
    }
    assert(rc == 0);
}

static inline void controller_stop(struct controller *c)
{
    server_stop(&c->server);
}

static inline void controller_set(struct controller *c, int status,
                                  const char *decision)
{
    pthread_mutex_lock(&c->lock);
    c->status = status;
    c->decision = decision;
    pthread_mutex_unlock(&c->lock);
}

/* Wait (20 s at most) until '*number' is at least 'least'; all of them are
 * fields of 'c'. Returns whether it is. */
static inline bool controller_await(struct controller *c, const size_t *number,
                                    size_t least)
{
    struct timespec until;
    int rc = 0;
    bool there;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    pthread_mutex_lock(&c->lock);
    while (*number < least && rc == 0)
        rc = pthread_cond_timedwait(&c->changed, &c->lock, &until);
    there = *number >= least;
    pthread_mutex_unlock(&c->lock);
    return there;
}

/* A new folder under /tmp with a token in it, and its removal. */
static inline void folder_make(char *path)
{
    char *made, *token;
    int rc;

    strcpy(path, "/tmp/sentei-test-XXXXXX");
    made = mkdtemp(path);
    assert(made);
    token = file_join(path, "token");
    rc = file_write(token, "t\n", 2, 0600, NULL);
    assert(rc == 0);
    free(token);
}

static inline void folder_remove(const char *path)
{
    char command[128];
    int rc;

    snprintf(command, sizeof command, "rm -rf '%s'", path);
    rc = system(command);
    assert(rc == 0);
}

#endif
