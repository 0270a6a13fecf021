/* allocate: stands before the allocations of what is linked with it, and lets
 * one of them fail.
 *
 * The linker sends malloc, calloc, realloc, strdup and strndup here
 * (--wrap). A place is an allocation and the calls that led to it, DEPTH of
 * them; places are numbered from 1 as they are first come to, which is the same
 * in each run of a program that does the same.
 *   SCARCE_AT=N       the N-th place gets NULL, the first time
 *   SCARCE_COUNT=FILE the number of places is written there at the end
 * Without either, nothing is looked at; a test may also set 'allocations_left'.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEPTH = 4, PLACES_MAX = 1 << 16 };

/* the sanitizers', where they are linked */
extern void __sanitizer_print_stack_trace(void) __attribute__((weak));
extern void *__real_malloc(size_t size);
extern void *__real_calloc(size_t count, size_t size);
extern void *__real_realloc(void *old, size_t size);
extern char *__real_strdup(const char *text);
extern char *__real_strndup(const char *text, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);

extern long allocations_left;
long allocations_left = -1; /* the one after so many fails; below 0: none */

static uint64_t known[PLACES_MAX]; /* a hash table; 0: free */
static long places, fail_at;
static bool counting, ready;
static __thread bool busy; /* backtrace() allocates, too */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void write_count(void)
{
    FILE *f = fopen(getenv("SCARCE_COUNT"), "w");

    if (!f)
        return;
    fprintf(f, "%ld\n", places);
    fclose(f);
}

static void learn(void)
{
    const char *at = getenv("SCARCE_AT");

    fail_at = at ? strtol(at, NULL, 10) : 0;
    counting = getenv("SCARCE_COUNT") != NULL;
    if (counting)
        atexit(write_count);
    ready = true;
}

/* A number for the way here, the same in each run: relative to ourselves. */
static uint64_t hash_of_place(void)
{
    void *frames[DEPTH + 3];
    int count = backtrace(frames, DEPTH + 3);
    uint64_t hash = 14695981039346656037u; /* FNV-1a */

    for (int i = 3; i < count; i++)
        hash =
            (hash ^ ((uintptr_t)frames[i] - (uintptr_t)learn)) * 1099511628211u;
    return hash ? hash : 1;
}

/* Whether a place is come to for the first time; it is known from then on. */
static bool is_new(uint64_t hash)
{
    size_t i = hash % PLACES_MAX;

    while (known[i] && known[i] != hash)
        i = (i + 1) % PLACES_MAX;
    if (known[i] || places >= PLACES_MAX / 2)
        return false;
    known[i] = hash;
    places++;
    return true;
}

static __attribute__((noinline)) bool fails(void)
{
    bool now = false;

    if (!ready)
        learn();
    if (allocations_left >= 0 && allocations_left-- == 0) {
        errno = ENOMEM;
        return true;
    }
    if ((!fail_at && !counting) || busy)
        return false;
    busy = true;
    pthread_mutex_lock(&lock);
    now = is_new(hash_of_place()) && places == fail_at;
    pthread_mutex_unlock(&lock);
    busy = false;
    if (now && __sanitizer_print_stack_trace) {
        fputs("this allocation fails:\n", stderr);
        __sanitizer_print_stack_trace();
        fputs("it has failed\n", stderr);
    }
    if (now)
        errno = ENOMEM;
    return now;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t size)
{
    return fails() ? NULL : __real_strndup(text, size);
}
