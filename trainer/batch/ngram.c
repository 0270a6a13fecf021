/* See ngram.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/batch/ngram.h"

#include <math.h>
#include <stdlib.h>

#include "base/random.h"

const char *const ngram_weight_names[] = { "mean", "sqrt", "tfidf", NULL };

size_t ngram_buckets(const struct ngram_options *o, const uint32_t *token,
                     size_t count, uint32_t *out)
{
    size_t longest = (size_t)o->ngrams, used = 0, i, n;
    uint64_t hash;

    for (i = 0; i < count; i++) {
        hash = 0;
        for (n = 0; n < longest && i + n < count && token[i + n]; n++) {
            hash = random_mix(hash + token[i + n]);
            out[used++] = (uint32_t)(hash % (uint64_t)o->buckets);
        }
    }
    return used;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Merge equal neighbours; 'weight' gets how often each came. */
static size_t merge(uint32_t *bucket, size_t count, float *weight)
{
    size_t used = 0, i;

    for (i = 0; i < count; i++) {
        if (used > 0 && bucket[used - 1] == bucket[i]) {
            weight[used - 1] += 1;
            continue;
        }
        bucket[used] = bucket[i];
        weight[used++] = 1;
    }
    return used;
}

static void weigh_tfidf(const float *idf, const uint32_t *bucket, size_t count,
                        float *weight)
{
    float square = 0;
    size_t i;

    for (i = 0; i < count; i++) {
        weight[i] = (1 + logf(weight[i])) * idf[bucket[i]];
        square += weight[i] * weight[i];
    }
    for (i = 0; i < count; i++)
        weight[i] /= sqrtf(square);
}

size_t ngram_weigh(const struct ngram_options *o, const float *idf,
                   uint32_t *bucket, size_t count, float *weight)
{
    float all = (float)count;
    size_t used, i;

    if (count == 0)
        return 0;
    qsort(bucket, count, sizeof *bucket, by_number);
    used = merge(bucket, count, weight);
    if (o->weight == NGRAM_TFIDF) {
        weigh_tfidf(idf, bucket, used, weight);
        return used;
    }
    for (i = 0; i < used; i++)
        weight[i] /= o->weight == NGRAM_MEAN ? all : sqrtf(all);
    return used;
}

size_t ngram_drop(const struct ngram_options *o, uint64_t key, uint32_t *bucket,
                  float *weight, size_t count)
{
    uint64_t limit = (uint64_t)(o->dropout * 0x1p32);
    float grow = (float)(1 / (1 - o->dropout));
    size_t used = 0, i;

    if (o->dropout <= 0)
        return count;
    for (i = 0; i < count; i++) {
        if (random_mix(key + i) >> 32 < limit)
            continue;
        bucket[used] = bucket[i];
        weight[used++] = weight[i] * grow;
    }
    return used;
}
