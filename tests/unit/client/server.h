/* server: a small HTTP server on a real socket, for the client's tests.
 *
 * One thread answers every request by a function of the test's. Stop it and
 * start it again on the same port to play a controller that went away.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_CLIENT_SERVER_H
#define TESTS_UNIT_CLIENT_SERVER_H

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVER_CONNECTIONS = 16, SERVER_BUFFER = 1 << 20 };

/* Answer one request: return the status and write the body (a JSON text). */
typedef int server_answer(void *context, const char *head, const char *body,
                          char *reply, size_t size);

struct server {
    server_answer *answer;
    void *context;
    int port, listener, stop[2];
    int connections[SERVER_CONNECTIONS];
    pthread_t thread;
    char *buffer;
};

/* Read one request whole; false when the peer is gone. */
static inline bool server_read(int fd, char *buffer, char **body)
{
    size_t have = 0, need = SIZE_MAX;
    char *end = NULL, *length;

    while (have < need) {
        ssize_t got = read(fd, buffer + have, SERVER_BUFFER - 1 - have);
        if (got <= 0)
            return false;
        have += (size_t)got;
        buffer[have] = '\0';
        if (!end && (end = strstr(buffer, "\r\n\r\n"))) {
            length = strcasestr(buffer, "content-length:");
            need =
                (size_t)(end + 4 - buffer) +
                (length && length < end ? strtoul(length + 15, NULL, 10) : 0);
        }
    }
    end[2] = '\0'; /* the head keeps its last line's end */
    *body = end + 4;
    return true;
}

static inline bool server_serve(struct server *s, int fd)
{
    char reply[8192], head[512], *body = NULL;
    int status;

    if (!server_read(fd, s->buffer, &body))
        return false;
    status = s->answer(s->context, s->buffer, body, reply, sizeof reply);
    snprintf(head, sizeof head,
             "HTTP/1.1 %d Because\r\nContent-Type: application/json\r\n"
             "%sContent-Length: %zu\r\n\r\n",
             status, status == 429 ? "Retry-After: 1\r\n" : "", strlen(reply));
    return send(fd, head, strlen(head), MSG_NOSIGNAL) > 0 &&
           send(fd, reply, strlen(reply), MSG_NOSIGNAL) >= 0;
}

static inline void server_accept(struct server *s)
{
    int i, fd = accept(s->listener, NULL, NULL);

    for (i = 0; i < SERVER_CONNECTIONS && s->connections[i] >= 0; i++)
        ;
    assert(i < SERVER_CONNECTIONS && fd >= 0);
    s->connections[i] = fd;
}

static inline void *server_main(void *argument)
{
    struct server *s = argument;
    struct pollfd fds[SERVER_CONNECTIONS + 2];

    for (;;) {
        fds[0] = (struct pollfd){ s->stop[0], POLLIN, 0 };
        fds[1] = (struct pollfd){ s->listener, POLLIN, 0 };
        for (int i = 0; i < SERVER_CONNECTIONS; i++)
            fds[i + 2] = (struct pollfd){ s->connections[i], POLLIN, 0 };
        if (poll(fds, SERVER_CONNECTIONS + 2, -1) < 0)
            continue;
        if (fds[0].revents)
            return NULL;
        for (int i = 0; i < SERVER_CONNECTIONS; i++)
            if (fds[i + 2].revents && !server_serve(s, s->connections[i])) {
                close(s->connections[i]);
                s->connections[i] = -1;
            }
        if (fds[1].revents)
            server_accept(s);
    }
}

/* Listen on 127.0.0.1, on 'port' or, when 0, on a free one. */
static inline void server_start(struct server *s, int port,
                                server_answer *answer, void *context)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((unsigned short)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;
    int yes = 1, rc;

    *s = (struct server){ .answer = answer, .context = context };
    for (int i = 0; i < SERVER_CONNECTIONS; i++)
        s->connections[i] = -1;
    s->buffer = malloc(SERVER_BUFFER);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    rc = bind(s->listener, (struct sockaddr *)&at, sizeof at);
    rc = rc || listen(s->listener, 16) ||
         getsockname(s->listener, (struct sockaddr *)&at, &size) ||
         pipe(s->stop);
    assert(!rc && s->buffer);
    s->port = ntohs(at.sin_port);
    rc = pthread_create(&s->thread, NULL, server_main, s);
    assert(!rc);
}

static inline void server_stop(struct server *s)
{
    ssize_t wrote = write(s->stop[1], "x", 1);

    assert(wrote == 1);
    pthread_join(s->thread, NULL);
    for (int i = 0; i < SERVER_CONNECTIONS; i++)
        if (s->connections[i] >= 0)
            close(s->connections[i]);
    close(s->listener);
    close(s->stop[0]);
    close(s->stop[1]);
    free(s->buffer);
}

#endif
