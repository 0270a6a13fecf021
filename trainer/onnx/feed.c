/* See feed.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/onnx/feed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

/* --- the list ---------------------------------------------------------------- */

size_t feed_positions(const struct sequence_options *o)
{
    int64_t window = o->kind == SEQUENCE_CNN ? o->longest : 0;

    return (size_t)(o->length > window ? o->length : window);
}

/* Add an input of 'rank' axes after the rows'. Its meaning follows. */
static struct feed_input *add(struct feed *f, enum feed_kind kind, size_t index,
                              const char *name, const char *ending,
                              enum graph_type type, size_t rank,
                              const int64_t *shape)
{
    struct feed_input *i = &f->input[f->count++];

    *i = (struct feed_input){ .kind = kind, .index = index };
    snprintf(i->name, sizeof i->name, "%s%s", name, ending);
    i->type.type = type;
    i->type.rank = 1 + rank;
    i->type.shape[0] = GRAPH_ROWS;
    if (rank > 0)
        memcpy(i->type.shape + 1, shape, rank * sizeof *shape);
    return i;
}

static void say(struct feed_input *i, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void say(struct feed_input *i, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(i->meaning, sizeof i->meaning, format, args);
    va_end(args);
}

/* How an id comes of a text. 'mix' is docs/train.md's. */
static void say_ids(struct feed_input *i, const struct input_table *t,
                    const struct ngram_options *ngram)
{
    if (t->kind == INPUT_TEXT)
        say(i,
            "n-grams of 1 to %d words, each once: h = 0, then h = mix(h + "
            "hash) for each word; the id is h %% %zu (docs/train.md)",
            (int)ngram->ngrams, t->rows);
    else if (t->kind == INPUT_CHARACTERS)
        say(i,
            "character n-grams, each once: the id is mix(hash) %% %zu "
            "(docs/train.md)",
            t->rows);
    else
        say(i,
            "a word at each place: the id is mix(hash) %% %zu "
            "(docs/train.md)",
            t->rows);
}

static void say_weights(struct feed_input *i, const struct input_table *t,
                        const struct ngram_options *ngram)
{
    static const char *const of[] = {
        [NGRAM_MEAN] = "how often it comes / all that come",
        [NGRAM_SQRT] = "how often it comes / square root of all that come",
        /* the idf are in model.safetensors */
        [NGRAM_TFIDF] = "(1 + ln count) text.idf[id], a row's to length 1",
    };

    if (t->kind == INPUT_WORDS)
        say(i, "1; 0 where no word is");
    else if (t->kind == INPUT_CHARACTERS)
        say(i, "how often it comes, by the configuration's "
               "model.characters.weight; 0 where no more are");
    else
        say(i, "%s; 0 where no more are", of[ngram->weight]);
}

/* A table that is asked for ids with weights. */
static void add_bag(struct feed *f, const struct inputs *in, size_t t,
                    const struct ngram_options *ngram)
{
    const struct input_table *table = &in->table[t];
    bool words = table->kind == INPUT_WORDS;
    int64_t many = words ? (int64_t)feed_positions(&in->words) : GRAPH_MANY;

    say_ids(add(f, FEED_ID, t, table->name, ".id", GRAPH_LONG, 1, &many), table,
            ngram);
    say_weights(
        add(f, FEED_WEIGHT, t, table->name, ".weight", GRAPH_FLOAT, 1, &many),
        table, ngram);
    if (words)
        say(add(f, FEED_LENGTH, t, table->name, ".length", GRAPH_LONG, 0, NULL),
            "how many words there are, at most %d", (int)in->words.length);
}

static void add_numbers(struct feed *f, const struct inputs *in,
                        const struct dataset *data)
{
    bool wanted = in->numbers > 0;
    char name[72];
    size_t i;

    for (i = 0; i < in->table_count; i++)
        wanted = wanted || in->table[i].kind == INPUT_NUMBER;
    for (i = 0; wanted && i < data->number_count; i++) {
        snprintf(name, sizeof name, "number.%s", data->number[i].name);
        say(add(f, FEED_NUMBER, i, name, "", GRAPH_FLOAT, 0, NULL),
            "the number as it is; NaN where there is none");
    }
}

static void add_plain(struct feed *f, const struct inputs *in)
{
    int64_t image[] = { IMAGE_CHANNELS, (int64_t)in->image_height,
                        (int64_t)in->image_width };
    int64_t vector = (int64_t)in->vector_size;
    int64_t frames[] = { 0, (int64_t)in->frame_size };

    if (in->image_height > 0)
        say(add(f, FEED_IMAGE, 0, "image", "", GRAPH_BYTE, 3, image),
            "planes of red, green and blue, 0 to 255, brought to this size by "
            "means of areas; all 128 where there is none");
    if (in->vector_size > 0)
        say(add(f, FEED_VECTOR, 0, "vector", "", GRAPH_FLOAT, 1, &vector),
            "numbers as they are; NaN where there is none");
    if (in->frame_size == 0)
        return;
    frames[0] = inputs_has_frames(in) ? (int64_t)feed_positions(&in->frames)
                                      : in->frames.length;
    say(add(f, FEED_FRAMES, 0, "sequence", "", GRAPH_FLOAT, 2, frames),
        "frames as they are; NaN where there is none");
    if (inputs_has_frames(in))
        say(add(f, FEED_FRAMES_LENGTH, 0, "sequence.length", "", GRAPH_LONG, 0,
                NULL),
            "how many frames there are, at most %d", (int)in->frames.length);
}

int feed_init(struct feed *f, const struct inputs *in,
              const struct dataset *data, const struct ngram_options *ngram,
              struct error *err)
{
    size_t most = 3 * in->table_count + data->number_count + 4, i;

    *f = (struct feed){ .input = calloc(most, sizeof *f->input) };
    if (!f->input)
        return error_memory(err);
    for (i = 0; i < in->table_count; i++)
        if (in->table[i].kind <= INPUT_CHARACTERS)
            add_bag(f, in, i, ngram);
        else if (in->table[i].kind == INPUT_CATEGORY)
            say(add(f, FEED_CATEGORY, i, in->table[i].name, "", GRAPH_LONG, 0,
                    NULL),
                "place of the value in 'source' of model.json, from 1; 0 "
                "where it is unknown");
    add_numbers(f, in, data);
    add_plain(f, in);
    for (i = 0; i < f->count; i++)
        f->input[i].type.name = f->input[i].name;
    return 0;
}

void feed_clear(struct feed *f)
{
    free(f->input);
    *f = (struct feed){ 0 };
}

/* --- in words ---------------------------------------------------------------- */

static struct tree *shape_tree(const struct graph_tensor *t)
{
    struct tree *list = tree_list();
    char name[96];
    size_t i;

    for (i = 0; i < t->rank; i++) {
        snprintf(name, sizeof name, "%s.count", t->name);
        tree_append(
            list, t->shape[i] >= 0
                      ? tree_int(t->shape[i])
                      : tree_string(t->shape[i] == GRAPH_ROWS ? "rows" : name));
    }
    return list;
}

struct tree *feed_describe(const struct feed *f)
{
    static const char *const types[] = { [GRAPH_FLOAT] = "float32",
                                         [GRAPH_BYTE] = "uint8",
                                         [GRAPH_LONG] = "int64" };
    struct tree *list = tree_list(), *map;
    size_t i;

    for (i = 0; i < f->count; i++) {
        map = tree_map();
        tree_set_string(map, "name", f->input[i].name);
        tree_set_string(map, "type", types[f->input[i].type.type]);
        tree_set(map, "shape", shape_tree(&f->input[i].type));
        tree_set_string(map, "meaning", f->input[i].meaning);
        tree_append(list, map);
    }
    return list;
}

/* --- of rows ------------------------------------------------------------------ */

/* The most ids that an example has in this lookup; at least one. */
static size_t most_ids(const struct lookup *l)
{
    size_t most = 1, i;

    for (i = 0; i < l->rows; i++)
        if (l->offset[i + 1] - l->offset[i] > most)
            most = l->offset[i + 1] - l->offset[i];
    return most;
}

/* Ids or weights of a lookup, 'places' each line, 'lines' each row; of words the
 * lookup has a line a place, of which the last may be left out. */
static void fill_lookup(const struct feed_input *i, const struct lookup *l,
                        size_t lines, size_t places, void *to)
{
    size_t line, k, row, at;

    for (line = 0; line < l->rows; line++) {
        row = line / lines;
        for (k = l->offset[line]; k < l->offset[line + 1]; k++) {
            at = row * places + line % lines + (k - l->offset[line]);
            if (i->kind == FEED_ID)
                ((int64_t *)to)[at] = l->id[k];
            else
                ((float *)to)[at] = l->weight[k];
        }
    }
}

/* A row's numbers, and NaN after them up to 'room'. */
static void fill_floats(const float *from, size_t count, size_t room, float *to)
{
    size_t i;

    for (i = 0; i < room; i++)
        to[i] = i < count ? from[i] : NAN;
}

static void fill_row(const struct feed_input *i, const struct batch *b,
                     const struct inputs *in, const struct row *row, size_t k,
                     void *to)
{
    size_t room;

    switch (i->kind) {
    case FEED_IMAGE:
        memcpy((uint8_t *)to + k * inputs_pixels(in), row->image,
               inputs_pixels(in));
        break;
    case FEED_CATEGORY:
        ((int64_t *)to)[k] = row->category[in->table[i->index].field];
        break;
    case FEED_NUMBER:
        ((float *)to)[k] = row->number[i->index];
        break;
    case FEED_LENGTH:
        ((int64_t *)to)[k] = b->words.length[k];
        break;
    case FEED_FRAMES_LENGTH:
        ((int64_t *)to)[k] = positions_kept(&in->frames, row->frame_count);
        break;
    case FEED_VECTOR:
        fill_floats(row->vector, in->vector_size, in->vector_size,
                    (float *)to + k * in->vector_size);
        break;
    case FEED_FRAMES:
        room = (size_t)(i->type.shape[1] * i->type.shape[2]);
        fill_floats(row->frame,
                    in->frame_size *
                        positions_kept(&in->frames, row->frame_count),
                    room, (float *)to + k * room);
        break;
    case FEED_ID:
    case FEED_WEIGHT: /* fill_lookup() */
        break;
    }
}

/* The input 'i' of these rows, its sizes now known. */
static int write_input(const struct feed_input *i, const struct batch *b,
                       const struct inputs *in, const struct dataset *data,
                       const uint32_t *row, const char *path, struct error *err)
{
    struct graph_tensor t = i->type;
    size_t count = 1, k;
    struct row r;
    void *room;
    int rc;

    t.shape[0] = (int64_t)b->rows;
    if (t.rank > 1 && t.shape[1] == GRAPH_MANY)
        t.shape[1] = (int64_t)most_ids(&b->lookup[i->index]);
    for (k = 0; k < t.rank; k++)
        count *= (size_t)t.shape[k];
    t.data = room = calloc(count + 1, sizeof(int64_t));
    if (!room)
        return error_memory(err);
    if (i->kind == FEED_ID || i->kind == FEED_WEIGHT)
        fill_lookup(i, &b->lookup[i->index], b->lookup[i->index].rows / b->rows,
                    (size_t)t.shape[1], room);
    for (k = 0; k < b->rows; k++) {
        dataset_row(data, row[k], &r);
        fill_row(i, b, in, &r, k, room);
    }
    rc = graph_write_tensor(&t, path, err);
    free(room);
    return rc;
}

int feed_write(const struct feed *f, const struct batch *b,
               const struct inputs *in, const struct dataset *data,
               const uint32_t *row, const char *folder, struct error *err)
{
    char *path;
    size_t i;
    int rc = 0;

    for (i = 0; i < f->count && rc == 0; i++) {
        path = text_print("%s/input_%zu.pb", folder, i);
        rc = path ? write_input(&f->input[i], b, in, data, row, path, err)
                  : error_memory(err);
        free(path);
    }
    return rc;
}
