/* See pictures.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/pack/pictures.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/progress.h"
#include "base/text.h"
#include "trainer/data/image/phash.h"

enum { BATCH = 256 };

struct crew {
    const struct pictures *p;
    struct picture_read *each;
    size_t count;
    atomic_size_t next;
};

/* A thread: take pictures until none is left. */
static void *read_some(void *arg)
{
    struct crew *c = arg;
    const struct pictures *p = c->p;

    for (size_t i; (i = atomic_fetch_add(&c->next, 1)) < c->count;) {
        struct picture_read *r = &c->each[i];

        r->rc = p->source->image(p->source, r->name, p->height, p->width,
                                 r->planes, &r->error);
        r->hash = r->rc < 0 ? 0 : phash(r->planes, p->height, p->width);
    }
    return NULL;
}

/* This thread helps, and is enough alone when no other can be started. */
void pictures_read(const struct pictures *p, struct picture_read *each,
                   size_t count)
{
    struct crew c = { .p = p, .each = each, .count = count };
    pthread_t thread[PICTURES_THREADS_MAX];
    int started = 0;

    while (started + 1 < p->threads && started < PICTURES_THREADS_MAX &&
           pthread_create(&thread[started], NULL, read_some, &c) == 0)
        started++;
    read_some(&c);
    while (started > 0)
        pthread_join(thread[--started], NULL);
}

/* --- hashes of all ----------------------------------------------------------- */

static void free_batch(struct picture_read *each)
{
    for (size_t i = 0; each && i < BATCH; i++) {
        free(each[i].name);
        free(each[i].planes);
    }
    free(each);
}

static struct picture_read *make_batch(const struct pictures *p)
{
    struct picture_read *each = calloc(BATCH, sizeof *each);

    for (size_t i = 0; each && i < BATCH; i++) {
        each[i].planes = malloc((size_t)3 * p->height * p->width);
        if (!each[i].planes) {
            free_batch(each);
            return NULL;
        }
    }
    return each;
}

/* Read the names that were gathered; their hashes go to 'hash'. */
static int hash_batch(const struct pictures *p, struct picture_read *each,
                      size_t count, uint64_t *hash, struct error *err)
{
    int rc = 0;

    if (p->stop && *p->stop)
        return error_set(err, "stopped by a signal; nothing was packed");
    pictures_read(p, each, count);
    for (size_t i = 0; i < count; i++) {
        hash[i] = each[i].hash;
        if (each[i].rc < 0 && each[i].error.kind != ERROR_USAGE && rc == 0) {
            rc = -1; /* memory or descriptors are out: it may well be there */
            if (err)
                *err = each[i].error;
        }
        free(each[i].name);
        each[i].name = NULL;
    }
    return rc;
}

static int hash_rows(const struct pictures *p, struct source *source,
                     int column, size_t rows, struct picture_read *each,
                     uint64_t *hash, struct error *err)
{
    struct progress progress;
    size_t count = 0, done = 0;
    struct record r;
    int more, rc = 0;

    if (source->rewind(source, err) < 0)
        return -1;
    progress_start(&progress, "hashing pictures", (int64_t)rows);
    while (rc == 0 && (more = source->next(source, &r, err)) > 0 &&
           done + count < rows) {
        each[count].name = text_copy(r.field[column]);
        if (!each[count++].name)
            rc = error_memory(err);
        if (rc == 0 && count == BATCH) {
            rc = hash_batch(p, each, count, hash + done, err);
            done += count;
            count = 0;
            progress_update(&progress, (int64_t)done);
        }
    }
    if (rc == 0)
        rc = more < 0 ? -1 : hash_batch(p, each, count, hash + done, err);
    progress_finish(&progress, (int64_t)(done + count));
    return rc;
}

uint64_t *pictures_hash_all(const struct pictures *p, struct source *source,
                            int column, size_t rows, struct error *err)
{
    struct picture_read *each = make_batch(p);
    uint64_t *hash = calloc(rows + 1, sizeof *hash);
    int rc = each && hash ? hash_rows(p, source, column, rows, each, hash, err)
                          : error_memory(err);

    free_batch(each);
    if (rc == 0)
        return hash;
    free(hash);
    return NULL;
}
