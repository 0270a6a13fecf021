/* http: the door to libcurl; one keep-alive connection to a controller.
 *
 * Proxies of the environment are not used: the controller is on this cluster.
 * A reply longer than REPLY_MAX_BYTES is refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/http.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "client/credential.h"

enum { TOKEN_MAX_BYTES = 4096, REPLY_MAX_BYTES = 1 << 28 };
#define PAUSE_MAX_S 60

struct http {
    CURL *curl;
    struct curl_slist *headers;
    char *url;        /* without the slash at its end */
    char *token_file; /* NULL: nothing is sent of who we are */
    double pause_s;
    char reason[CURL_ERROR_SIZE];
};

static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static void library_start(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* libcurl's callback: keep what came. */
static size_t keep_reply(char *bytes, size_t size, size_t count, void *to)
{
    struct text *reply = to;

    if (reply->size + size * count > REPLY_MAX_BYTES)
        return 0;
    text_append_bytes(reply, bytes, size * count);
    return reply->failed ? 0 : size * count;
}

static int add_header(struct http *h, const char *line, struct error *err)
{
    struct curl_slist *longer =
        line ? curl_slist_append(h->headers, line) : NULL;

    if (!longer)
        return error_memory(err);
    h->headers = longer;
    return 0;
}

static int add_authorization(struct http *h, const char *scheme,
                             const char *word, struct error *err)
{
    char *line = text_print("Authorization: %s %s", scheme, word);
    int rc = add_header(h, line, err);

    free(line);
    return rc;
}

/* What stands in the token's place: "munge", or "munge:SOCKET". Returns the
 * socket, or NULL when 'token' is one. */
static const char *munge_socket(const char *token)
{
    static const char munge[] = "munge";
    const char *rest = token + strlen(munge);

    if (strncmp(token, munge, strlen(munge)) != 0 || (*rest && *rest != ':'))
        return NULL;
    return *rest ? rest + 1 : "";
}

static int add_token(struct http *h, struct error *err)
{
    const char *socket;
    char *token = NULL, *credential = NULL;
    size_t size;
    int rc = -1;

    if (file_read(h->token_file, TOKEN_MAX_BYTES, &token, &size, err) < 0)
        return -1;
    token[strcspn(token, " \t\r\n")] = '\0';
    if (!*token) {
        error_set(err, "the token file is empty");
        error_where(err, "%s", h->token_file);
    } else if (!(socket = munge_socket(token))) {
        rc = add_authorization(h, "Bearer", token, err);
    } else if ((credential = credential_make(socket, h->url, err))) {
        rc = add_authorization(h, "MUNGE", credential, err);
    }
    free(credential);
    free(token);
    return rc;
}

/* What each request begins with: also anew, since a token may be another one
 * by now, and a credential has been used. */
static int set_headers(struct http *h, struct error *err)
{
    int rc;

    curl_slist_free_all(h->headers);
    h->headers = NULL;
    rc = add_header(h, "Content-Type: application/json", err) < 0 ||
                 add_header(h, "Expect:", err) < 0 ||
                 (h->token_file && add_token(h, err) < 0)
             ? -1
             : 0;
    curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, h->headers);
    return rc;
}

static void set_options(struct http *h)
{
    curl_easy_setopt(h->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h->curl, CURLOPT_PROXY, "");
    curl_easy_setopt(h->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h->curl, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(h->curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(h->curl, CURLOPT_ERRORBUFFER, h->reason);
    curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, keep_reply);
}

struct http *http_create(const char *url, const char *token_file,
                         struct error *err)
{
    struct http *h;
    size_t length = strlen(url);

    pthread_once(&library_once, library_start);
    h = calloc(1, sizeof *h);
    if (!h || !(h->url = text_copy(url)) ||
        (token_file && !(h->token_file = text_copy(token_file))) ||
        !(h->curl = curl_easy_init())) {
        error_memory(err);
        goto error;
    }
    while (length > 0 && h->url[length - 1] == '/')
        h->url[--length] = '\0';
    if (set_headers(h, err) < 0)
        goto error;
    set_options(h);
    return h;
error:
    http_destroy(h);
    return NULL;
}

void http_destroy(struct http *h)
{
    if (!h)
        return;
    curl_easy_cleanup(h->curl);
    curl_slist_free_all(h->headers);
    free(h->token_file);
    free(h->url);
    free(h);
}

/* Point the handle at this request; 'out' will receive the body. */
static int prepare(struct http *h, const char *path, const struct text *body,
                   double timeout_s, struct text *out, struct error *err)
{
    long timeout_ms = timeout_s < 0.001 ? 1 : (long)(timeout_s * 1000);
    char *url = text_print("%s%s", h->url, path);

    if (!url)
        return error_memory(err);
    curl_easy_setopt(h->curl, CURLOPT_URL, url); /* copied */
    free(url);
    if (body) {
        curl_easy_setopt(h->curl, CURLOPT_POST, 1L);
        curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)body->size);
        curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, text_get(body));
    } else {
        curl_easy_setopt(h->curl, CURLOPT_HTTPGET, 1L);
    }
    curl_easy_setopt(h->curl, CURLOPT_TIMEOUT_MS, timeout_ms);
    curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, out);
    h->reason[0] = '\0';
    return 0;
}

/* What the server said went wrong: {"error": {"what", "hint"}}. */
static void explain(const struct tree *reply, int status, struct error *err)
{
    const struct tree *said = tree_get(reply, "error");
    const char *what = tree_text(tree_get(said, "what"));
    const char *hint = tree_text(tree_get(said, "hint"));

    if (*what)
        error_set(err, "%s", what);
    else
        error_set(err, "the controller answered with status %d", status);
    if (*hint)
        error_hint(err, "%s", hint);
}

/* Send what was prepared; the status, or 0 with 'err'. */
static int perform(struct http *h, struct error *err)
{
    CURLcode code = curl_easy_perform(h->curl);
    const char *reason = h->reason[0] ? h->reason : curl_easy_strerror(code);
    curl_off_t pause_s = 0;
    long status = 0;

    if (code == CURLE_OK) {
        curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(h->curl, CURLINFO_RETRY_AFTER, &pause_s);
    } else {
        error_set(err, "no answer from the controller: %s", reason);
    }
    h->pause_s = pause_s < PAUSE_MAX_S ? (double)pause_s : PAUSE_MAX_S;
    return (int)status;
}

/* A body as the trace shows it: a lease is a secret of its holder. */
static void hide_lease(char *body)
{
    static const char key[] = "\"lease\":";

    for (char *at = body; (at = strstr(at, key));) {
        at += sizeof key - 1;
        at += strspn(at, " \"");
        memset(at, '*', strcspn(at, "\""));
    }
}

static void trace(const struct http *h, const char *path,
                  const struct text *sent, int status, const struct text *got)
{
    char *bodies[2];

    if (!log_traced("http"))
        return;
    bodies[0] = text_copy(text_get(sent));
    bodies[1] = text_copy(text_get(got));
    if (bodies[0] && bodies[1]) {
        hide_lease(bodies[0]);
        hide_lease(bodies[1]);
        log_trace("http", "%s%s %s -> %d %s", h->url, path, bodies[0], status,
                  bodies[1]);
    }
    free(bodies[0]);
    free(bodies[1]);
}

int http_call(struct http *h, const char *path, const struct tree *body,
              double timeout_s, struct tree **reply, struct error *err)
{
    struct text sent = TEXT_INIT, got = TEXT_INIT;
    struct tree *answer = NULL;
    int status = 0;

    *reply = NULL;
    if (body) {
        json_format(body, &sent);
        if (sent.failed || !tree_ok(body)) {
            error_memory(err);
            goto out;
        }
    }
    if (prepare(h, path, body ? &sent : NULL, timeout_s, &got, err) < 0)
        goto out;
    status = perform(h, err);
    if (status == 401 && h->token_file) {
        text_reset(&got);
        status = 0;
        if (set_headers(h, err) < 0)
            goto out;
        status = perform(h, err);
    }
    trace(h, path, &sent, status, &got);
    if (status) {
        answer = json_parse(text_get(&got), got.size, path, NULL);
        if (status >= 400)
            explain(answer, status, err);
    }
    if (!status || status >= 400)
        error_where(err, "%s%s", h->url, path);
out:
    *reply = answer;
    text_clear(&got);
    text_clear(&sent);
    return status;
}

int http_post(const char *url, const struct tree *body, double timeout_s,
              struct error *err)
{
    struct http *h = http_create(url, NULL, err);
    const char *slash = *url && url[strlen(url) - 1] == '/' ? "/" : "";
    struct text sent = TEXT_INIT, got = TEXT_INIT;
    int status = 0;

    if (!h)
        return -1;
    json_format(body, &sent);
    if (sent.failed)
        error_memory(err);
    else if (prepare(h, slash, &sent, timeout_s, &got, err) == 0) {
        curl_easy_setopt(h->curl, CURLOPT_PROXY, NULL);
        status = perform(h, err);
        if (status == 0)
            error_set(err, "no answer: %s", h->reason);
    }
    if (status >= 400)
        error_set(err, "the answer was status %d", status);
    text_clear(&got);
    text_clear(&sent);
    http_destroy(h);
    return status > 0 && status < 400 ? 0 : -1;
}

double http_pause(const struct http *h)
{
    return h->pause_s;
}

const char *http_version(void)
{
    return curl_version_info(CURLVERSION_NOW)->version;
}
