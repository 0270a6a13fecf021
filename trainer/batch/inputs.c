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

int inputs_init(struct inputs *in, const struct dataset *data, bool image,
                bool text, size_t text_buckets, struct error *err)
{
    size_t most = 1 + data->category_count + data->number_count, i;

    memset(in, 0, sizeof *in);
    in->table = calloc(most, sizeof *in->table);
    if (!in->table)
        return error_memory(err);
    if (image) {
        in->image_height = data->image_height;
        in->image_width = data->image_width;
    }
    if (text && data->has_text)
        add(in, INPUT_TEXT, 0, "text", "", text_buckets);
    for (i = 0; i < data->category_count; i++)
        add(in, INPUT_CATEGORY, i, "category", data->category[i].name,
            data->category[i].cardinality);
    for (i = 0; i < data->number_count; i++)
        add(in, INPUT_NUMBER, i, "number", data->number[i].name,
            data->number[i].edge_count + 2);
    if (in->table_count > 0 || in->image_height > 0)
        return 0;
    inputs_clear(in);
    error_usage(err, "the model has nothing to look at");
    return error_hint(err, "turn model.image or model.text on, or pack "
                           "category or number fields");
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
