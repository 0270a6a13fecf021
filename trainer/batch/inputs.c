/* See inputs.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/batch/inputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(struct inputs *in, enum input_kind kind, size_t field,
                const char *group, const char *name, size_t rows)
{
    struct input_table *t = &in->table[in->table_count++];

    *t = (struct input_table){ .kind = kind, .field = field, .rows = rows };
    snprintf(t->name, sizeof t->name, "%s%s%s", group, name[0] ? "." : "",
             name);
}

static void add_tables(struct inputs *in, const struct dataset *data,
                       const struct inputs_options *o)
{
    bool bag = o->words.kind == SEQUENCE_NONE;
    size_t i;

    if (o->text && data->has_text)
        add(in, bag ? INPUT_TEXT : INPUT_WORDS, 0, "text", "",
            (size_t)o->text_buckets);
    if (o->characters && data->has_characters)
        add(in, INPUT_CHARACTERS, 0, "characters", "",
            (size_t)o->character_buckets);
    for (i = 0; o->categories && i < data->category_count; i++)
        add(in, INPUT_CATEGORY, i, "category", data->category[i].name,
            data->category[i].cardinality);
    for (i = 0; o->number_buckets && i < data->number_count; i++)
        add(in, INPUT_NUMBER, i, "number", data->number[i].name,
            data->number[i].edge_count + 2);
}

int inputs_init(struct inputs *in, const struct dataset *data,
                const struct inputs_options *o, struct error *err)
{
    size_t most = 2 + data->category_count + data->number_count;

    *in = (struct inputs){
        .image_height = o->image ? data->image_height : 0,
        .image_width = o->image ? data->image_width : 0,
        .classes = data->classes,
        .words = o->words,
        .numbers = o->number_values ? data->number_count : 0,
        .vector_size = o->vector ? data->vector_size : 0,
        .frame_size = o->frames.kind != SEQUENCE_NONE ? data->frame_size : 0,
        .frames = o->frames,
    };
    in->table = calloc(most, sizeof *in->table);
    if (!in->table)
        return error_memory(err);
    add_tables(in, data, o);
    if (in->table_count > 0 || in->image_height > 0 || in->frame_size > 0 ||
        inputs_dense(in) > 0)
        return 0;
    inputs_clear(in);
    error_usage(err, "the model has nothing to look at");
    return error_hint(err, "turn a tower of model: on, or pack fields the set "
                           "does not have yet");
}

void inputs_clear(struct inputs *in)
{
    free(in->table);
    memset(in, 0, sizeof *in);
}

size_t inputs_pixels(const struct inputs *in)
{
    return IMAGE_CHANNELS * in->image_height * in->image_width;
}

size_t inputs_dense(const struct inputs *in)
{
    size_t flat = in->frames.kind == SEQUENCE_FLAT
                      ? in->frame_size * (size_t)in->frames.length
                      : 0;

    return 2 * in->numbers + in->vector_size + flat;
}

bool inputs_has_frames(const struct inputs *in)
{
    return in->frame_size > 0 && in->frames.kind != SEQUENCE_FLAT;
}

size_t inputs_lines(const struct inputs *in, const struct input_table *t)
{
    return t->kind == INPUT_WORDS
               ? positions_needed(&in->words, (size_t)in->words.length)
               : 1;
}

size_t inputs_outputs(const struct inputs *in)
{
    return in->classes > 2 ? in->classes : 1;
}
