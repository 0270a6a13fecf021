/* Opening and closing a training. See train.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/train/train.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "trainer/comm/device.h"
#include "trainer/optim/optim.h"
#include "trainer/train/helper.h"

enum { JUDGE_ROWS = 64 }; /* at least so many rows at once when judging */

/* What must be the same for a checkpoint to be gone on from. */
static char *digest_of(const struct training *t)
{
    const struct config *c = t->config;

    return text_print("%s/%zu rows/%zu folds/%" PRId64
                      " a batch/%s/seed %" PRId64 "/%zu parameters%s",
                      t->data->name, t->data->row_count, t->fold_count,
                      c->batch_size, optim_names[c->optimizer.kind], c->seed,
                      model_parameters(t->model),
                      c->helpers > 0 ? "/helped" : "");
}

/* Rows of a batch this rank holds at most. */
static size_t capacity_of(const struct training *t)
{
    size_t ranks = (size_t)t->comm->size;
    size_t mine = ((size_t)t->config->batch_size + ranks - 1) / ranks;

    return mine > JUDGE_ROWS ? mine : JUDGE_ROWS;
}

static int open_folds(struct training *t, struct error *err)
{
    size_t count = t->config->folds > 0 ? (size_t)t->config->folds : 1, k;

    t->fold = calloc(count, sizeof *t->fold);
    if (!t->fold)
        return error_memory(err);
    for (k = 0; k < count; k++) {
        t->fold_count++;
        if (fold_init(&t->fold[k], k, t->config, t->data, &t->inputs, t->model,
                      err) < 0)
            return -1;
    }
    return 0;
}

static int open_model(struct training *t, struct error *err)
{
    const struct config *c = t->config;
    size_t capacity = capacity_of(t);

    if (inputs_init(&t->inputs, t->data, &c->inputs, err) < 0)
        return -1;
    t->model =
        model_create(&c->model, &t->inputs, capacity, t->backend, t->comm, err);
    if (!t->model || (c->late && model_be_late(t->model, err) < 0))
        return -1;
    if (t->device.ops)
        t->model->device = &t->device;
    return batch_init(&t->batch, &t->inputs, capacity, err);
}

/* MPI reaches memory of the host; where the backend's is a device's, NCCL does. */
static int open_backend(struct training *t, const struct wireup *up,
                        struct error *err)
{
    const struct config *c = t->config;
    const struct backend_options o = { .threads = (int)c->threads,
                                       .precision = c->precision,
                                       .local_rank = up->local_rank };

    t->backend = backend_open(c->backend, &o, err);
    if (!t->backend)
        return -1;
    if (strcmp(c->backend, "cuda") == 0 && t->comm->size > 1)
        return comm_device(&t->device, up, t->backend, err);
    return 0;
}

int train_open(struct training *t, const struct config *c,
               const struct wireup *up, struct sentei *client,
               const char *folder, const volatile sig_atomic_t *stop,
               struct error *err)
{
    *t = (struct training){ .config = c,
                            .comm = up->comm,
                            .client = client,
                            .folder = folder,
                            .stop = stop,
                            .best = NAN,
                            .patient = true };
    t->data = dataset_open(c->data, err);
    if (!t->data || fold_check(c, t->data, err) < 0)
        return -1;
    if (open_backend(t, up, err) < 0 || open_model(t, err) < 0 ||
        open_folds(t, err) < 0)
        return -1;
    t->digest = digest_of(t);
    if (!t->digest)
        return error_memory(err);
    if (c->helpers > 0)
        t->helper = helper_create(t, err);
    return c->helpers == 0 || t->helper ? 0 : -1;
}

void train_close(struct training *t)
{
    size_t k;

    for (k = 0; k < t->fold_count; k++)
        fold_clear(&t->fold[k], t->model);
    free(t->fold);
    batch_clear(&t->batch);
    model_destroy(t->model);
    inputs_clear(&t->inputs);
    comm_close(&t->device);
    backend_destroy(t->backend);
    dataset_close(t->data);
    free(t->digest);
    helper_destroy(t->helper);
    memset(t, 0, sizeof *t);
}
