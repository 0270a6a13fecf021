/* show: what is in a packed set, for people.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/show.h"

#include <inttypes.h>
#include <math.h>

#include "base/text.h"

enum { NAME_BYTES = 128 };

/* Names come from the table's first line: nothing in them may steer the
 * terminal. 'plain' is the room for what is returned. */
static const char *plain_name(const char *name, char plain[NAME_BYTES])
{
    snprintf(plain, NAME_BYTES, "%s", name);
    text_make_plain(plain);
    return plain;
}

static void print_part(const struct dataset *d, FILE *out, const char *name,
                       size_t rows, size_t positives)
{
    fprintf(out, "  %-12s %9zu rows", name, rows);
    if (d->classes == 2)
        fprintf(out, " %8zu positive", positives);
    if (d->classes == 2 && rows > 0)
        fprintf(out, "  %6.2f %%", 100.0 * (double)positives / (double)rows);
    fputc('\n', out);
}

static void print_folds(const struct dataset *d, FILE *out)
{
    for (uint32_t fold = 0; fold < d->folds; fold++) {
        size_t rows = 0, positives = 0;
        char name[24];
        for (size_t i = 0; i < d->row_count; i++) {
            struct row row;
            dataset_row(d, i, &row);
            if (row.split != SPLIT_TRAIN || row.fold != fold)
                continue;
            rows++;
            positives += row.label > 0.5f;
        }
        snprintf(name, sizeof name, "  fold %" PRIu32, fold);
        print_part(d, out, name, rows, positives);
    }
}

/* How many rows have no known value of category 'k'. */
static size_t count_unknown(const struct dataset *d, size_t k)
{
    size_t count = 0;
    for (size_t i = 0; i < d->row_count; i++) {
        struct row row;
        dataset_row(d, i, &row);
        count += row.category[k] == 0;
    }
    return count;
}

static void print_number(const struct dataset *d, size_t k, FILE *out)
{
    const struct number_field *f = &d->number[k];
    size_t missing = 0;
    float low = INFINITY, high = -INFINITY;
    char plain[NAME_BYTES];
    for (size_t i = 0; i < d->row_count; i++) {
        struct row row;
        dataset_row(d, i, &row);
        missing += isnan(row.number[k]) ? 1 : 0;
        low = fminf(low, row.number[k]);
        high = fmaxf(high, row.number[k]);
    }
    fprintf(out, "  %-24s number    %zu buckets, ", plain_name(f->name, plain),
            f->edge_count + 2);
    if (missing < d->row_count)
        fprintf(out, "%.9g to %.9g, ", (double)low, (double)high);
    fprintf(out, "%zu missing\n", missing);
}

static void print_text(const struct dataset *d, FILE *out)
{
    uint64_t words = 0;
    uint32_t most = 0;
    for (size_t i = 0; i < d->row_count; i++) {
        struct row row;
        dataset_row(d, i, &row);
        words += row.token_count;
        most = row.token_count > most ? row.token_count : most;
    }
    fprintf(out, "  %-24s text      %.1f words a row, at most %" PRIu32 "\n",
            "(all columns)",
            d->row_count ? (double)words / (double)d->row_count : 0.0, most);
}

/* The ragged fields: how many things a row has. */
static void print_ragged(const struct dataset *d, FILE *out)
{
    uint64_t characters = 0, frames = 0;
    for (size_t i = 0; i < d->row_count; i++) {
        struct row row;
        dataset_row(d, i, &row);
        characters += row.character_count;
        frames += row.frame_count;
    }
    const double rows = d->row_count ? (double)d->row_count : 1;
    if (d->has_characters)
        fprintf(out, "  %-24s text      %.1f character n-grams a row\n",
                "(all columns)", (double)characters / rows);
    if (d->vector_size)
        fprintf(out, "  %-24s vector    %" PRIu32 " values\n", "(vector)",
                d->vector_size);
    if (d->frame_size)
        fprintf(out,
                "  %-24s sequence  frames of %" PRIu32 " values, %.1f a row\n",
                "(sequence)", d->frame_size, (double)frames / rows);
}

void show_dataset(const struct dataset *d, FILE *out)
{
    char plain[NAME_BYTES];
    fprintf(out, "%s: %zu rows\n", plain_name(d->name, plain), d->row_count);
    for (int i = 0; i < 3; i++) {
        if (d->split_count[i])
            print_part(d, out, dataset_split_name[i], d->split_count[i],
                       d->positive_count[i]);
        if (i == SPLIT_TRAIN)
            print_folds(d, out);
    }
    if (d->classes > 2)
        fprintf(out, "  %" PRIu32 " classes\n", d->classes);
    fputs("fields\n", out);
    for (size_t k = 0; k < d->category_count; k++)
        fprintf(out,
                "  %-24s category  %" PRIu32
                " values, %zu rows unknown or rare\n",
                plain_name(d->category[k].name, plain),
                d->category[k].cardinality, count_unknown(d, k));
    for (size_t k = 0; k < d->number_count; k++)
        print_number(d, k, out);
    if (d->has_text)
        print_text(d, out);
    print_ragged(d, out);
    if (d->image_height)
        fprintf(out, "  %-24s image     %" PRIu32 " x %" PRIu32 " pixels\n",
                "(image)", d->image_height, d->image_width);
}
