/* source: rows of table files and their picture files.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/pack/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "trainer/data/image/image.h"
#include "trainer/data/pack/category_map.h"
#include "trainer/data/table/table.h"

struct file_source {
    struct source source; /* first: one is the other */
    const struct description *description;
    char **path; /* [file_count] */
    char *image_folder;
    struct table table; /* the file being read ... */
    size_t file;        /* ... and its number */
    const char **field;
    struct category_map *map; /* [category_count], empty where there is none */
};

/* Open file number 'file'. */
static int open_file(struct file_source *s, struct error *err)
{
    const struct description *d = s->description;
    const struct table_form form = { d->separator, d->quotes };
    table_close(&s->table);
    if (table_open(&s->table, s->path[s->file], &form, d->column,
                   (size_t)d->column_count, err) == 0)
        return 0;
    return err && err->hint[0]
               ? -1
               : error_hint(err, "paths are relative to the description, or "
                                 "to --source FOLDER");
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
        error_where(err, "%s:%zu", s->table.name, table_line(&s->table));
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
    while ((rc = table_next(&s->table, s->field, err)) == 0) {
        if (s->file + 1 == d->file_count)
            return 0;
        s->file++;
        if (open_file(s, err) < 0)
            return -1;
    }
    if (rc < 0)
        return -1;
    if (map_categories(s, err) < 0)
        return -1;
    *r = (struct record){ .field = s->field,
                          .split = d->files[s->file].split,
                          .file = s->table.name,
                          .line = table_line(&s->table) };
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
    free(s->field);
    table_close(&s->table);
    free(s);
}

/* Everything that may run out of memory. */
static int allocate(struct file_source *s, const char *folder)
{
    const struct description *d = s->description;
    s->path = calloc(d->file_count + 1, sizeof *s->path);
    s->field = calloc((size_t)d->column_count + 1, sizeof *s->field);
    s->image_folder = file_join(folder, d->image_folder);
    if (!s->path || !s->field || !s->image_folder)
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
