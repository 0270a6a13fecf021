/* train: the same training by two backends: do they come to the same end?
 *
 *   train REFERENCE CANDIDATE[:PRECISION] [ROWS [EPOCHS [SEEDS [SHARD]]]]    train plain cuda:bf16
 *
 * Made-up listings (trainer/data/synth): from pictures, titles, sellers and
 * prices, is it a thing to wear or carry? (Which are counterfeit is rare, and
 * left to luck in so few.) With a shard, real pictures (pictures.h): is it of the
 * commonest kind? A third of the rows judges. For each seed both begin with the same
 * weights and see the same batches. They agree when the mean over seeds of the
 * log loss on the judging rows differs by less than the noise: the deviation
 * over the reference's seeds (at least 1 % of the mean) (TAP). What the weights of
 * each came to is named, to see whether another run gives the same bits. Needs no
 * library, and no file but the shard.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "tests/gpu/open.h"
#include "tests/gpu/pictures.h"
#include "trainer/data/synth/listing.h"
#include "trainer/metrics.h"
#include "trainer/model/model.h"
#include "trainer/optim/optim.h"

enum { BATCH = 48, WORD_ROWS = 1024, SELLERS = 64, PRICES = 16, TABLES = 3 };

static struct input_table tables[TABLES] = {
    { "text", INPUT_TEXT, 0, WORD_ROWS },
    { "category.seller", INPUT_CATEGORY, 0, SELLERS },
    { "number.price", INPUT_NUMBER, 0, PRICES },
};

static struct inputs inputs = { .image_height = LISTING_SIDE,
                                .image_width = LISTING_SIDE,
                                .classes = 2,
                                .table_count = TABLES,
                                .table = tables };

static const struct model_options options = {
    .image = { .width = 8, .stages = 3, .blocks = 1, .batch_norm = true },
    .text_dimension = 16,
    .category_dimension = 8,
    .number_dimension = 8,
    .fusion = { 2, 32, 0.1, true },
    .initial = { INITIAL_HE, 1 },
};

static const struct optim_options adam = { .kind = OPTIM_ADAM,
                                           .lr = 2e-3,
                                           .beta1 = 0.9,
                                           .beta2 = 0.999,
                                           .epsilon = 1e-8 };

static size_t row_count = 1440, epochs = 2, seeds = 3;
static struct pictures pictures; /* or none: listings */

/* --- rows ------------------------------------------------------------------------ */

static int look_up(struct lookup *l, uint64_t id, struct error *err)
{
    if (lookup_reserve(l, 1, err) < 0)
        return -1;
    l->id[l->count] = (uint32_t)(id % l->table_rows);
    l->weight[l->count] = 1;
    lookup_end_row(l, 1);
    return 0;
}

/* Each word of the title is a row, by a hash of it. */
static int look_up_words(struct lookup *l, const char *title, struct error *err)
{
    size_t used = 0, length;

    if (lookup_reserve(l, strlen(title) + 1, err) < 0)
        return -1;
    while (*title) {
        uint64_t hash = 0;

        length = strcspn(title, " ");
        for (size_t i = 0; i < length; i++)
            hash = random_mix(hash + (unsigned char)title[i]);
        if (length > 0)
            l->id[l->count + used++] = (uint32_t)(hash % WORD_ROWS);
        title += length + strspn(title + length, " ");
    }
    for (size_t i = 0; i < used; i++)
        l->weight[l->count + i] = 1 / (float)used;
    lookup_end_row(l, used);
    return 0;
}

static uint64_t price_of(const struct listing *l)
{
    return (uint64_t)log2(fmax(l->price, 1));
}

static void fill_pictures(struct batch *b, size_t first, size_t rows)
{
    size_t size = inputs_pixels(&inputs), i;

    b->rows = rows;
    memcpy(b->pixels, pictures.pixels + first * size, rows * size);
    for (i = 0; i < rows; i++)
        b->label[i] = pictures.kind[first + i] == pictures.commonest;
}

static int fill_listings(struct batch *b, size_t first, size_t rows,
                         uint64_t seed, struct error *err)
{
    struct listing l = { 0 };
    size_t i, k;
    int rc = 0;

    b->rows = rows;
    for (k = 0; k < TABLES; k++)
        lookup_reset(&b->lookup[k]);
    for (i = 0; i < rows && rc == 0; i++) {
        listing_make(&l, seed, first + i);
        listing_draw(&l, seed, first + i,
                     b->pixels + i * inputs_pixels(&inputs));
        b->label[i] = l.kind < LISTING_KINDS / 3;
        rc = look_up_words(&b->lookup[0], text_get(&l.title), err);
        rc = rc < 0 ? rc : look_up(&b->lookup[1], l.seller, err);
        rc = rc < 0 ? rc : look_up(&b->lookup[2], price_of(&l), err);
    }
    for (k = 0; k < TABLES; k++)
        lookup_index(&b->lookup[k]);
    text_clear(&l.title);
    return rc;
}

static int fill(struct batch *b, size_t first, size_t rows, uint64_t seed,
                struct error *err)
{
    if (pictures.rows == 0)
        return fill_listings(b, first, rows, seed, err);
    fill_pictures(b, first, rows);
    return 0;
}

/* What the shard has, and no more rows than that. */
static int take_pictures(const char *path, struct error *err)
{
    if (pictures_open(&pictures, path, err) < 0)
        return -1;
    inputs.image_height = inputs.image_width = pictures.side;
    inputs.table_count = 0;
    if (row_count > pictures.rows)
        row_count = pictures.rows;
    return 0;
}

/* --- a training --------------------------------------------------------------------- */

struct training {
    struct model *m;
    struct weights w;
    struct batch batch;
    uint64_t seed;
};

static int step(struct training *t, size_t first, uint64_t key,
                struct error *err)
{
    struct step s = { .training = true, .all_rows = BATCH, .key = key };

    backend_begin_step(t->m->backend);
    if (fill(&t->batch, first, BATCH, t->seed, err) < 0 ||
        model_forward(t->m, &t->w, &t->batch, &s, err) < 0 ||
        model_backward(t->m, &t->batch, &s, err) < 0 ||
        model_exchange(t->m, err) < 0)
        return -1;
    optim_step(&adam, t->m, &t->w, adam.lr);
    backend_end_step(t->m->backend);
    return backend_check(t->m->backend, err);
}

/* Of the rows from 'first' on. */
static int judge(struct training *t, size_t first, struct metrics *out,
                 struct error *err)
{
    float *logit = calloc(row_count, 2 * sizeof *logit);
    float *label = logit ? logit + row_count : NULL;
    size_t done = 0;
    int rc = logit ? 0 : error_memory(err);

    for (; rc == 0 && first + done + BATCH <= row_count; done += BATCH) {
        struct step s = { .all_rows = BATCH };

        rc = fill(&t->batch, first + done, BATCH, t->seed, err);
        if (rc == 0)
            rc = model_forward(t->m, &t->w, &t->batch, &s, err);
        if (rc < 0)
            break;
        model_logits(t->m, logit + done);
        memcpy(label + done, t->batch.label, BATCH * sizeof *label);
    }
    if (rc == 0)
        rc = metrics_compute(logit, 1, label, done, out, err);
    free(logit);
    return rc;
}

/* Name the weights by a hash of all their bits. */
static int name_weights(const struct training *t, struct error *err)
{
    size_t count = weights_floats(&t->w, t->m), i;
    float *host = calloc(count, sizeof *host);
    uint64_t hash = 0;
    uint32_t bits;

    if (!host)
        return error_memory(err);
    weights_download(&t->w, t->m, host);
    for (i = 0; i < count; i++) {
        memcpy(&bits, &host[i], sizeof bits);
        hash = random_mix(hash + bits);
    }
    free(host);
    printf("# %s, seed %" PRIu64 ": weights %016" PRIx64 "\n",
           t->m->backend->ops->name, t->seed, hash);
    return 0;
}

static int run(struct training *t, struct metrics *out, struct error *err)
{
    size_t trained = row_count / 3 * 2 / BATCH, epoch, i;
    const float prior = 0;

    if (batch_init(&t->batch, &inputs, BATCH, err) < 0 ||
        weights_init(&t->w, t->m, t->seed, 0, &prior, err) < 0)
        return -1;
    for (epoch = 0; epoch < epochs; epoch++)
        for (i = 0; i < trained; i++)
            if (step(t, i * BATCH, epoch * trained + i + 1, err) < 0)
                return -1;
    return name_weights(t, err) < 0 ? -1 : judge(t, trained * BATCH, out, err);
}

/* Train with each seed. */
static int train(struct backend *b, struct metrics *out, struct error *err)
{
    struct comm c;
    size_t i;
    int rc = 0;

    comm_self(&c);
    for (i = 0; i < seeds && rc == 0; i++) {
        struct training t = { .seed = i + 1 };

        t.m = model_create(&options, &inputs, BATCH, b, &c, err);
        rc = t.m ? run(&t, &out[i], err) : -1;
        batch_clear(&t.batch);
        if (t.m)
            weights_clear(&t.w, t.m);
        model_destroy(t.m);
    }
    return rc;
}

/* --- comparing ------------------------------------------------------------------------ */

static double mean(const struct metrics *m, size_t field, double *deviation)
{
    double sum = 0, squares = 0;
    size_t i;

    for (i = 0; i < seeds; i++)
        sum += metrics_get(&m[i], field) / (double)seeds;
    for (i = 0; i < seeds; i++)
        squares += pow(metrics_get(&m[i], field) - sum, 2);
    *deviation = seeds > 1 ? sqrt(squares / (double)(seeds - 1)) : 0;
    return sum;
}

static bool agree(const struct metrics *a, const struct metrics *b)
{
    bool same = true;
    size_t i;

    for (i = 0; i < METRIC_COUNT; i++) {
        double noise, unused, one = mean(a, i, &noise);
        double other = mean(b, i, &unused);

        if (!metrics_apply(i, 2))
            continue;
        printf("# %s: %.4f and %.4f, noise %.4f\n", metric_fields[i].name, one,
               other, noise);
        if (strcmp(metric_fields[i].name, "log_loss") == 0)
            same = fabs(one - other) <= fmax(noise, 0.01 * one);
    }
    return same;
}

/* 1 when they agree, 0 when not, -1 with 'err'. */
static int compare(struct backend *first, struct backend *second,
                   struct error *err)
{
    struct metrics *m = calloc(2 * seeds, sizeof *m);
    int rc = m ? 0 : error_memory(err);

    if (rc == 0)
        rc = train(first, m, err);
    if (rc == 0)
        rc = train(second, m + seeds, err);
    if (rc == 0)
        rc = agree(m, m + seeds);
    free(m);
    return rc;
}

int main(int argc, char **argv)
{
    size_t *const numbers[] = { &row_count, &epochs, &seeds };
    struct backend *first = NULL, *second = NULL;
    struct error err = ERROR_INIT;
    enum precision precision;
    int i, rc = -1;

    if (argc < 3 || argc > 7) {
        fprintf(stderr,
                "usage: %s REFERENCE CANDIDATE[:PRECISION] [ROWS [EPOCHS "
                "[SEEDS [SHARD]]]]\n",
                argv[0]);
        return 2;
    }
    for (i = 3; i < argc && i < 6; i++)
        *numbers[i - 3] = (size_t)strtoul(argv[i], NULL, 10);
    if (argc < 7 || take_pictures(argv[6], &err) == 0)
        first = open_named(argv[1], &precision, &err);
    if (first)
        second = open_named(argv[2], &precision, &err);
    if (second)
        rc = compare(first, second, &err);
    if (rc >= 0)
        printf("%sok 1 - %s trains as %s does\n1..1\n", rc ? "" : "not ",
               argv[2], argv[1]);
    backend_destroy(first);
    backend_destroy(second);
    pictures_close(&pictures);
    return rc < 0 ? error_print(&err, "train") : !rc;
}
