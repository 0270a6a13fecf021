/* pictures: real ones, to train with where there is no library to read them: a
 * shard that sentei-data packed elsewhere ('make pictures').
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_GPU_PICTURES_H
#define TESTS_GPU_PICTURES_H

#include "trainer/data/shard.h"

struct pictures {
    char *file;
    size_t rows, side;
    const uint8_t *pixels; /* [rows][3][side][side] */
    const uint32_t *kind;  /* [rows], the first of its categories */
    uint32_t commonest;    /* kind */
};

/* Read it. Returns 0, or -1 with 'err'; pictures_close() in any case. */
int pictures_open(struct pictures *p, const char *path, struct error *err);
void pictures_close(struct pictures *p);

#endif
