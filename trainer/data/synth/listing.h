/* listing: one made-up marketplace listing; about 2 in 100 are counterfeit.
 *
 * A set made of these looks like the real thing where it is hard: positives
 * are rare, categories and sellers follow Zipf's law, some prices are jokes
 * (1 yen, negative, absurd), titles mix scripts, and what gives a counterfeit
 * away is spread: each of picture, title and the other fields shows it in part
 * of the positives, one independent of the other, and in a few negatives too.
 * So no tower of a model can do the others' work.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_SYNTH_LISTING_H
#define TRAINER_DATA_SYNTH_LISTING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum { LISTING_KINDS = 12, LISTING_BRANDS = 24, LISTING_SIDE = 32 };

struct listing {
    bool counterfeit;
    bool flawed_image; /* the picture shows it */
    unsigned kind;     /* bag, watch, ...: < LISTING_KINDS */
    unsigned leaf;     /* within the kind */
    unsigned brand;    /* < LISTING_BRANDS */
    unsigned seller;
    unsigned sales; /* the seller's so far */
    unsigned photos;
    const char *condition, *ships_from;
    double price;      /* yen */
    struct text title; /* kept from one to the next; text_clear() at the end */
};

/* Make listing 'number' of the set 'seed' (equal names, equal listings). */
void listing_make(struct listing *l, uint64_t seed, uint64_t number);

/* The name of its kind: "bags". */
const char *listing_kind(const struct listing *l);

/* Its picture, planes [3][LISTING_SIDE][LISTING_SIDE]. */
void listing_draw(const struct listing *l, uint64_t seed, uint64_t number,
                  uint8_t *planes);

#endif
