/* server: see server.h. The only file that includes libmicrohttpd.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/controller/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "launcher/controller/exchange.h"
#include "launcher/controller/rate.h"
#include "launcher/controller/strangers.h"
#include "launcher/page/page.h"

enum {
    BACKLOG = 1024,
    CONNECTIONS_MAX = 16384,
    CONNECTION_BYTES = 4096, /* for the request's line and headers */
    IDLE_SECONDS = 900
};

/* Who has the token that reads may have a quarter of our time, two seconds at
 * once: the others work here. */
#define READERS_SHARE   0.25
#define READERS_BURST_S 2.0

/* A connection. */
struct visitor {
    struct stranger stranger;
    struct rate calls;
    bool known; /* has shown a credential, which is good once */
};

struct server {
    struct MHD_Daemon *daemon;
    int listener, descriptor;
    struct text url;
    struct server_options options;
    struct exchange *waiting, **end; /* a list, in the order they came */
    struct exchange **next;          /* the first of them without a reply */
    size_t count;
    struct exchange *unused;
    struct MHD_Response *last; /* the answer sent last, with these bytes: */
    struct text last_bytes;
    bool closing; /* lets nobody in any more */
    struct strangers strangers;
    struct rate readers; /* in seconds of our time */
};

/* libmicrohttpd's callback: the answer is out, or the client is gone. One that
 * waits stays in its list until that is let out. */
static void end_exchange(void *context, struct MHD_Connection *connection,
                         void **place, enum MHD_RequestTerminationCode why)
{
    struct exchange *x = *place;

    (void)context;
    (void)connection;
    (void)why;
    if (!x)
        return;
    *place = x->connection = NULL;
    if (!x->waits)
        exchange_keep(x, &x->server->unused);
}

/* ---- connections ------------------------------------------------------ */

/* libmicrohttpd's callback: a connection begins or ends. What is kept with it
 * is its struct visitor. */
static void notice_connection(void *context, struct MHD_Connection *connection,
                              void **place,
                              enum MHD_ConnectionNotificationCode what)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct server *s = context;
    double now = clock_monotonic(), calls = s->options.calls_per_s;
    struct visitor *v = *place;

    if (what == MHD_CONNECTION_NOTIFY_CLOSED && v) {
        strangers_remove(&s->strangers, &v->stranger);
        free(v);
    } else if (what == MHD_CONNECTION_NOTIFY_STARTED && info &&
               (v = calloc(1, sizeof *v))) {
        strangers_add(&s->strangers, &v->stranger, info->connect_fd, now);
        rate_init(&v->calls, calls, calls, now);
        *place = v;
    }
}

/* Whose request it is; NULL when there was no memory for that. */
static struct visitor *visitor_of(const struct exchange *x)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        x->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info ? info->socket_context : NULL;
}

/* Its token was right: it may stay. */
static void welcome(struct exchange *x)
{
    struct visitor *v = visitor_of(x);

    if (v)
        strangers_remove(&x->server->strangers, &v->stranger);
}

/* ---- answering -------------------------------------------------------- */

static struct MHD_Response *make_response(const struct exchange *x)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        x->reply.size, x->reply.data, MHD_RESPMEM_MUST_COPY);

    if (!response)
        return NULL;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                            x->is_text ? "text/plain; version=0.0.4"
                                       : "application/json");
    if (x->status == MHD_HTTP_UNAUTHORIZED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
                                "Bearer");
    if (x->status == MHD_HTTP_TOO_MANY_REQUESTS)
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
    return response;
}

/* Most answers are the same as the one before: make that once. */
static struct MHD_Response *get_response(struct server *s,
                                         const struct exchange *x)
{
    if (s->last && s->last_bytes.size == x->reply.size &&
        memcmp(s->last_bytes.data, x->reply.data, x->reply.size) == 0)
        return s->last;
    if (s->last)
        MHD_destroy_response(s->last);
    s->last = make_response(x);
    text_reset(&s->last_bytes);
    text_append_bytes(&s->last_bytes, x->reply.data, x->reply.size);
    return s->last;
}

static enum MHD_Result send_reply(struct exchange *x)
{
    struct MHD_Response *response = get_response(x->server, x);

    return response ? MHD_queue_response(x->connection, x->status, response)
                    : MHD_NO;
}

static enum MHD_Result refuse(struct exchange *x, int status,
                              const struct error *err)
{
    exchange_fail(x, status, err);
    return send_reply(x);
}

/* ---- letting in ------------------------------------------------------- */

/* Numbers and a sign of life are for everybody, the numbers on this machine
 * alone. */
static bool needs_token(const struct server *s, const char *path)
{
    return strcmp(path, "/healthz") != 0 &&
           (s->options.address || strcmp(path, "/metrics") != 0);
}

/* What the sender may do. */
static enum access find_access(const struct exchange *x)
{
    const struct guard *g = &x->server->options.guard;
    struct visitor *v = visitor_of(x);
    const char *value = MHD_lookup_connection_value(
        x->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);
    enum access access = v && v->known ? ACCESS_ALL : guard_access(g, value);

    if (v && access == ACCESS_ALL && !g->token)
        v->known = true;
    return access;
}

static bool may_call(const struct exchange *x)
{
    return x->access == ACCESS_ALL ||
           (x->access == ACCESS_READ && strcmp(x->method, "GET") == 0);
}

static bool is_too_large(struct exchange *x)
{
    const char *value = MHD_lookup_connection_value(
        x->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    size_t limit = x->server->options.max_body;

    return x->body.size > limit || (value && strtoull(value, NULL, 10) > limit);
}

static enum MHD_Result refuse_large(struct exchange *x)
{
    struct error err;

    error_set(&err, "a request may have %zu bytes at most",
              x->server->options.max_body);
    error_hint(&err, "send the reports in several requests");
    return refuse(x, MHD_HTTP_CONTENT_TOO_LARGE, &err);
}

/* The page itself is for everybody: it holds nothing of the study. */
static bool find_file(const struct exchange *x, struct page_file *file)
{
    return strcmp(x->method, "GET") == 0 && page_find(x->path.data, file);
}

static enum MHD_Result check_head(struct exchange *x)
{
    struct page_file file;
    struct error err;

    if (find_file(x, &file))
        return MHD_YES;
    x->access = find_access(x);
    if (may_call(x)) {
        welcome(x);
    } else if (needs_token(x->server, x->path.data)) {
        error_set(&err, "no token, or a wrong one");
        error_hint(&err, "%s", guard_hint(&x->server->options.guard));
        return refuse(x, MHD_HTTP_UNAUTHORIZED, &err);
    }
    return is_too_large(x) ? refuse_large(x) : MHD_YES;
}

/* ---- the page's files ------------------------------------------------- */

static const char *const page_headers[][2] = {
    { MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache" },
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "no-referrer" },
    { "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src "
      "data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'" },
};

static enum MHD_Result send_file(struct exchange *x,
                                 const struct page_file *file)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        file->size, (void *)(uintptr_t)file->data, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result rc;

    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, file->type);
    for (size_t i = 0; i < sizeof page_headers / sizeof *page_headers; i++)
        MHD_add_response_header(response, page_headers[i][0],
                                page_headers[i][1]);
    rc = MHD_queue_response(x->connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return rc;
}

/* ---- queueing --------------------------------------------------------- */

static enum MHD_Result add_argument(void *context, enum MHD_ValueKind kind,
                                    const char *key, const char *value)
{
    struct text *query = context;

    (void)kind;
    text_format(query, "%s%s=%s", query->size ? "&" : "", key,
                value ? value : "");
    return MHD_YES;
}

/* Whether its sender, or all who only read together, had too much lately. */
static bool is_hasty(const struct exchange *x)
{
    struct visitor *v = visitor_of(x);
    double now = clock_monotonic();

    if (v && !rate_has(&v->calls, now))
        return true;
    if (v)
        rate_take(&v->calls, 1);
    return x->access == ACCESS_READ && !rate_has(&x->server->readers, now);
}

static enum MHD_Result refuse_hasty(struct exchange *x)
{
    struct error err;

    error_set(&err, "too many calls at once");
    error_hint(&err, "call again in a second");
    return refuse(x, MHD_HTTP_TOO_MANY_REQUESTS, &err);
}

/* The request is here whole: put it among those that wait. */
static enum MHD_Result enqueue(struct exchange *x)
{
    if (x->server->closing)
        return MHD_NO;
    if (is_too_large(x))
        return refuse_large(x);
    MHD_get_connection_values(x->connection, MHD_GET_ARGUMENT_KIND,
                              add_argument, &x->query);
    if (x->path.failed || x->query.failed || x->body.failed)
        return MHD_NO;
    x->next = NULL;
    *x->server->end = x;
    x->server->end = &x->next;
    x->server->count++;
    x->waits = true;
    return MHD_YES;
}

/* libmicrohttpd's callback, called for the head of a request, for each piece
 * of its body, and at its end again and again until there is an answer. (To
 * suspend the connection meanwhile costs two calls of the kernel more.) */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection,
                              const char *path, const char *method,
                              const char *version, const char *data,
                              size_t *size, void **place)
{
    struct server *s = context;
    struct exchange *x = *place;
    struct page_file file;

    (void)version;
    if (!x) {
        if (!(x = exchange_begin(&s->unused, method, path)))
            return MHD_NO;
        x->server = s;
        x->connection = connection;
        *place = x;
        return x->path.failed ? MHD_NO : check_head(x);
    }
    if (*size > 0) {
        if (x->body.size <= x->server->options.max_body)
            text_append_bytes(&x->body, data, *size);
        *size = 0;
        return MHD_YES;
    }
    if (x->waits)
        return MHD_YES;
    if (x->status)
        return send_reply(x);
    if (is_hasty(x))
        return refuse_hasty(x);
    return find_file(x, &file) ? send_file(x, &file) : enqueue(x);
}

size_t server_waiting(const struct server *s)
{
    return s->count;
}

static void answer_one(struct exchange *x, server_fn *answer, void *context)
{
    struct call call = { x->method, text_get(&x->path), text_get(&x->query),
                         NULL, 0 };
    struct reply reply = { 0, NULL, NULL };
    struct error err = ERROR_INIT;
    struct tree *body = NULL;
    double began = x->access == ACCESS_READ ? clock_monotonic() : 0;

    if (x->body.size > 0)
        body = json_parse(x->body.data, x->body.size, "request", &err);
    if (x->body.size > 0 && !body) {
        exchange_fail(x,
                      err.kind == ERROR_USAGE ? MHD_HTTP_BAD_REQUEST
                                              : MHD_HTTP_INTERNAL_SERVER_ERROR,
                      &err);
        return;
    }
    call.body = body;
    answer(context, &call, &reply);
    exchange_reply(x, &reply);
    tree_destroy(body);
    if (x->access == ACCESS_READ)
        rate_take(&x->server->readers, clock_monotonic() - began);
}

void server_answer(struct server *s, server_fn *answer, void *context)
{
    for (; *s->next; s->next = &(*s->next)->next)
        answer_one(*s->next, answer, context);
}

void server_refuse(struct server *s, int status, const struct error *err,
                   server_fn *again, void *context)
{
    for (struct exchange *x = s->waiting; x; x = x->next)
        if (again && strcmp(x->method, "GET") == 0)
            answer_one(x, again, context);
        else
            exchange_fail(x, status, err);
}

int server_release(struct server *s, struct error *err)
{
    while (s->waiting) {
        struct exchange *x = s->waiting;

        s->waiting = x->next;
        x->waits = false;
        if (!x->connection)
            exchange_keep(x, &s->unused);
    }
    s->end = s->next = &s->waiting;
    s->count = 0;
    return server_run(s, err); /* which asks each for its answer */
}

/* ---- opening ---------------------------------------------------------- */

static int listen_on(struct server *s, struct error *err)
{
    const char *host = s->options.address ? s->options.address : "127.0.0.1";
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port =
                                       htons((uint16_t)s->options.port) };
    socklen_t size = sizeof address;
    int yes = 1;

    if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
        return error_usage(err, "'%s' is no IPv4 address", host);
    s->listener =
        socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->listener < 0)
        return error_errno(err, "cannot make a socket");
    setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(s->listener, (struct sockaddr *)&address, size) < 0 ||
        listen(s->listener, BACKLOG) < 0 ||
        getsockname(s->listener, (struct sockaddr *)&address, &size) < 0) {
        error_errno(err, "cannot listen on port %d of %s", s->options.port,
                    host);
        return error_hint(err, "leave out --port and a free one is chosen");
    }
    text_format(&s->url, "http://%s:%d", host, ntohs(address.sin_port));
    s->options.guard.url = text_get(&s->url);
    return s->url.failed ? error_memory(err) : 0;
}

static void log_trouble(void *context, const char *format, va_list args)
{
    struct text line = TEXT_INIT;

    (void)context;
    text_vformat(&line, format, args);
    log_trace("http", "%s", text_get(&line));
    text_clear(&line);
}

static int start_daemon(struct server *s, struct error *err)
{
    const union MHD_DaemonInfo *info;

    s->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_TURBO | MHD_USE_ERROR_LOG, 0, NULL, NULL,
        handle, s,                                     /* options: */
        MHD_OPTION_EXTERNAL_LOGGER, log_trouble, NULL, /* first: it is used */
        MHD_OPTION_LISTEN_SOCKET, s->listener,         /* by the others */
        MHD_OPTION_NOTIFY_COMPLETED, end_exchange, s,
        MHD_OPTION_NOTIFY_CONNECTION, notice_connection, s,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_END);
    if (!s->daemon)
        return error_errno(err, "cannot start the HTTP server");
    s->listener = -1; /* the daemon's now */
    info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    s->descriptor = info ? info->epoll_fd : -1;
    if (s->descriptor < 0)
        return error_set(err, "libmicrohttpd was built without epoll");
    return 0;
}

int server_open(struct server **out, const struct server_options *o,
                struct error *err)
{
    struct server *s = calloc(1, sizeof *s);

    if (!s)
        return error_memory(err);
    s->end = s->next = &s->waiting;
    s->listener = -1;
    s->options = *o;
    rate_init(&s->readers, READERS_SHARE, READERS_BURST_S, clock_monotonic());
    if (listen_on(s, err) < 0 || start_daemon(s, err) < 0) {
        server_close(s);
        return -1;
    }
    *out = s;
    return 0;
}

void server_close(struct server *s)
{
    if (!s)
        return;
    if (s->daemon) {
        s->closing = true;
        server_refuse(s, MHD_HTTP_SERVICE_UNAVAILABLE,
                      &(struct error){ .what = "the controller is ending" },
                      NULL, NULL);
        server_release(s, NULL);
        MHD_stop_daemon(s->daemon);
    }
    if (s->listener >= 0)
        close(s->listener);
    if (s->last)
        MHD_destroy_response(s->last);
    text_clear(&s->last_bytes);
    text_clear(&s->url);
    exchange_free_all(s->unused);
    free(s);
}

/* ---- running ---------------------------------------------------------- */

const char *server_url(const struct server *s)
{
    return text_get(&s->url);
}

int server_descriptor(const struct server *s)
{
    return s->descriptor;
}

size_t server_clients(const struct server *s)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

    return info ? info->num_connections : 0;
}

double server_timeout(struct server *s)
{
    double strangers = strangers_expire(&s->strangers, clock_monotonic());
    MHD_UNSIGNED_LONG_LONG timeout_ms;

    if (MHD_get_timeout(s->daemon, &timeout_ms) != MHD_YES)
        return strangers;
    return strangers < 0 ? (double)timeout_ms / 1000
                         : fmin(strangers, (double)timeout_ms / 1000);
}

int server_run(struct server *s, struct error *err)
{
    return MHD_run(s->daemon) == MHD_YES
               ? 0
               : error_errno(err, "the HTTP server failed");
}

const char *server_version(void)
{
    return MHD_get_version();
}
