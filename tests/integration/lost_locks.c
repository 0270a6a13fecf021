/* A file system whose locks reach nobody else: every lock is granted; or, built
 * with -DREFUSED=ENOLCK, one that has none.
 * SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>

#ifndef REFUSED
#define REFUSED 0
#endif

static int call(const char *name, int fd, int command, void *argument)
{
    int (*real)(int, int, ...) = (int (*)(int, int, ...))dlsym(RTLD_NEXT, name);

    if (command != F_SETLK && command != F_SETLKW && command != F_GETLK)
        return real(fd, command, argument);
    errno = REFUSED;
    return REFUSED ? -1 : 0;
}

int fcntl(int fd, int command, ...)
{
    va_list more;

    va_start(more, command);
    void *argument = va_arg(more, void *);
    va_end(more);
    return call("fcntl", fd, command, argument);
}

int fcntl64(int fd, int command, ...)
{
    va_list more;

    va_start(more, command);
    void *argument = va_arg(more, void *);
    va_end(more);
    return call("fcntl64", fd, command, argument);
}
