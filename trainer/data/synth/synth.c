/* synth: made-up sets, as a source to pack or as files to look at.
 *
 * A row's fields are made by number, so a picture can be drawn from its name
 * alone, by any thread.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/synth/synth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/yaml.h"
#include "trainer/data/image/image.h"
#include "trainer/data/image/png.h"
#include "trainer/data/synth/set.h"

static const struct synth_set *const sets[] = { &synth_listings, &synth_kinds,
                                                &synth_frames };
enum { SETS = sizeof sets / sizeof *sets };

const struct synth_set *synth_find(const char *name, struct error *err)
{
    for (int i = 0; i < SETS; i++)
        if (strcmp(sets[i]->name, name) == 0)
            return sets[i];
    error_usage(err, "no set is called '%s'", name);
    error_hint(err, "there are listings, kinds and frames");
    return NULL;
}

int synth_describe(const struct synth_set *set, struct description *d,
                   struct error *err)
{
    struct tree *t =
        yaml_parse(set->description, strlen(set->description), set->name, err);
    memset(d, 0, sizeof *d);
    return t ? description_parse(d, t, set->name, err) : -1;
}

/* --- as a source ------------------------------------------------------------- */

struct made {
    struct source source; /* first: one is the other */
    const struct synth_set *set;
    const struct description *description;
    uint64_t rows, seed, next;
    void *row;
    int *say;           /* [column_count]: which of the set's it is */
    struct text *value; /* [column_count] */
    const char **field;
};

static int made_rewind(struct source *source, struct error *err)
{
    struct made *s = (struct made *)source;
    (void)err;
    s->next = 0;
    return 0;
}

static int made_next(struct source *source, struct record *r, struct error *err)
{
    struct made *s = (struct made *)source;
    if (s->next == s->rows)
        return 0;
    if (s->set->make(s->row, s->seed, s->next) < 0)
        return error_memory(err);
    for (int i = 0; i < s->description->column_count; i++) {
        text_reset(&s->value[i]);
        s->set->columns[s->say[i]].say(s->row, s->next, &s->value[i]);
        if (s->value[i].failed)
            return error_memory(err);
        s->field[i] = text_get(&s->value[i]);
    }
    s->next++;
    *r = (struct record){ .field = s->field,
                          .split = SPLIT_TRAIN,
                          .file = s->set->name,
                          .line = s->next };
    return 1;
}

/* The number in "images/NNNNNN.png", as sets with pictures say it; -1 for
 * others. */
static int64_t image_number(const char *name)
{
    static const char before[] = "images/";
    char *end;
    if (strncmp(name, before, sizeof before - 1) != 0)
        return -1;
    const int64_t number = strtoll(name + sizeof before - 1, &end, 10);
    return strcmp(end, ".png") == 0 ? number : -1;
}

/* Draw the row whose number is in the name. */
static int made_image(const struct source *source, const char *name,
                      uint32_t height, uint32_t width, uint8_t *planes,
                      struct error *err)
{
    const struct made *s = (const struct made *)source;
    const int64_t number = image_number(name);
    if (!s->set->draw || height != s->set->side || width != s->set->side ||
        number < 0)
        return error_set(err, "cannot draw '%s'", name);
    void *row = calloc(1, s->set->row_bytes);
    if (!row || s->set->make(row, s->seed, (uint64_t)number) < 0) {
        free(row);
        return error_memory(err);
    }
    s->set->draw(row, s->seed, (uint64_t)number, planes);
    s->set->clear(row);
    free(row);
    return 0;
}

static void made_destroy(struct source *source)
{
    struct made *s = (struct made *)source;
    for (int i = 0; s->value && i < s->description->column_count; i++)
        text_clear(&s->value[i]);
    if (s->row)
        s->set->clear(s->row);
    free(s->row);
    free(s->value);
    free(s->field);
    free(s->say);
    free(s);
}

/* Which of the set's columns is called 'name', or -1. */
static int find_column(const struct synth_set *set, const char *name)
{
    int i = set->column_count;
    while (--i >= 0 && strcmp(set->columns[i].name, name) != 0)
        ;
    return i;
}

struct source *synth_open(const struct synth_set *set,
                          const struct description *d, uint64_t rows,
                          uint64_t seed, struct error *err)
{
    const size_t count = (size_t)d->column_count;
    struct made *s = calloc(1, sizeof *s);
    if (!s) {
        error_memory(err);
        return NULL;
    }
    s->source =
        (struct source){ made_rewind, made_next, made_image, made_destroy, 0 };
    s->set = set;
    s->description = d;
    s->rows = rows;
    s->seed = seed;
    s->row = calloc(1, set->row_bytes);
    s->say = calloc(count, sizeof *s->say);
    s->value = calloc(count, sizeof *s->value);
    s->field = calloc(count, sizeof *s->field);
    if (!s->row || !s->say || !s->value || !s->field) {
        error_memory(err);
        goto error;
    }
    for (size_t i = 0; i < count; i++) {
        s->say[i] = find_column(set, d->column[i]);
        if (s->say[i] < 0) {
            error_usage(err, "%s have no column '%s'", set->name, d->column[i]);
            goto error;
        }
    }
    return &s->source;
error:
    made_destroy(&s->source);
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

static void append_row(struct text *csv, const struct synth_set *set,
                       const void *row, uint64_t number)
{
    struct text value = TEXT_INIT;
    for (int i = 0; i < set->column_count; i++) {
        text_reset(&value);
        set->columns[i].say(row, number, &value);
        if (i > 0)
            text_append_char(csv, ',');
        append_field(csv, text_get(&value));
    }
    text_append_char(csv, '\n');
    csv->failed |= value.failed;
    text_clear(&value);
}

static int save_picture(const struct synth_set *set, const char *folder,
                        const void *row, uint64_t seed, uint64_t number,
                        struct error *err)
{
    uint8_t *planes = malloc((size_t)3 * set->side * set->side);
    char *path = text_print("%s/images/%06" PRIu64 ".png", folder, number);
    int rc = -1;
    if (!planes || !path) {
        error_memory(err);
    } else {
        set->draw(row, seed, number, planes);
        rc = png_save(path, planes, set->side, set->side, err);
    }
    free(planes);
    free(path);
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

static int make_folder(const struct synth_set *set, const char *folder,
                       struct error *err)
{
    char *path = file_join(folder, set->draw ? "images" : ".");
    int rc = path ? file_make_folder(path, err) : error_memory(err);
    free(path);
    return rc;
}

static int write_rows(const struct synth_set *set, const char *folder,
                      uint64_t rows, uint64_t seed, struct text *csv,
                      struct error *err)
{
    void *row = calloc(1, set->row_bytes);
    struct progress progress;
    int rc = row ? 0 : error_memory(err);
    progress_start(&progress, "writing rows", (int64_t)rows);
    for (uint64_t i = 0; i < rows && rc == 0; i++) {
        if (set->make(row, seed, i) < 0)
            rc = error_memory(err);
        else
            append_row(csv, set, row, i);
        if (rc == 0 && set->draw)
            rc = save_picture(set, folder, row, seed, i, err);
        progress_update(&progress, (int64_t)i + 1);
    }
    progress_finish(&progress, (int64_t)rows);
    if (row)
        set->clear(row);
    free(row);
    return rc;
}

int synth_write(const struct synth_set *set, const char *folder, uint64_t rows,
                uint64_t seed, struct error *err)
{
    struct text csv = TEXT_INIT;
    char *description = text_print("%s.data.yaml", set->name);
    int rc = description ? make_folder(set, folder, err) : error_memory(err);
    for (int i = 0; i < set->column_count; i++)
        text_format(&csv, "%s%s", set->columns[i].name,
                    i + 1 < set->column_count ? "," : "\n");
    if (rc == 0)
        rc = write_rows(set, folder, rows, seed, &csv, err);
    if (rc == 0 && csv.failed)
        rc = error_memory(err);
    if (rc == 0)
        rc = save_file(folder, set->table, csv.data, csv.size, err);
    if (rc == 0)
        rc = save_file(folder, description, set->description,
                       strlen(set->description), err);
    text_clear(&csv);
    free(description);
    return rc;
}
