/* source: rows of CSV files and their picture files.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/pack/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "trainer/data/image/image.h"
#include "trainer/data/pack/category_map.h"
#include "trainer/data/pack/csv.h"

struct file_source {
    struct source source; /* first: one is the other */
    const struct description *description;
    char **path; /* [file_count] */
    char *image_folder;
    struct csv csv;
    size_t file; /* the one being read; file_count behind the last */
    size_t *at;  /* [column_count]: which field of the file it is */
    const char **field;
    struct category_map *map; /* [category_count], empty where there is none */
};

/* What to say of a column that the file does not have. */
static int no_column(const struct csv *csv, const char *name, struct error *err)
{
    const char **names = calloc(csv->field_count + 1, sizeof *names);
    if (!names)
        return error_memory(err);
    for (size_t i = 0; i < csv->field_count; i++)
        names[i] = csv_field(csv, i);
    const char *near = text_nearest(name, names, csv->field_count);
    error_usage(err, "no column '%s'", name);
    error_where(err, "%s:%zu", csv->name, csv->record_line);
    if (near)
        error_hint(err, "did you mean '%s'?", near);
    else
        error_hint(err,
                   "the first line names the columns; the first of %zu "
                   "is '%s'",
                   csv->field_count, names[0]);
    free(names);
    return -1;
}

static int find_column(const struct csv *csv, const char *name, size_t *at,
                       struct error *err)
{
    size_t found = 0;
    for (size_t i = 0; i < csv->field_count; i++)
        if (strcmp(csv_field(csv, i), name) == 0 && found++ == 0)
            *at = i;
    if (found == 0)
        return no_column(csv, name, err);
    if (found == 1)
        return 0;
    error_usage(err, "%zu columns are called '%s'", found, name);
    return error_where(err, "%s:%zu", csv->name, csv->record_line);
}

/* Open file number 'file' and find its columns. */
static int open_file(struct file_source *s, struct error *err)
{
    const struct description *d = s->description;
    csv_close(&s->csv);
    if (csv_open(&s->csv, s->path[s->file], d->separator, d->quotes, err) < 0)
        return error_hint(err, "paths are relative to the description, or to "
                               "--source FOLDER");
    const int rc = csv_next(&s->csv, err);
    if (rc < 0)
        return -1;
    if (rc == 0) {
        error_usage(err, "'%s' is empty", s->path[s->file]);
        return error_hint(err, "its first line must name the columns");
    }
    for (int i = 0; i < d->column_count; i++)
        if (find_column(&s->csv, d->column[i], &s->at[i], err) < 0)
            return -1;
    return 0;
}

static int files_rewind(struct source *source, struct error *err)
{
    struct file_source *s = (struct file_source *)source;
    s->file = 0;
    source->others = 0;
    return open_file(s, err);
}

/* Replace leaves by their classes; an empty field stays. */
static int map_categories(struct file_source *s, struct error *err)
{
    const struct description *d = s->description;
    for (size_t i = 0; i < d->category_count; i++) {
        const struct description_category *c = &d->category[i];
        const char *leaf = s->field[c->column];
        if (!c->map || !*leaf)
            continue;
        s->field[c->column] = category_map_find(&s->map[i], leaf);
        if (s->field[c->column])
            continue;
        s->field[c->column] = "other";
        s->source.others++;
        if (c->unknown_other)
            continue;
        error_usage(err, "column '%s': '%.80s' is not in %s",
                    d->column[c->column], leaf, c->map);
        error_where(err, "%s:%zu", s->csv.name, s->csv.record_line);
        return error_hint(err, "add it there, or say unknown: other");
    }
    return 0;
}

static int read_maps(struct file_source *s, const char *folder,
                     struct error *err)
{
    const struct description *d = s->description;
    s->map = calloc(d->category_count + 1, sizeof *s->map);
    if (!s->map)
        return error_memory(err);
    for (size_t i = 0; i < d->category_count; i++) {
        char *path = NULL;
        if (!d->category[i].map)
            continue;
        path = file_join(folder, d->category[i].map);
        int rc =
            path ? category_map_read(&s->map[i], path, err) : error_memory(err);
        free(path);
        if (rc < 0)
            return -1;
    }
    return 0;
}

static int files_next(struct source *source, struct record *r,
                      struct error *err)
{
    struct file_source *s = (struct file_source *)source;
    const struct description *d = s->description;
    int rc;
    while ((rc = csv_next(&s->csv, err)) == 0) {
        if (s->file + 1 == d->file_count)
            return 0;
        s->file++;
        if (open_file(s, err) < 0)
            return -1;
    }
    if (rc < 0)
        return -1;
    for (int i = 0; i < d->column_count; i++)
        s->field[i] = csv_field(&s->csv, s->at[i]);
    if (map_categories(s, err) < 0)
        return -1;
    *r = (struct record){ .field = s->field,
                          .split = d->files[s->file].split,
                          .file = s->csv.name,
                          .line = s->csv.record_line };
    return 1;
}

static int files_image(const struct source *source, const char *name,
                       uint32_t height, uint32_t width, uint8_t *planes,
                       struct error *err)
{
    const struct file_source *s = (const struct file_source *)source;
    if (!*name)
        return error_usage(err, "the row names no image");
    char *path = file_join(s->image_folder, name);
    if (!path)
        return error_memory(err);
    int rc = image_load(path, height, width, planes, err);
    free(path);
    return rc;
}

static void files_destroy(struct source *source)
{
    struct file_source *s = (struct file_source *)source;
    for (size_t i = 0; s->path && i < s->description->file_count; i++)
        free(s->path[i]);
    free(s->path);
    for (size_t i = 0; s->map && i < s->description->category_count; i++)
        category_map_clear(&s->map[i]);
    free(s->map);
    free(s->image_folder);
    free(s->at);
    free(s->field);
    csv_close(&s->csv);
    free(s);
}

/* Everything that may run out of memory. */
static int allocate(struct file_source *s, const char *folder)
{
    const struct description *d = s->description;
    s->path = calloc(d->file_count + 1, sizeof *s->path);
    s->at = calloc((size_t)d->column_count + 1, sizeof *s->at);
    s->field = calloc((size_t)d->column_count + 1, sizeof *s->field);
    s->image_folder = file_join(folder, d->image_folder);
    if (!s->path || !s->at || !s->field || !s->image_folder)
        return -1;
    for (size_t i = 0; i < d->file_count; i++) {
        s->path[i] = file_join(folder, d->files[i].path);
        if (!s->path[i])
            return -1;
    }
    return 0;
}

struct source *source_open_files(const struct description *d,
                                 const char *folder, struct error *err)
{
    struct file_source *s = calloc(1, sizeof *s);
    if (!s) {
        error_memory(err);
        return NULL;
    }
    s->source = (struct source){ files_rewind, files_next, files_image,
                                 files_destroy, 0 };
    s->description = d;
    if (allocate(s, folder) < 0) {
        error_memory(err);
        goto error;
    }
    if (read_maps(s, folder, err) < 0 || files_rewind(&s->source, err) < 0)
        goto error;
    return &s->source;
error:
    files_destroy(&s->source);
    return NULL;
}
