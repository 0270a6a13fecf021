/* listing: one made-up marketplace listing.
 *
 * The label is drawn first and each group of fields from it, apart from the
 * others: with a probability SHOWN_* a positive looks suspicious there, else it looks
 * like any other.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/synth/listing.h"

#include <math.h>
#include <stddef.h>

#include "base/random.h"

static const double POSITIVE = 0.02;
static const double SHOWN_IMAGE = 0.65, FALSE_IMAGE = 0.006;
static const double SHOWN_TEXT = 0.60, FALSE_TEXT = 0.010;
static const double SHOWN_LEAF = 0.60, SHOWN_SELLER = 0.65, SHOWN_PRICE = 0.60;

enum { LEAVES = 34, SELLERS = 3000, BAD_SELLERS = 25, RISKY_KINDS = 4 };

/* Streams of random numbers of one set. */
enum { STREAM_FIELDS = 1, STREAM_PICTURE = 2, STREAM_LEAF = 3 };

/* Kinds of goods, the risky first; 'yen' is the price in the middle. */
static const struct {
    const char *name;
    double yen;
    const char *item[4];
} kinds[LISTING_KINDS] = {
    { "bags", 28000, { "tote bag", "shoulder bag", "バッグ", "clutch" } },
    { "wallets", 15000, { "long wallet", "card case", "財布", "coin purse" } },
    { "watches", 42000, { "watch", "chronograph", "腕時計", "quartz watch" } },
    { "sneakers", 12000, { "sneakers", "low tops", "スニーカー", "runners" } },
    { "dresses", 4500, { "dress", "one-piece", "ワンピース", "gown" } },
    { "coats", 9000, { "coat", "down jacket", "コート", "parka" } },
    { "shirts", 2500, { "shirt", "blouse", "シャツ", "polo shirt" } },
    { "toys", 2200, { "figure", "plush toy", "フィギュア", "puzzle" } },
    { "books", 900, { "comic set", "novel", "漫画 全巻", "art book" } },
    { "games", 3200, { "game", "console", "ゲーム", "controller" } },
    { "kitchen", 1800, { "mug", "kettle", "食器", "frying pan" } },
    { "cosmetics", 2800, { "lipstick", "cream", "化粧水", "perfume" } },
};

static const char *const brands[LISTING_BRANDS] = {
    "Aurelle",  "Montclave", "Kisaragi", "Vandoro",  "Petrichor", "Hallmere",
    "Osakaya",  "Tessara",   "Lumiq",    "Northfen", "Calibra",   "Shirogane",
    "Delmonde", "Ostrava",   "Fjordson", "Miyabi",   "Quillon",   "Sorrel",
    "Basco",    "Ginkgo",    "Umbra",    "Tidewell", "Plume",     "Arkady",
};

static const char *const details[] = {
    "black",    "white",   "navy",   "red",    "beige", "large",
    "small",    "limited", "rare",   "2019",   "gift",  "boxed",
    "ブラック", "ピンク",  "M size", "L size",
};

static const char *const openings[] = {
    "", "", "", "新品", "美品", "used", "as new", "即購入OK", "送料無料",
};

/* What sellers of counterfeits write; each alone may be innocent. */
static const char *const hints[] = {
    "mirror grade",
    "no receipt",
    "inspired by",
    "ノーブランド品",
    "海外輸入",
    "factory overrun",
    "1:1",
    "正規品ではありません",
    "without guarantee",
};

static const char *const endings[] = {
    "",           "", "", "with box", "with receipt", "値下げ", "free shipping",
    "早い者勝ち",
};

static const char *const conditions[] = {
    "new", "like new", "good", "fair", "worn", "junk",
};

static const char *const regions[] = {
    "Tokyo", "Osaka",    "Aichi",  "Fukuoka", "Hokkaido",
    "Kyoto", "Kanagawa", "Miyagi", "Okinawa", "overseas",
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static bool chance(struct random *r, double p)
{
    return random_uniform(r) < p;
}

static const char *pick(struct random *r, const char *const *table,
                        size_t count)
{
    return table[random_below(r, count)];
}

/* 0..n-1 with a density of about 1/(rank + 1). */
static unsigned zipf(struct random *r, unsigned n)
{
    double rank = pow((double)n + 1, random_uniform(r)) - 1;
    return rank >= n ? n - 1 : (unsigned)rank;
}

static void make_leaf(struct listing *l, struct random *r)
{
    const bool shown = l->counterfeit && chance(r, SHOWN_LEAF);
    const unsigned rank = zipf(r, LEAVES * LISTING_KINDS);
    l->kind = shown ? (unsigned)random_below(r, RISKY_KINDS)
                    : (rank + RISKY_KINDS) % LISTING_KINDS;
    l->leaf = rank / LISTING_KINDS;
    l->brand = shown ? zipf(r, LISTING_BRANDS / 3) : zipf(r, LISTING_BRANDS);
}

/* A counterfeit comes from one of a few that live on it, or from an account
 * of yesterday; both sell little and take few photos. */
static void make_seller(struct listing *l, struct random *r)
{
    const unsigned fresh = SELLERS / 2;
    const bool shown = l->counterfeit && chance(r, SHOWN_SELLER);
    l->seller = zipf(r, SELLERS);
    if (shown)
        l->seller =
            fresh + (unsigned)random_below(r, chance(r, 0.4) ? BAD_SELLERS
                                                             : SELLERS - fresh);
    const double usual = 3000.0 / (1 + l->seller);
    l->sales = shown ? (unsigned)random_below(r, 2)
                     : (unsigned)(usual * exp(0.7 * random_normal(r)));
    l->photos = 1 + (unsigned)random_below(r, shown               ? 2
                                              : l->seller < fresh ? 10
                                                                  : 6);
    l->ships_from = chance(r, l->seller < fresh ? 0.01 : 0.08)
                        ? regions[COUNT(regions) - 1]
                        : pick(r, regions, COUNT(regions) - 1);
}

static double usual_price(const struct listing *l, uint64_t seed)
{
    struct random r;
    random_seed(&r, seed + STREAM_LEAF,
                (uint64_t)l->leaf * LISTING_KINDS + l->kind);
    const double brand = 1.8 - 1.2 * l->brand / LISTING_BRANDS;
    return kinds[l->kind].yen * brand * exp(0.3 * random_normal(&r));
}

static void make_price(struct listing *l, struct random *r, uint64_t seed)
{
    const bool shown = l->counterfeit && chance(r, SHOWN_PRICE);
    double price = usual_price(l, seed) * exp(0.4 * random_normal(r));
    if (shown)
        price *= 0.15 + 0.2 * random_uniform(r);
    price = price < 300 ? 300 : floor(price / 10) * 10;
    const double joke = random_uniform(r);
    if (joke < 0.03)
        price = 1;
    else if (joke < 0.032)
        price = -price;
    else if (joke < 0.034)
        price = 99999999;
    l->price = price;
    l->condition = shown && chance(r, 0.5)
                       ? conditions[0]
                       : pick(r, conditions, COUNT(conditions));
}

static void add_word(struct text *title, const char *word)
{
    if (*word)
        text_format(title, "%s%s", title->size ? " " : "", word);
}

static void make_title(struct listing *l, struct random *r)
{
    struct text *t = &l->title;
    text_reset(t);
    add_word(t, pick(r, openings, COUNT(openings)));
    if (chance(r, 0.8))
        add_word(t, brands[l->brand]);
    add_word(t, pick(r, kinds[l->kind].item, 4));
    for (uint64_t i = random_below(r, 3); i > 0; i--)
        add_word(t, pick(r, details, COUNT(details)));
    if (chance(r, l->counterfeit ? SHOWN_TEXT : FALSE_TEXT))
        add_word(t, pick(r, hints, COUNT(hints)));
    add_word(t, pick(r, endings, COUNT(endings)));
    if (chance(r, 0.02))
        text_append(t, ", \"bargain\"");
}

void listing_make(struct listing *l, uint64_t seed, uint64_t number)
{
    struct random r;
    random_seed(&r, seed + STREAM_FIELDS, number);
    l->counterfeit = chance(&r, POSITIVE);
    l->flawed_image = chance(&r, l->counterfeit ? SHOWN_IMAGE : FALSE_IMAGE);
    make_leaf(l, &r);
    make_seller(l, &r);
    make_price(l, &r, seed);
    make_title(l, &r);
}

const char *listing_kind(const struct listing *l)
{
    return kinds[l->kind].name;
}

/* --- the picture ----------------------------------------------------------- */

/* The goods' outline: an ellipse, a box, or between, by kind. */
static bool inside(unsigned kind, double x, double y)
{
    const double power = 1.5 + kind % 4, width = 0.55 + 0.05 * (kind % 5);
    return pow(fabs(x) / width, power) + pow(fabs(y) / 0.8, power) < 1;
}

/* The weave: genuine goods have stripes in the brand's direction; flawed ones
 * a coarser check. Returns -1..1. */
static double weave(const struct listing *l, int x, int y, unsigned phase)
{
    if (l->flawed_image)
        return (((unsigned)x + phase) / 2 + ((unsigned)y + phase) / 2) % 2
                   ? 1.0
                   : -1.0;
    const unsigned along = l->brand % 2 ? (unsigned)x : (unsigned)y;
    return (along + phase) / 2 % 2 ? 1.0 : -1.0;
}

/* The brand's mark: 5 x 5 bits in the middle. */
static bool in_mark(const struct listing *l, int x, int y)
{
    const int column = x - LISTING_SIDE / 2 + 2, row = y - LISTING_SIDE / 2 + 2;
    if (column < 0 || column > 4 || row < 0 || row > 4)
        return false;
    return random_mix(l->brand + 1) >> (5 * row + column) & 1;
}

static uint8_t clamp(double v)
{
    return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
}

void listing_draw(const struct listing *l, uint64_t seed, uint64_t number,
                  uint8_t *planes)
{
    enum { SIDE = LISTING_SIDE, PLANE = SIDE * SIDE };
    struct random r;
    double goods[3], ground[3];
    random_seed(&r, seed + STREAM_PICTURE, number);
    for (int c = 0; c < 3; c++) {
        goods[c] = 50 + 130 * random_uniform(&r);
        ground[c] = 150 + 90 * random_uniform(&r);
    }
    const double shift_x = 0.2 * random_uniform(&r) - 0.1,
                 shift_y = 0.2 * random_uniform(&r) - 0.1,
                 depth = 12 + 10 * random_uniform(&r);
    const unsigned phase = (unsigned)random_below(&r, 4);
    for (int i = 0; i < PLANE; i++) {
        const int x = i % SIDE, y = i / SIDE;
        const double u = (2 * x + 1.0) / SIDE - 1 + shift_x,
                     v = (2 * y + 1.0) / SIDE - 1 + shift_y;
        const bool on = inside(l->kind, u, v), mark = on && in_mark(l, x, y);
        const double light = on ? depth * weave(l, x, y, phase) : 12 * v;
        for (int c = 0; c < 3; c++) {
            const double noise = (double)random_below(&r, 33) - 16;
            const double base = mark ? 235 - goods[c] / 3
                                : on ? goods[c]
                                     : ground[c];
            planes[c * PLANE + i] = clamp(base + light + noise);
        }
    }
}
