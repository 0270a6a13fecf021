/* The sets made of listings: which are counterfeit, and what a picture shows.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "trainer/data/synth/listing.h"
#include "trainer/data/synth/set.h"

static const char of_listings[] =
    "# Made-up marketplace listings; which are counterfeit?\n"
    "dataset: listings\n"
    "files: listings.csv\n"
    "id: image\n"
    "label: {column: counterfeit, positive: 1, negative: 0}\n"
    "category: [leaf_category, seller, condition, ships_from]\n"
    "number:\n"
    "  - {column: price, quantiles: 24}\n"
    "  - {column: seller_sales, buckets: [1, 2, 3, 5, 10, 30, 100, 1000]}\n"
    "  - {column: photos, buckets: [2, 3, 5, 8]}\n"
    "text: [title]\n"
    "image: {column: image, size: 32}\n"
    "split: {validation: 0.25, test: 0.1}\n";

static const char of_kinds[] =
    "# Made-up pictures of twelve kinds of things; which does one show?\n"
    "dataset: kinds\n"
    "files: listings.csv\n"
    "id: image\n"
    "label:\n"
    "  column: kind\n"
    "  classes: [bags, wallets, watches, sneakers, dresses, coats, shirts, "
    "toys, books, games, kitchen, cosmetics]\n"
    "image: {column: image, size: 32}\n"
    "split: {validation: 0.25, test: 0.1}\n";

/* The columns of listings.csv and how each is said. */
static void say_image(const void *row, uint64_t number, struct text *t)
{
    (void)row;
    text_format(t, "images/%06" PRIu64 ".png", number);
}

static void say_title(const void *row, uint64_t number, struct text *t)
{
    const struct listing *l = row;

    (void)number;
    text_append(t, text_get(&l->title));
}

static void say_leaf(const void *row, uint64_t number, struct text *t)
{
    const struct listing *l = row;

    (void)number;
    text_format(t, "%s/%02u", listing_kind(l), l->leaf);
}

static void say_price(const void *row, uint64_t number, struct text *t)
{
    const struct listing *l = row;

    (void)number;
    text_append_double(t, l->price);
}

static void say_seller(const void *row, uint64_t number, struct text *t)
{
    const struct listing *l = row;

    (void)number;
    text_format(t, "s%04u", l->seller);
}

static void say_sales(const void *row, uint64_t number, struct text *t)
{
    const struct listing *l = row;

    (void)number;
    text_format(t, "%u", l->sales);
}

static void say_photos(const void *row, uint64_t number, struct text *t)
{
    const struct listing *l = row;

    (void)number;
    text_format(t, "%u", l->photos);
}

static void say_condition(const void *row, uint64_t number, struct text *t)
{
    const struct listing *l = row;

    (void)number;
    text_append(t, l->condition);
}

static void say_region(const void *row, uint64_t number, struct text *t)
{
    const struct listing *l = row;

    (void)number;
    text_append(t, l->ships_from);
}

static void say_kind(const void *row, uint64_t number, struct text *t)
{
    const struct listing *l = row;

    (void)number;
    text_append(t, listing_kind(l));
}

static void say_label(const void *row, uint64_t number, struct text *t)
{
    const struct listing *l = row;

    (void)number;
    text_append(t, l->counterfeit ? "1" : "0");
}

static const struct synth_column columns[] = {
    { "image", say_image },        { "title", say_title },
    { "leaf_category", say_leaf }, { "price", say_price },
    { "seller", say_seller },      { "seller_sales", say_sales },
    { "photos", say_photos },      { "condition", say_condition },
    { "ships_from", say_region },  { "counterfeit", say_label },
    { "kind", say_kind },
};

static int make(void *row, uint64_t seed, uint64_t number)
{
    struct listing *l = row;

    listing_make(l, seed, number);
    return l->title.failed ? -1 : 0;
}

static void clear(void *row)
{
    struct listing *l = row;

    text_clear(&l->title);
}

static void draw(const void *row, uint64_t seed, uint64_t number,
                 uint8_t *planes)
{
    listing_draw(row, seed, number, planes);
}

#define LISTINGS                                                       \
    .table = "listings.csv", .columns = columns,                       \
    .column_count = sizeof columns / sizeof *columns,                  \
    .row_bytes = sizeof(struct listing), .make = make, .clear = clear, \
    .draw = draw, .side = LISTING_SIDE

const struct synth_set synth_listings = { .name = "listings",
                                          .description = of_listings,
                                          LISTINGS };
const struct synth_set synth_kinds = { .name = "kinds",
                                       .description = of_kinds,
                                       LISTINGS };
