/* http: the door to libcurl; one keep-alive connection to a controller.
 *
 * Used by trials (client/sentei.c), by workers and by the viewing verbs. Not
 * thread-safe: one 'struct http' a thread.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_HTTP_H
#define CLIENT_HTTP_H

#include "base/error.h"
#include "base/tree.h"

struct http;

/* A client for 'url' ("http://127.0.0.1:40123") that sends the bearer token
 * read from 'token_file' (NULL: none); where that holds the word "munge", or
 * "munge:SOCKET", a credential (client/credential.h) in its place. Connects at
 * the first call. Returns NULL with 'err' when out of memory or the token
 * cannot be read. */
struct http *http_create(const char *url, const char *token_file,
                         struct error *err);
void http_destroy(struct http *h);

/* Call 'path' ("/v1/ask"): POST when 'body' is not NULL (borrowed, sent as
 * JSON), else GET. Gives up after 'timeout_s'. Returns the HTTP status with
 * '*reply' (a tree the caller destroys; NULL when the body was no JSON), or 0
 * with 'err' when nobody answered. A 401 is asked again once, with the token
 * read anew, or a new credential; 0 where there is none. For a status of 400
 * and above 'err' is filled from the reply's {"error": {"what", "hint"}}. */
int http_call(struct http *h, const char *path, const struct tree *body,
              double timeout_s, struct tree **reply, struct error *err);

/* How many seconds the server wants us to wait before the next call
 * ('Retry-After'), a minute at most; 0 when it did not say. */
double http_pause(const struct http *h);

/* POST 'body' (borrowed) once to any 'url', by the proxies of the environment.
 * Returns 0 when that was answered with a status below 400, else -1 with
 * 'err'. */
int http_post(const char *url, const struct tree *body, double timeout_s,
              struct error *err);

/* The version of libcurl that is linked. */
const char *http_version(void);

#endif
