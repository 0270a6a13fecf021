/* See meeting.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/comm/meeting.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

/* For one address to answer; a peer's greeting is in the first packet. */
enum { PATIENCE_MS = 2000 };

struct greeting {
    unsigned char secret[MEETING_SECRET];
    int32_t rank;
};

/* This node's IPv4 addresses, those that only it can reach last. */
static void list_addresses(struct meeting *m)
{
    struct ifaddrs *list = NULL;

    m->addresses = 0;
    if (getifaddrs(&list) < 0)
        list = NULL;
    for (unsigned loopback = 0; loopback < 2; loopback++)
        for (struct ifaddrs *i = list; i; i = i->ifa_next) {
            struct sockaddr_in in;

            if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET ||
                !(i->ifa_flags & IFF_UP) ||
                !!(i->ifa_flags & IFF_LOOPBACK) != loopback ||
                m->addresses == MEETING_ADDRESSES)
                continue;
            memcpy(&in, i->ifa_addr, sizeof in);
            m->address[m->addresses++] = in.sin_addr;
        }
    freeifaddrs(list);
}

int meeting_open(struct meeting *m, struct error *err)
{
    struct sockaddr_in in = { .sin_family = AF_INET };
    socklen_t size = sizeof in;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memset(m, 0, sizeof *m);
    if (fd < 0 || bind(fd, (struct sockaddr *)&in, sizeof in) < 0 ||
        listen(fd, SOMAXCONN) < 0 ||
        getsockname(fd, (struct sockaddr *)&in, &size) < 0 ||
        getrandom(m->secret, sizeof m->secret, 0) != sizeof m->secret) {
        error_errno(err, "cannot listen for the other ranks");
        if (fd >= 0)
            close(fd);
        return -1;
    }
    m->port = in.sin_port;
    list_addresses(m);
    return fd;
}

/* Wait for 'events' on 'fd'. Returns whether they came. */
static int await(int fd, short events)
{
    struct pollfd p = { fd, events, 0 };

    return poll(&p, 1, PATIENCE_MS) == 1;
}

static int dial(struct in_addr address, in_port_t port)
{
    struct sockaddr_in in = { .sin_family = AF_INET,
                              .sin_port = port,
                              .sin_addr = address };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int why = 0;
    socklen_t size = sizeof why;

    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&in, sizeof in) == 0 ||
        (errno == EINPROGRESS && await(fd, POLLOUT) &&
         getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &size) == 0 && why == 0))
        return fd;
    close(fd);
    return -1;
}

int meeting_join(const struct meeting *m, int rank)
{
    struct greeting mine = { .rank = rank };
    unsigned char answer[MEETING_SECRET];

    memcpy(mine.secret, m->secret, sizeof mine.secret);
    for (int i = 0; i < m->addresses; i++) {
        int fd = dial(m->address[i], m->port);

        if (fd < 0)
            continue;
        if (send(fd, &mine, sizeof mine, MSG_NOSIGNAL) == sizeof mine &&
            await(fd, POLLIN) &&
            recv(fd, answer, sizeof answer, 0) == sizeof answer &&
            memcmp(answer, m->secret, sizeof answer) == 0)
            return fd;
        close(fd);
    }
    return -1;
}

int meeting_accept(const struct meeting *m, int listener, int *rank)
{
    struct greeting theirs;
    /* nobody asks where it comes from */
    // cppcheck-suppress nullPointer
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return -1;
    if (await(fd, POLLIN) &&
        recv(fd, &theirs, sizeof theirs, 0) == sizeof theirs &&
        memcmp(theirs.secret, m->secret, sizeof theirs.secret) == 0 &&
        send(fd, m->secret, sizeof m->secret, MSG_NOSIGNAL) ==
            sizeof m->secret) {
        *rank = theirs.rank;
        return fd;
    }
    close(fd);
    return -1;
}
