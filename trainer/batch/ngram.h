/* ngram: the words of a row as a weighted bag of hashed n-grams.
 *
 * A word's 32-bit hash comes with the data; an n-gram mixes n of them and
 * falls into one of 'buckets' (Weinberger et al. 2009, feature hashing).
 * Token 0 separates two text columns: no n-gram spans it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BATCH_NGRAM_H
#define TRAINER_BATCH_NGRAM_H

#include <stddef.h>
#include <stdint.h>

enum ngram_weight {
    NGRAM_MEAN, /* 1 / count */
    NGRAM_SQRT, /* 1 / sqrt(count) */
    NGRAM_TFIDF /* (1 + ln tf) ln((1 + rows) / (1 + rows with it)) + 1,
                   then to length 1 */
};

/* In the order of the enum, ends with NULL. */
extern const char *const ngram_weight_names[];

struct ngram_options {
    int64_t buckets; /* rows of the table, >= 1 */
    int64_t ngrams;  /* longest n, 1..3 */
    enum ngram_weight weight;
    double dropout; /* share of n-grams left out in training, [0, 1) */
};

/* Write the buckets of all n-grams of 'token' to 'out', which has room for
 * 'count' * ngrams. Returns how many. */
size_t ngram_buckets(const struct ngram_options *o, const uint32_t *token,
                     size_t count, uint32_t *out);

/* Turn a list of buckets into distinct ones with weights, in place: 'bucket'
 * (sorted afterwards) and 'weight' have room for 'count'. 'idf' has one value
 * a bucket, and is used by NGRAM_TFIDF alone. Returns how many remain. */
size_t ngram_weigh(const struct ngram_options *o, const float *idf,
                   uint32_t *bucket, size_t count, float *weight);

/* Leave each of 'count' n-grams out with probability 'dropout' and enlarge the
 * rest by 1 / (1 - dropout), by the numbers of 'key' alone. Returns how many
 * remain. */
size_t ngram_drop(const struct ngram_options *o, uint64_t key, uint32_t *bucket,
                  float *weight, size_t count);

#endif
