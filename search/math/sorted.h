/* sorted: losses in order, each with the trial it belongs to.
 *
 * An array: a place is found in O(log n), and a memmove of a few kilobytes
 * beats a balanced tree at the sizes of a study. Equal losses stand in the
 * order of their trials, so the order never depends on how it came about.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MATH_SORTED_H
#define SEARCH_MATH_SORTED_H

#include <stddef.h>
#include <stdint.h>

struct sorted_item {
    double loss; /* never NAN */
    int64_t trial;
};

struct sorted {
    struct sorted_item *items;
    size_t count, capacity;
};

#define SORTED_INIT \
    {               \
        NULL, 0, 0  \
    }

/* Free the memory; 's' is empty again. */
void sorted_clear(struct sorted *s);

/* Put an item in. Returns 0, or -1 when out of memory. */
int sorted_insert(struct sorted *s, double loss, int64_t trial);

/* Take out an item that is there. */
void sorted_remove(struct sorted *s, double loss, int64_t trial);

/* How many losses are strictly lower. */
size_t sorted_rank(const struct sorted *s, double loss);

/* The quantile 'share' (0..1; 0.5: the median) of a list that is not empty,
 * linear between two losses. */
double sorted_quantile(const struct sorted *s, double share);

#endif
