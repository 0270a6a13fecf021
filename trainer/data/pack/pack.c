/* pack: a source of rows becomes a packed data set.
 *
 * After the survey, rows are read in batches: fields at once, the pictures of
 * a batch by several threads, then all go to the writer in their order.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/pack/pack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/text.h"
#include "trainer/data/hash.h"
#include "trainer/data/pack/survey.h"
#include "trainer/data/pack/words.h"
#include "trainer/data/shard.h"
#include "trainer/data/writer.h"

enum { BATCH = 256, GREY = 128 };

/* One row of a batch; 'row' points into the rest. */
struct slot {
    struct row row;
    uint32_t *category;
    float *number;
    struct text token, character, vector, frame;
    char *file;
    size_t line;
};

struct pack {
    const struct description *d;
    struct source *source;
    struct survey survey;
    struct dataset shape;
    struct writer *writer;
    struct slot *slots;            /* [BATCH] */
    struct picture_read *pictures; /* [BATCH], their pictures */
    size_t count;                  /* filled */
    size_t read;                   /* rows taken from the source so far */
    size_t packed;                 /* of these, by a run that was killed */
    size_t skipped;
    struct pictures reader;
};

/* --- the shape --------------------------------------------------------------- */

/* Names are borrowed from the description. */
static int make_shape(struct pack *p, struct error *err)
{
    const struct description *d = p->d;
    struct dataset *s = &p->shape;
    s->name = (char *)(uintptr_t)d->name;
    s->category_count = d->category_count;
    s->number_count = d->number_count;
    s->number = p->survey.number;
    s->category = calloc(d->category_count + 1, sizeof *s->category);
    s->has_text = d->text_count > 0;
    s->classes = d->classes ? (uint32_t)tree_count(d->classes) : 2;
    s->has_characters = d->character_high > 0;
    s->vector_size = (uint32_t)d->vector.size;
    s->frame_size = (uint32_t)d->sequence.size;
    s->image_height = d->image_height;
    s->image_width = d->image_width;
    s->folds = d->folds;
    if (!s->category)
        return error_memory(err);
    for (size_t i = 0; i < d->category_count; i++) {
        const char *name = d->column[d->category[i].column];
        s->category[i].name = (char *)(uintptr_t)name;
        s->category[i].cardinality = p->survey.vocabulary[i].cardinality;
    }
    for (size_t i = 0; i < d->number_count; i++)
        s->number[i].name = (char *)(uintptr_t)d->column[d->number[i].column];
    return 0;
}

/* How the set was made, for dataset.json: enough to read new rows alike. */
static struct tree *describe(const struct pack *p)
{
    const struct description *d = p->d;
    struct tree *t = tree_map(), *text = tree_list(), *values = tree_map();
    for (size_t i = 0; i < d->text_count; i++)
        tree_append(text, tree_string(d->column[d->text[i]]));
    for (size_t i = 0; i < d->category_count; i++)
        tree_set(values, d->column[d->category[i].column],
                 vocabulary_tree(&p->survey.vocabulary[i]));
    tree_set_string(t, "label", d->column[d->label]);
    if (d->classes)
        tree_set(t, "classes", tree_copy(d->classes));
    else
        tree_set(t, "positive", tree_copy(d->positive));
    tree_set(t, "text", text);
    if (d->image != DESCRIPTION_NONE)
        tree_set_string(t, "image", d->column[d->image]);
    tree_set_int(t, "skipped", (int64_t)p->skipped);
    tree_set(t, "values", values);
    return t;
}

/* What is being packed, but for the pictures themselves: what must be the same
 * for another run to go on with what this one leaves. */
static uint64_t fingerprint(const struct pack *p, const struct dataset *like)
{
    struct text json = TEXT_INIT;
    uint64_t key =
        p->survey.digest ^ SHARD_VERSION ^ (uint64_t)DATASET_VERSION << 32;
    json_format(p->d->tree, &json);
    key = hash_bytes(text_get(&json), json.size, key);
    text_reset(&json);
    if (like)
        json_format(like->json, &json);
    key = hash_bytes(text_get(&json), json.size, key);
    text_clear(&json);
    return key | 1;
}

/* --- a batch ------------------------------------------------------------------- */

static int allocate_slots(struct pack *p, struct error *err)
{
    const struct description *d = p->d;
    const size_t pixels = (size_t)3 * d->image_height * d->image_width;
    p->slots = calloc(BATCH, sizeof *p->slots);
    p->pictures = calloc(BATCH, sizeof *p->pictures);
    if (!p->slots || !p->pictures)
        return error_memory(err);
    for (size_t i = 0; i < BATCH; i++) {
        struct slot *s = &p->slots[i];
        s->category = calloc(d->category_count + 1, sizeof *s->category);
        s->number = calloc(d->number_count + 1, sizeof *s->number);
        p->pictures[i].planes = pixels ? malloc(pixels) : NULL;
        if (!s->category || !s->number || (pixels && !p->pictures[i].planes))
            return error_memory(err);
    }
    return 0;
}

static void empty_batch(struct pack *p)
{
    for (size_t i = 0; i < p->count; i++) {
        free(p->pictures[i].name);
        free(p->slots[i].file);
        p->pictures[i].name = p->slots[i].file = NULL;
    }
    p->count = 0;
}

static void free_slots(struct pack *p)
{
    empty_batch(p);
    for (size_t i = 0; p->slots && i < BATCH; i++) {
        free(p->slots[i].category);
        free(p->slots[i].number);
        free(p->pictures ? p->pictures[i].planes : NULL);
        text_clear(&p->slots[i].token);
        text_clear(&p->slots[i].character);
        text_clear(&p->slots[i].vector);
        text_clear(&p->slots[i].frame);
    }
    free(p->slots);
    free(p->pictures);
}

/* Hashes of the words of all text columns, a 0 between two. */
static void fill_tokens(struct slot *s, const struct description *d,
                        const struct record *r)
{
    static const uint32_t separator = 0;
    text_reset(&s->token);
    text_reset(&s->character);
    for (size_t i = 0; i < d->text_count; i++) {
        if (i > 0)
            text_append_bytes(&s->token, &separator, sizeof separator);
        words_append(r->field[d->text[i]], &s->token);
        if (d->character_high > 0)
            words_append_characters(r->field[d->text[i]], (int)d->character_low,
                                    (int)d->character_high, &s->character);
    }
}

/* Append the numbers of a field: all of a vector, or whole frames. */
static int fill_dense(const struct description *d,
                      const struct description_dense *f, bool whole,
                      const struct record *r, struct text *out,
                      struct error *err)
{
    static const char between[] = " \t;,";
    size_t count = 0, size = (size_t)f->size;
    text_reset(out);
    if (size == 0)
        return 0;
    const char *at = r->field[f->column];
    for (at += strspn(at, between); *at; at += strspn(at, between)) {
        char *end;
        const float value = strtof(at, &end);
        if (end == at || !isfinite(value)) {
            error_usage(err, "column '%s': '%.40s' is no number",
                        d->column[f->column], at);
            return error_where(err, "%s:%zu", r->file, r->line);
        }
        text_append_bytes(out, &value, sizeof value);
        at = end;
        count++;
    }
    if (whole ? count == size : count % size == 0)
        return out->failed ? error_memory(err) : 0;
    error_usage(err, "column '%s' has %zu numbers, expected %s%zu",
                d->column[f->column], count, whole ? "" : "a multiple of ",
                size);
    return error_where(err, "%s:%zu", r->file, r->line);
}

/* Fill the next slot from a record, all but its picture. */
static int fill_slot(struct pack *p, const struct record *r, struct error *err)
{
    const struct description *d = p->d;
    const struct cut_row *seen = &p->survey.row[p->read];
    struct picture_read *picture = &p->pictures[p->count];
    struct slot *s = &p->slots[p->count++];
    for (size_t i = 0; i < d->category_count; i++)
        s->category[i] = vocabulary_find(&p->survey.vocabulary[i],
                                         r->field[d->category[i].column]);
    for (size_t i = 0; i < d->number_count; i++)
        if (survey_number(d, r, i, &s->number[i], err) < 0)
            return -1;
    fill_tokens(s, d, r);
    if (fill_dense(d, &d->vector, true, r, &s->vector, err) < 0 ||
        fill_dense(d, &d->sequence, false, r, &s->frame, err) < 0)
        return -1;
    s->line = r->line;
    s->file = text_copy(r->file);
    if (d->image != DESCRIPTION_NONE)
        picture->name = text_copy(r->field[d->image]);
    if (s->token.failed || s->character.failed || !s->file ||
        (d->image != DESCRIPTION_NONE && !picture->name))
        return error_memory(err);
    s->row = (struct row){
        .label = seen->label,
        .split = (enum split)seen->split,
        .fold = seen->fold,
        .category = s->category,
        .number = s->number,
        .token = (const uint32_t *)(const void *)s->token.data,
        .token_count = (uint32_t)(s->token.size / sizeof(uint32_t)),
        .character = (const uint32_t *)(const void *)s->character.data,
        .character_count = (uint32_t)(s->character.size / sizeof(uint32_t)),
        .vector = (const float *)(const void *)s->vector.data,
        .frame = (const float *)(const void *)s->frame.data,
        .frame_count = d->sequence.size > 0
                           ? (uint32_t)(s->frame.size / sizeof(float) /
                                        (size_t)d->sequence.size)
                           : 0,
        .image = picture->planes,
    };
    return 0;
}

/* What becomes of a row whose picture could not be read: 0 to keep it, 1 to
 * leave it out, -1 with 'err'. Where memory or descriptors were out the picture
 * is not at fault: the same source must give the same bytes. */
static int without_image(struct pack *p, size_t i, struct error *err)
{
    const struct slot *s = &p->slots[i];
    struct picture_read *picture = &p->pictures[i];
    const size_t pixels = (size_t)3 * p->d->image_height * p->d->image_width;
    const bool missing = picture->error.kind == ERROR_USAGE;
    switch (missing ? p->d->image_missing : IMAGE_ERROR) {
    case IMAGE_SKIP:
        p->skipped++;
        return 1;
    case IMAGE_GREY:
        memset(picture->planes, GREY, pixels);
        return 0;
    case IMAGE_ERROR:
        break;
    }
    if (err)
        *err = picture->error;
    error_where(err, "%s:%zu", s->file, s->line);
    if (!missing)
        return -1;
    return error_hint(err, "image.missing: skip leaves such rows out, grey "
                           "packs them with a grey picture");
}

static int write_batch(struct pack *p, struct error *err)
{
    if (p->reader.stop && *p->reader.stop) {
        error_set(err, "stopped by a signal");
        return error_hint(err, "the same command goes on from here");
    }
    if (p->d->image != DESCRIPTION_NONE)
        pictures_read(&p->reader, p->pictures, p->count);
    const size_t first = p->read - p->count;
    for (size_t i = 0; i < p->count; i++) {
        struct slot *s = &p->slots[i];
        int skip = p->pictures[i].rc < 0 ? without_image(p, i, err) : 0;
        s->row.hash = p->pictures[i].hash;
        const struct journal_place place = { (int64_t)(first + i + 1),
                                             (int64_t)p->skipped };
        writer_place(p->writer, &place);
        if (skip < 0 || (!skip && writer_append(p->writer, &s->row, err) < 0))
            return -1;
    }
    empty_batch(p);
    return 0;
}

static int write_rows(struct pack *p, struct error *err)
{
    struct progress progress;
    struct record r;
    int rc = -1, more;
    progress_start(&progress, "packing rows", (int64_t)p->survey.row_count);
    if (p->source->rewind(p->source, err) < 0)
        goto out;
    while ((more = p->source->next(p->source, &r, err)) > 0) {
        if (p->read == p->survey.row_count)
            break;
        if (p->read < p->packed) { /* by the run before */
            p->read++;
            continue;
        }
        if (fill_slot(p, &r, err) < 0)
            goto out;
        p->read++;
        if (p->count == BATCH && write_batch(p, err) < 0)
            goto out;
        progress_update(&progress, (int64_t)p->read);
    }
    if (more < 0 || write_batch(p, err) < 0)
        goto out;
    if (more > 0 || p->read != p->survey.row_count) {
        error_set(err, "the data changed while it was being packed");
        goto out;
    }
    rc = 0;
out:
    progress_finish(&progress, (int64_t)p->read);
    return rc;
}

static void go_on(struct pack *p, const struct dataset *like)
{
    struct journal_place place;
    writer_go_on(p->writer, fingerprint(p, like), &place);
    if (place.consumed > 0)
        log_note("%jd of %zu rows are packed already", (intmax_t)place.consumed,
                 p->survey.row_count);
    p->packed = (size_t)place.consumed;
    p->skipped = (size_t)place.skipped;
}

int pack_run(const struct description *d, struct source *source,
             const char *folder, const struct pack_options *options,
             size_t *skipped, struct error *err)
{
    struct pack p = { .d = d,
                      .source = source,
                      .reader = { source, d->image_height, d->image_width,
                                  options->threads, options->stop } };
    int rc = -1;
    if (survey_run(&p.survey, d, source, &p.reader, options->like, err) < 0 ||
        make_shape(&p, err) < 0 || allocate_slots(&p, err) < 0)
        goto out;
    p.writer = writer_open(folder, &p.shape, err);
    if (!p.writer)
        goto out;
    go_on(&p, options->like);
    if (write_rows(&p, err) < 0 ||
        writer_finish(p.writer, describe(&p), err) < 0)
        goto out;
    *skipped = p.skipped;
    rc = 0;
out:
    writer_close(p.writer);
    free_slots(&p);
    free(p.shape.category);
    survey_clear(&p.survey);
    return rc;
}
