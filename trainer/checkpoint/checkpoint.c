/* See checkpoint.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/checkpoint/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "trainer/checkpoint/safetensors.h"

/* A tensor of the file and the memory it is in: the backend's, or the host's. */
struct slot {
    struct tensor tensor;
    float *memory;
    bool host;
};

struct slots {
    struct slot *slot;
    size_t count, capacity;
    bool failed;
};

static void slots_clear(struct slots *s)
{
    size_t i;

    for (i = 0; i < s->count; i++)
        free((void *)(uintptr_t)s->slot[i].tensor.name);
    free(s->slot);
}

static void add(struct slots *s, size_t fold, const char *name,
                const char *ending, size_t rank, const size_t *shape,
                float *memory)
{
    struct slot *more, *at;
    size_t capacity = s->capacity ? 2 * s->capacity : 64;

    if (s->count == s->capacity) {
        more = realloc(s->slot, capacity * sizeof *more);
        if (!more) {
            s->failed = true;
            return;
        }
        s->slot = more;
        s->capacity = capacity;
    }
    at = &s->slot[s->count];
    *at = (struct slot){ .tensor = { .rank = rank }, .memory = memory };
    memcpy(at->tensor.shape, shape, rank * sizeof *shape);
    at->tensor.name = text_print("fold%zu.%s%s", fold, name, ending);
    if (at->tensor.name)
        s->count++;
    else
        s->failed = true;
}

/* A value, and with 'whole' its two moments. */
static void add_numbers(struct slots *s, size_t fold, const char *name,
                        size_t rank, const size_t *shape,
                        const struct numbers *n, size_t offset, bool whole)
{
    add(s, fold, name, "", rank, shape, n->value + offset);
    if (!whole)
        return;
    add(s, fold, name, ".m", rank, shape, n->m + offset);
    add(s, fold, name, ".v", rank, shape, n->v + offset);
}

/* What was learned to make batches, and of answers; empty arrays are left
 * out. */
static void add_statistics(struct slots *s, size_t fold, const struct fold *f)
{
    const struct statistics *of = &f->statistics;
    const struct calibration *c = &f->calibration;
    const struct {
        const char *name;
        float *value;
        size_t count;
    } rows[] = {
        { "text.idf", of->idf, of->idf_count },
        { "dense.mean", of->dense.mean, of->dense.count },
        { "dense.scale", of->dense.scale, of->dense.count },
        { "frames.mean", of->frames.mean, of->frames.count },
        { "frames.scale", of->frames.scale, of->frames.count },
        { "calibration.shift", c->shift, c->outputs },
        { "calibration.line", (float *)(uintptr_t)c->line, 2 },
    };
    size_t i, before;

    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        before = s->count;
        if (rows[i].count > 0)
            add(s, fold, rows[i].name, "", 1, &rows[i].count, rows[i].value);
        if (s->count > before)
            s->slot[before].host = true;
    }
}

static void add_fold(struct slots *s, const struct checkpoint *c, size_t k)
{
    const struct model *m = c->model;
    const struct weights *w = &c->fold[k].weights;
    const struct parameter *p;
    size_t i;

    for (i = 0; i < m->dense.count; i++) {
        p = &m->dense.parameter[i];
        add_numbers(s, k, p->name, p->rank, p->shape, &w->dense, p->offset,
                    c->whole);
    }
    for (i = 0; i < m->running.count; i++) {
        p = &m->running.parameter[i];
        add(s, k, p->name, "", p->rank, p->shape, w->running + p->offset);
    }
    for (i = 0; i < m->table_count; i++) {
        size_t shape[2] = { m->table[i].rows, m->table[i].dimension };

        add_numbers(s, k, m->table[i].name, 2, shape, &w->table[i], 0,
                    c->whole);
    }
    add_statistics(s, k, &c->fold[k]);
}

static int list(struct slots *s, const struct checkpoint *c, struct error *err)
{
    size_t k;

    for (k = 0; k < c->fold_count; k++)
        add_fold(s, c, k);
    return s->failed ? error_memory(err) : 0;
}

static void fetch(struct backend *b, const struct slot *s, float *to)
{
    size_t bytes = tensor_count(&s->tensor) * sizeof *to;

    if (s->host)
        memcpy(to, s->memory, bytes);
    else
        b->ops->download(b, to, s->memory, bytes);
}

static void bring(struct backend *b, const struct slot *s, const float *from)
{
    size_t bytes = tensor_count(&s->tensor) * sizeof *from;

    if (s->host)
        memcpy(s->memory, from, bytes);
    else
        b->ops->upload(b, s->memory, from, bytes);
}

static size_t floats(const struct slots *s)
{
    size_t count = 0, i;

    for (i = 0; i < s->count; i++)
        count += tensor_count(&s->slot[i].tensor);
    return count;
}

/* "fold3.steps" */
static void steps_key(char *key, size_t size, size_t fold)
{
    snprintf(key, size, "fold%zu.steps", fold);
}

/* What goes into the metadata besides the place. */
static struct tree *metadata_of(const struct checkpoint *c,
                                const struct tree *place)
{
    struct tree *map = tree_copy(place);
    char key[32], steps[32];
    size_t k;

    tree_set_string(map, "format", "sentei-1");
    if (c->digest)
        tree_set_string(map, "digest", c->digest);
    for (k = 0; k < c->fold_count; k++) {
        steps_key(key, sizeof key, k);
        snprintf(steps, sizeof steps, "%" PRId64, c->fold[k].weights.steps);
        tree_set_string(map, key, steps);
    }
    return map;
}

int checkpoint_save(const struct checkpoint *c, const char *path,
                    const struct tree *place, struct error *err)
{
    struct backend *b = c->model->backend;
    struct tree *metadata = metadata_of(c, place);
    struct slots s = { 0 };
    struct tensor *tensors = NULL;
    float *host = NULL, *at;
    size_t i;
    int rc = -1;

    if (list(&s, c, err) < 0)
        goto out;
    tensors = calloc(s.count + 1, sizeof *tensors);
    host = at = malloc((floats(&s) + 1) * sizeof *host);
    if (!tensors || !host || !tree_ok(metadata)) {
        error_memory(err);
        goto out;
    }
    for (i = 0; i < s.count; i++) {
        tensors[i] = s.slot[i].tensor;
        tensors[i].data = at;
        fetch(b, &s.slot[i], at);
        at += tensor_count(&tensors[i]);
    }
    rc = safetensors_write(path, tensors, s.count, metadata, err);
out:
    free(host);
    free(tensors);
    slots_clear(&s);
    tree_destroy(metadata);
    return rc;
}

static int check_digest(const struct checkpoint *c,
                        const struct safetensors *file, struct error *err)
{
    const char *theirs = safetensors_metadata(file, "digest");

    if (!c->digest || strcmp(theirs, c->digest) == 0)
        return 0;
    error_usage(err, "the checkpoint is of another training: %s, not %s",
                theirs, c->digest);
    error_where(err, "%s", file->path);
    return error_hint(err, "remove it to begin anew, or use another folder");
}

static int restore(const struct checkpoint *c, const struct slots *s,
                   const struct safetensors *file, struct error *err)
{
    struct backend *b = c->model->backend;
    float *host = malloc((floats(s) + 1) * sizeof *host);
    size_t i;
    int rc = 0;

    if (!host)
        return error_memory(err);
    for (i = 0; i < s->count && rc == 0; i++) {
        const struct slot *slot = &s->slot[i];

        rc = safetensors_get(file, &slot->tensor, host, err);
        if (rc == 0)
            bring(b, slot, host);
    }
    free(host);
    return rc;
}

static int restore_steps(const struct checkpoint *c,
                         const struct safetensors *file, struct error *err)
{
    char key[32];
    size_t k;

    for (k = 0; k < c->fold_count; k++) {
        steps_key(key, sizeof key, k);
        if (text_to_int(safetensors_metadata(file, key),
                        &c->fold[k].weights.steps) < 0) {
            error_set(err, "the checkpoint has no '%s'", key);
            return error_where(err, "%s", file->path);
        }
    }
    return 0;
}

int checkpoint_load(const struct checkpoint *c, const char *path,
                    struct tree **place, struct error *err)
{
    struct safetensors file;
    struct slots s = { 0 };
    int rc = -1;

    *place = NULL;
    if (safetensors_open(&file, path, err) < 0)
        return -1;
    if (check_digest(c, &file, err) < 0 || list(&s, c, err) < 0 ||
        restore(c, &s, &file, err) < 0 || restore_steps(c, &file, err) < 0)
        goto out;
    *place = tree_copy(tree_get(file.header, "__metadata__"));
    rc = *place ? 0 : error_memory(err);
out:
    slots_clear(&s);
    safetensors_close(&file);
    return rc;
}
