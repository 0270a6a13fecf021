/* synth: made-up sets, as a source to pack or as files to look at.
 *
 * A row's fields are made by number, so a picture can be drawn from its name
 * alone, by any thread.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/synth/synth.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/yaml.h"
#include "trainer/data/image/image.h"
#include "trainer/data/image/png.h"
#include "trainer/data/synth/listing.h"

static const char description[] =
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

/* The columns of listings.csv and how each is said. */
static void say_image(const struct listing *l, uint64_t number, struct text *t)
{
    (void)l;
    text_format(t, "images/%06" PRIu64 ".png", number);
}

static void say_title(const struct listing *l, uint64_t number, struct text *t)
{
    (void)number;
    text_append(t, text_get(&l->title));
}

static void say_leaf(const struct listing *l, uint64_t number, struct text *t)
{
    (void)number;
    text_format(t, "%s/%02u", listing_kind(l), l->leaf);
}

static void say_price(const struct listing *l, uint64_t number, struct text *t)
{
    (void)number;
    text_append_double(t, l->price);
}

static void say_seller(const struct listing *l, uint64_t number, struct text *t)
{
    (void)number;
    text_format(t, "s%04u", l->seller);
}

static void say_sales(const struct listing *l, uint64_t number, struct text *t)
{
    (void)number;
    text_format(t, "%u", l->sales);
}

static void say_photos(const struct listing *l, uint64_t number, struct text *t)
{
    (void)number;
    text_format(t, "%u", l->photos);
}

static void say_condition(const struct listing *l, uint64_t number,
                          struct text *t)
{
    (void)number;
    text_append(t, l->condition);
}

static void say_region(const struct listing *l, uint64_t number, struct text *t)
{
    (void)number;
    text_append(t, l->ships_from);
}

static void say_label(const struct listing *l, uint64_t number, struct text *t)
{
    (void)number;
    text_append(t, l->counterfeit ? "1" : "0");
}

static const struct {
    const char *name;
    void (*say)(const struct listing *l, uint64_t number, struct text *t);
} columns[] = {
    { "image", say_image },        { "title", say_title },
    { "leaf_category", say_leaf }, { "price", say_price },
    { "seller", say_seller },      { "seller_sales", say_sales },
    { "photos", say_photos },      { "condition", say_condition },
    { "ships_from", say_region },  { "counterfeit", say_label },
};
enum { COLUMNS = sizeof columns / sizeof *columns };

int synth_describe_listings(struct description *d, struct error *err)
{
    struct tree *t = yaml_parse(description, sizeof description - 1,
                                "listings.data.yaml", err);
    memset(d, 0, sizeof *d);
    return t ? description_parse(d, t, "listings.data.yaml", err) : -1;
}

/* --- as a source ------------------------------------------------------------- */

struct listings {
    struct source source; /* first: one is the other */
    const struct description *description;
    uint64_t rows, seed, next;
    struct listing listing;
    int *say;           /* [column_count]: which of 'columns' it is */
    struct text *value; /* [column_count] */
    const char **field;
};

static int listings_rewind(struct source *source, struct error *err)
{
    struct listings *s = (struct listings *)source;
    (void)err;
    s->next = 0;
    return 0;
}

static int listings_next(struct source *source, struct record *r,
                         struct error *err)
{
    struct listings *s = (struct listings *)source;
    if (s->next == s->rows)
        return 0;
    listing_make(&s->listing, s->seed, s->next);
    for (int i = 0; i < s->description->column_count; i++) {
        text_reset(&s->value[i]);
        columns[s->say[i]].say(&s->listing, s->next, &s->value[i]);
        if (s->value[i].failed || s->listing.title.failed)
            return error_memory(err);
        s->field[i] = text_get(&s->value[i]);
    }
    s->next++;
    *r = (struct record){ .field = s->field,
                          .split = SPLIT_TRAIN,
                          .file = "listings",
                          .line = s->next };
    return 1;
}

/* The number in "images/NNNNNN.png", as say_image() says it; -1 for others. */
static int64_t image_number(const char *name)
{
    static const char before[] = "images/";
    char *end;
    if (strncmp(name, before, sizeof before - 1) != 0)
        return -1;
    const int64_t number = strtoll(name + sizeof before - 1, &end, 10);
    return strcmp(end, ".png") == 0 ? number : -1;
}

/* Draw the listing whose number is in the name. */
static int listings_image(const struct source *source, const char *name,
                          uint32_t height, uint32_t width, uint8_t *planes,
                          struct error *err)
{
    const struct listings *s = (const struct listings *)source;
    struct listing l = { .title = TEXT_INIT };
    const int64_t number = image_number(name);
    if (height != LISTING_SIDE || width != LISTING_SIDE || number < 0)
        return error_set(err, "cannot draw '%s'", name);
    listing_make(&l, s->seed, (uint64_t)number);
    listing_draw(&l, s->seed, (uint64_t)number, planes);
    text_clear(&l.title);
    return 0;
}

static void listings_destroy(struct source *source)
{
    struct listings *s = (struct listings *)source;
    for (int i = 0; s->value && i < s->description->column_count; i++)
        text_clear(&s->value[i]);
    text_clear(&s->listing.title);
    free(s->value);
    free(s->field);
    free(s->say);
    free(s);
}

/* Which of 'columns' is called 'name', or -1. */
static int find_column(const char *name)
{
    int i = COLUMNS;
    while (--i >= 0 && strcmp(columns[i].name, name) != 0)
        ;
    return i;
}

struct source *synth_open_listings(const struct description *d, uint64_t rows,
                                   uint64_t seed, struct error *err)
{
    const size_t count = (size_t)d->column_count;
    struct listings *s = calloc(1, sizeof *s);
    if (!s) {
        error_memory(err);
        return NULL;
    }
    s->source = (struct source){ listings_rewind, listings_next, listings_image,
                                 listings_destroy };
    s->description = d;
    s->rows = rows;
    s->seed = seed;
    s->say = calloc(count, sizeof *s->say);
    s->value = calloc(count, sizeof *s->value);
    s->field = calloc(count, sizeof *s->field);
    if (!s->say || !s->value || !s->field) {
        error_memory(err);
        goto error;
    }
    for (size_t i = 0; i < count; i++) {
        s->say[i] = find_column(d->column[i]);
        if (s->say[i] < 0) {
            error_usage(err, "listings have no column '%s'", d->column[i]);
            goto error;
        }
    }
    return &s->source;
error:
    listings_destroy(&s->source);
    return NULL;
}

/* --- as files ------------------------------------------------------------------ */

/* A field of a CSV file, in quotes where it must be. */
static void append_field(struct text *out, const char *value)
{
    if (!strpbrk(value, ",\"\r\n")) {
        text_append(out, value);
        return;
    }
    text_append_char(out, '"');
    for (; *value; value++) {
        if (*value == '"')
            text_append_char(out, '"');
        text_append_char(out, *value);
    }
    text_append_char(out, '"');
}

static void append_row(struct text *csv, const struct listing *l,
                       uint64_t number)
{
    struct text value = TEXT_INIT;
    for (int i = 0; i < COLUMNS; i++) {
        text_reset(&value);
        columns[i].say(l, number, &value);
        if (i > 0)
            text_append_char(csv, ',');
        append_field(csv, text_get(&value));
    }
    text_append_char(csv, '\n');
    csv->failed |= value.failed;
    text_clear(&value);
}

static int save_picture(const char *folder, const struct listing *l,
                        uint64_t seed, uint64_t number, struct error *err)
{
    uint8_t planes[3 * LISTING_SIDE * LISTING_SIDE];
    struct text path = TEXT_INIT;
    int rc;
    listing_draw(l, seed, number, planes);
    text_format(&path, "%s/", folder);
    say_image(l, number, &path);
    rc = path.failed
             ? error_memory(err)
             : png_save(path.data, planes, LISTING_SIDE, LISTING_SIDE, err);
    text_clear(&path);
    return rc;
}

static int save_file(const char *folder, const char *name, const void *data,
                     size_t size, struct error *err)
{
    char *path = file_join(folder, name);
    int rc = path ? file_write(path, data, size, 0644, err) : error_memory(err);
    free(path);
    return rc;
}

static int make_images_folder(const char *folder, struct error *err)
{
    char *path = file_join(folder, "images");
    int rc = path ? file_make_folder(path, err) : error_memory(err);
    free(path);
    return rc;
}

int synth_write_listings(const char *folder, uint64_t rows, uint64_t seed,
                         struct error *err)
{
    struct listing l = { .title = TEXT_INIT };
    struct text csv = TEXT_INIT;
    struct progress progress;
    int rc = make_images_folder(folder, err);
    for (int i = 0; i < COLUMNS; i++)
        text_format(&csv, "%s%s", columns[i].name,
                    i + 1 < COLUMNS ? "," : "\n");
    progress_start(&progress, "writing listings", (int64_t)rows);
    for (uint64_t i = 0; i < rows && rc == 0; i++) {
        listing_make(&l, seed, i);
        append_row(&csv, &l, i);
        rc = save_picture(folder, &l, seed, i, err);
        progress_update(&progress, (int64_t)i + 1);
    }
    progress_finish(&progress, (int64_t)rows);
    if (rc == 0 && (csv.failed || l.title.failed))
        rc = error_memory(err);
    if (rc == 0)
        rc = save_file(folder, "listings.csv", csv.data, csv.size, err);
    if (rc == 0)
        rc = save_file(folder, "listings.data.yaml", description,
                       sizeof description - 1, err);
    text_clear(&csv);
    text_clear(&l.title);
    return rc;
}
