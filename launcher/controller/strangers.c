/* strangers: see strangers.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/controller/strangers.h"

#include <sys/socket.h>

static void shut_out(struct strangers *all, struct stranger *s)
{
    shutdown(s->fd, SHUT_RDWR);
    strangers_remove(all, s);
}

void strangers_add(struct strangers *all, struct stranger *s, int fd,
                   double now)
{
    *s = (struct stranger){ fd, now, all->newest, NULL };
    if (all->newest)
        all->newest->newer = s;
    else
        all->oldest = s;
    all->newest = s;
    if (++all->count > STRANGERS_MAX)
        shut_out(all, all->oldest);
}

void strangers_remove(struct strangers *all, struct stranger *s)
{
    if (s->fd < 0)
        return;
    if (s->older)
        s->older->newer = s->newer;
    else
        all->oldest = s->newer;
    if (s->newer)
        s->newer->older = s->older;
    else
        all->newest = s->older;
    s->fd = -1;
    all->count--;
}

double strangers_expire(struct strangers *all, double now)
{
    while (all->oldest && now - all->oldest->since >= STRANGERS_S)
        shut_out(all, all->oldest);
    return all->oldest ? all->oldest->since + STRANGERS_S - now : -1;
}
