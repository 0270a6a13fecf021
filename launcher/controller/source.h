/* source: what a study's controller would say, whether or not one runs.
 *
 * The viewing and controlling verbs ask here. While a controller lives
 * (RUN/controller.json answers) they talk HTTP to it; otherwise the store is
 * opened for each call, as briefly as that takes, and the same service answers
 * the same paths in this process. A controller that comes or goes in between is
 * noticed. Paths and replies: docs/api.md.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_CONTROLLER_SOURCE_H
#define LAUNCHER_CONTROLLER_SOURCE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "base/tree.h"

struct source;

/* Open the run folder 'run' (study.yaml, study.db, controller.json). Returns
 * the source, which the caller closes, or NULL with 'err': no such folder. */
struct source *source_open(const char *run, struct error *err);
void source_close(struct source *s);

/* Whether a controller answered last (else the store is read directly). */
bool source_live(const struct source *s);

/* Append where the study's live page is: a link that holds the key to read it,
 * or, without 'key', the address and the file the key is in. Nothing while no
 * controller answers. */
void source_page(const struct source *s, bool key, struct text *out);

/* GET 'path' ("/v1/leaderboard?top=10"). Returns 0 with '*reply', which the
 * caller destroys, or -1 with 'err': from the reply, or because the store is held by a
 * controller that does not answer, is damaged, ... */
int source_get(struct source *s, const char *path, struct tree **reply,
               struct error *err);

/* GET once: source_open(), source_get(), source_close(). */
int source_read(const char *run, const char *path, struct tree **reply,
                struct error *err);

/* POST 'body' (borrowed; NULL is {}) to 'path' ("/v1/stop"): also without a
 * controller, where it changes the store. '*reply' as above; 'reply' may be
 * NULL when nobody wants it. */
int source_post(struct source *s, const char *path, const struct tree *body,
                struct tree **reply, struct error *err);

#endif
