/* disk: preloaded into a controller, a disk and a clock that fail.
 *
 * Of the files below TORTURE_FOLDER each write is counted, and at the
 * TORTURE_AT-th something happens, as TORTURE_FAULT says:
 *   full    no space left (ENOSPC), for TORTURE_COUNT calls
 *   error   the disk is broken (EIO), for TORTURE_COUNT calls, syncs too
 *   power   the power fails: of what was written since the last sync of its
 *           file some sectors are there and some are not, and the process is
 *           gone
 *   clock   the wall clock jumps by TORTURE_COUNT seconds
 * TORTURE_SEED chooses the sectors.
 *
 * A sync covers one file, or the names in one folder: of the names given and
 * taken (open, rename, unlink) since their folder's last sync the newest are as
 * they were before, when the power has failed. Those of mkostemp() are not seen.
 * SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SECTOR = 512 };

/* What a write put over; in the order of the writes. */
struct undo {
    struct undo *older;
    dev_t device;
    ino_t inode;
    int fd;           /* of our own; -1: cannot be read */
    off_t at, end;    /* the file's end before */
    size_t size, had; /* bytes written, bytes there before */
    char old[];
};

/* A name that was given, or taken, in a folder. */
struct entry {
    struct entry *older;
    dev_t device; /* the folder's */
    ino_t inode;
    char *name, *from; /* what was renamed to it was called so; or NULL */
    char *kept;        /* a link to what had the name before; or NULL */
};

static struct {
    char folder[4096], fault[16];
    long at, count, calls, links;
    uint64_t random;
    struct undo *newest;
    struct entry *newest_name;
    pthread_mutex_t lock;
    bool known;
} disk = { .lock = PTHREAD_MUTEX_INITIALIZER };

static long number(const char *name)
{
    const char *text = getenv(name);

    return text ? strtol(text, NULL, 10) : 0;
}

static void learn(void)
{
    const char *folder = getenv("TORTURE_FOLDER");
    const char *fault = getenv("TORTURE_FAULT");

    snprintf(disk.folder, sizeof disk.folder, "%s/", folder ? folder : "?");
    snprintf(disk.fault, sizeof disk.fault, "%s", fault ? fault : "");
    disk.at = number("TORTURE_AT");
    disk.count = number("TORTURE_COUNT");
    disk.random = (uint64_t)number("TORTURE_SEED") * 2 + 1;
    disk.known = true;
}

/* Steele & Vigna's SplitMix64, below 'n'. */
static uint64_t draw(uint64_t n)
{
    uint64_t x = disk.random += 0x9e3779b97f4a7c15;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return (x ^ x >> 31) % n;
}

/* Whether it is one of the study's files. */
static bool is_ours(int fd)
{
    char link[64], path[4096];
    struct stat status;
    ssize_t size;

    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
        return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    size = readlink(link, path, sizeof path - 1);
    return size > 0 && (size_t)size > strlen(disk.folder) &&
           memcmp(path, disk.folder, strlen(disk.folder)) == 0;
}

/* ---- what is not on the disk yet -------------------------------------- */

/* Before 'size' bytes go to 'at'. */
static void remember(int fd, off_t at, size_t size)
{
    struct undo *u = calloc(1, sizeof *u + size);
    struct stat status;
    ssize_t had;

    if (!u || fstat(fd, &status) < 0) {
        free(u);
        return;
    }
    u->device = status.st_dev;
    u->inode = status.st_ino;
    u->fd = fcntl(fd, F_DUPFD_CLOEXEC, 100);
    u->at = at;
    u->end = status.st_size;
    u->size = size;
    had = pread(fd, u->old, size, at);
    u->had = had > 0 ? (size_t)had : 0;
    u->older = disk.newest;
    disk.newest = u;
}

/* All of the file is on the disk, or cut off. */
static void forget(int fd)
{
    struct undo **u = &disk.newest;
    struct stat status;

    if (fstat(fd, &status) < 0)
        return;
    while (*u) {
        struct undo *this = *u;

        if (this->device == status.st_dev && this->inode == status.st_ino) {
            *u = this->older;
            close(this->fd);
            free(this);
        } else {
            u = &this->older;
        }
    }
}

static void put_back(const struct undo *u, uint64_t lost_of_ten)
{
    for (size_t i = 0; i < u->size; i += SECTOR) {
        size_t size = u->size - i < SECTOR ? u->size - i : SECTOR;

        if (draw(10) < lost_of_ten)
            syscall(SYS_pwrite64, u->fd, u->old + i, size, u->at + (off_t)i);
    }
    if (lost_of_ten == 10 && u->at + (off_t)u->size > u->end)
        syscall(SYS_ftruncate, u->fd, u->end);
}

/* ---- names that are not on the disk yet -------------------------------- */

static int rename_file(const char *from, const char *to)
{
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static int remove_file(const char *name)
{
    return (int)syscall(SYS_unlinkat, AT_FDCWD, name, 0);
}

/* Whether names below the study's folder are to be remembered. */
static bool remembers(const char *name)
{
    if (!disk.known)
        learn();
    return disk.at > 0 && strcmp(disk.fault, "power") == 0 &&
           strncmp(name, disk.folder, strlen(disk.folder)) == 0;
}

static void free_name(struct entry *e)
{
    free(e->kept);
    free(e->from);
    free(e->name);
    free(e);
}

/* Before 'name' is given to another file ('from', or a new one: NULL), or to
 * none. */
static void remember_name(const char *name, const char *from)
{
    struct entry *e = calloc(1, sizeof *e);
    char *copy = strdup(name);
    struct stat status;

    if (!e || !copy || stat(dirname(copy), &status) < 0 ||
        !(e->name = strdup(name)) || (from && !(e->from = strdup(from)))) {
        if (e)
            free_name(e);
        free(copy);
        return;
    }
    free(copy);
    e->device = status.st_dev;
    e->inode = status.st_ino;
    if (asprintf(&e->kept, "%s~%ld", name, disk.links++) < 0) {
        e->kept = NULL;
    } else if (link(name, e->kept) < 0) {
        free(e->kept);
        e->kept = NULL;
    }
    e->older = disk.newest_name;
    disk.newest_name = e;
}

/* All names in the folder are on the disk. */
static void forget_names(int folder)
{
    struct entry **e = &disk.newest_name;
    struct stat status;

    if (fstat(folder, &status) < 0 || !S_ISDIR(status.st_mode))
        return;
    while (*e) {
        struct entry *this = *e;

        if (this->device == status.st_dev && this->inode == status.st_ino) {
            *e = this->older;
            if (this->kept)
                remove_file(this->kept);
            free_name(this);
        } else {
            e = &this->older;
        }
    }
}

static void put_name_back(const struct entry *e)
{
    if (e->from)
        rename_file(e->name, e->from);
    else
        remove_file(e->name);
    if (e->kept)
        rename_file(e->kept, e->name);
}

/* A folder's changes reach the disk in their order: the newest are lost. */
static void lose_names(void)
{
    uint64_t count = 0, lost;

    for (const struct entry *e = disk.newest_name; e; e = e->older)
        count++;
    lost = draw(count + 1);
    for (const struct entry *e = disk.newest_name; e; e = e->older)
        if (lost > 0) {
            put_name_back(e);
            lost--;
        } else if (e->kept) {
            remove_file(e->kept);
        }
}

static void fail_power(void)
{
    static const uint64_t lost[] = { 10, 5, 1 };
    uint64_t lost_of_ten = lost[draw(3)];

    for (const struct undo *u = disk.newest; u; u = u->older)
        put_back(u, lost_of_ten);
    lose_names();
    syscall(SYS_kill, getpid(), SIGKILL);
}

/* ---- faults ----------------------------------------------------------- */

/* One more call for 'fd'; returns the error it is to have, or 0. */
static int next_call(int fd, bool is_sync)
{
    bool now;

    if (!disk.known)
        learn();
    if (disk.at == 0 || !is_ours(fd))
        return 0;
    disk.calls++;
    now = disk.calls >= disk.at && disk.calls < disk.at + disk.count;
    if (strcmp(disk.fault, "power") == 0 && disk.calls == disk.at)
        fail_power();
    if (strcmp(disk.fault, "full") == 0 && now && !is_sync)
        return ENOSPC;
    if (strcmp(disk.fault, "error") == 0 && now)
        return EIO;
    return 0;
}

static bool keeps_all(void)
{
    return strcmp(disk.fault, "power") != 0;
}

static ssize_t put(long call, int fd, const void *data, size_t size, off_t at)
{
    int error;
    long rc;

    pthread_mutex_lock(&disk.lock);
    if ((error = next_call(fd, false)) == 0 && !keeps_all() && is_ours(fd))
        remember(fd, call == SYS_write ? lseek(fd, 0, SEEK_CUR) : at, size);
    rc = error ? -1 : syscall(call, fd, data, size, at);
    pthread_mutex_unlock(&disk.lock);
    if (error)
        errno = error;
    return rc;
}

static int sync_file(long call, int fd)
{
    int error;
    long rc;

    pthread_mutex_lock(&disk.lock);
    error = next_call(fd, true);
    rc = error ? -1 : syscall(call, fd);
    if (rc == 0) {
        forget(fd);
        forget_names(fd);
    }
    pthread_mutex_unlock(&disk.lock);
    if (error)
        errno = error;
    return (int)rc;
}

/* ---- in place of the C library's -------------------------------------- */

ssize_t write(int fd, const void *data, size_t size)
{
    return put(SYS_write, fd, data, size, 0);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    return put(SYS_pwrite64, fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    return put(SYS_pwrite64, fd, data, size, at);
}

int fsync(int fd)
{
    return sync_file(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return sync_file(SYS_fdatasync, fd);
}

int rename(const char *from, const char *to)
{
    int rc;

    pthread_mutex_lock(&disk.lock);
    if (remembers(to))
        remember_name(to, from);
    rc = rename_file(from, to);
    pthread_mutex_unlock(&disk.lock);
    return rc;
}

int unlink(const char *name)
{
    int rc;

    pthread_mutex_lock(&disk.lock);
    if (remembers(name))
        remember_name(name, NULL);
    rc = remove_file(name);
    pthread_mutex_unlock(&disk.lock);
    return rc;
}

int open(const char *name, int flags, ...)
{
    mode_t mode = 0;
    va_list rest;
    int fd;

    va_start(rest, flags);
    if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE)
        mode = va_arg(rest, mode_t);
    va_end(rest);
    pthread_mutex_lock(&disk.lock);
    if ((flags & O_CREAT) && remembers(name) &&
        syscall(SYS_faccessat, AT_FDCWD, name, F_OK) < 0)
        remember_name(name, NULL);
    fd = (int)syscall(SYS_openat, AT_FDCWD, name, flags, mode);
    pthread_mutex_unlock(&disk.lock);
    return fd;
}

int open64(const char *name, int flags, ...) __attribute__((alias("open")));

static int cut(int fd, off_t size)
{
    pthread_mutex_lock(&disk.lock);
    forget(fd);
    pthread_mutex_unlock(&disk.lock);
    return (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate(int fd, off_t size)
{
    return cut(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    return cut(fd, size);
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    long rc = syscall(SYS_clock_gettime, clock, time);

    if (clock == CLOCK_REALTIME && strcmp(disk.fault, "clock") == 0 &&
        disk.calls >= disk.at)
        time->tv_sec += disk.count;
    return (int)rc;
}
