/* description: what is in a table of rows, and how it becomes a data set.
 *
 * One function a section of the file, each a list of reader calls.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/pack/description.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "base/text.h"
#include "base/yaml.h"
#include "trainer/data/duplicates.h"

enum { FOLDS_MAX = 1000, SIDE_MAX = 1024, QUANTILES_MAX = 4096 };
enum { CLASSES_MAX = 1 << 16, DENSE_MAX = 1 << 16, CHARACTERS_MAX = 8 };
enum { QUANTILES = 10, MIN_COUNT = 2, SIDE = 32 };

/* The number of a column, put down when it is new; -1 when out of memory. */
static int add_column(struct description *d, const char *name)
{
    for (int i = 0; i < d->column_count; i++)
        if (strcmp(d->column[i], name) == 0)
            return i;
    const char **more =
        realloc(d->column, ((size_t)d->column_count + 1) * sizeof *more);
    if (!more)
        return -1;
    d->column = more;
    d->column[d->column_count] = name;
    return d->column_count++;
}

/* The column named under 'key'; DESCRIPTION_NONE when the key is absent. */
static int read_column(struct description *d, struct reader *r, const char *key)
{
    const char *name = NULL;
    if (!reader_string(r, key, &name))
        return DESCRIPTION_NONE;
    const int column = add_column(d, name);
    if (column < 0)
        r->failed = error_memory(r->err) != 0;
    return column;
}

static int need_column(struct description *d, struct reader *r)
{
    reader_need(r, "column");
    return read_column(d, r, "column");
}

static const char *path_of(const struct tree *t)
{
    return tree_kind(t) == TREE_STRING && tree_text(t)[0] ? tree_text(t) : NULL;
}

/* One path or a list of them, for one split. */
static int read_paths(struct description *d, const struct tree *t,
                      enum split split, struct error *err)
{
    const bool list = tree_kind(t) == TREE_LIST;
    const size_t count = list ? tree_count(t) : 1;
    struct description_file *more =
        realloc(d->files, (d->file_count + count + 1) * sizeof *more);
    if (!more)
        return error_memory(err);
    d->files = more;
    if (count == 0)
        return reader_error_at(err, d->file, t, "files: the list is empty");
    for (size_t i = 0; i < count; i++) {
        const struct tree *one = list ? tree_at(t, i) : t;
        if (!path_of(one))
            return reader_error_at(err, d->file, one,
                                   "files: expected a file's path, found %s",
                                   tree_kind_name(tree_kind(one)));
        d->files[d->file_count++] =
            (struct description_file){ path_of(one), split };
    }
    return 0;
}

static int read_files(struct description *d, const struct tree *t,
                      struct error *err)
{
    struct reader r;
    if (tree_kind(t) != TREE_MAP)
        return read_paths(d, t, SPLIT_TRAIN, err);
    reader_open(&r, t, d->file, "files", err);
    reader_need(&r, dataset_split_name[SPLIT_TRAIN]);
    const struct tree *part[3];
    for (int i = 0; i < 3; i++)
        part[i] = reader_any(&r, dataset_split_name[i]);
    if (reader_close(&r) < 0)
        return -1;
    for (int i = 0; i < 3; i++)
        if (part[i] && read_paths(d, part[i], (enum split)i, err) < 0)
            return -1;
    return 0;
}

/* "tab" for a first file called *.tsv, else as said. */
static char separator_of(const struct description *d, int said)
{
    static const char separators[] = ",\t;|";
    const char *path = d->file_count ? d->files[0].path : "";
    const size_t length = strlen(path);
    if (said >= 0)
        return separators[said];
    return length > 4 && strcmp(path + length - 4, ".tsv") == 0 ? '\t' : ',';
}

/* Label values as strings: what YAML takes for a number or a truth must be as
 * it stands in the table. */
static int check_values(const struct description *d, const struct tree *t,
                        struct error *err)
{
    const bool list = tree_kind(t) == TREE_LIST;
    for (size_t i = 0; i < (list ? tree_count(t) : 1); i++) {
        const struct tree *one = list ? tree_at(t, i) : t;
        if (tree_kind(one) == TREE_STRING || tree_kind(one) == TREE_INT)
            continue;
        reader_error_at(err, d->file, one,
                        "label: expected a value of the column, found %s",
                        tree_kind_name(tree_kind(one)));
        return error_hint(err, "put it in quotes, just as it stands in the "
                               "table: \"True\"");
    }
    return 0;
}

static int read_label(struct description *d, const struct tree *t,
                      struct error *err)
{
    struct reader r;
    reader_open(&r, t, d->file, "label", err);
    d->label = need_column(d, &r);
    d->classes = reader_kind(&r, "classes", TREE_LIST);
    if (!d->classes)
        reader_need(&r, "positive");
    d->positive = reader_any(&r, "positive");
    d->negative = reader_any(&r, "negative");
    if (d->classes && (d->positive || d->negative))
        reader_fail(&r, "classes", "give either classes or positive");
    if (d->classes &&
        (tree_count(d->classes) < 2 || tree_count(d->classes) > CLASSES_MAX))
        reader_fail(&r, "classes", "expected 2 to %d classes", CLASSES_MAX);
    if (reader_close(&r) < 0)
        return -1;
    if (d->classes)
        return check_values(d, d->classes, err);
    if (check_values(d, d->positive, err) < 0)
        return -1;
    return d->negative ? check_values(d, d->negative, err) : 0;
}

/* Open a reader on a field that may be a bare column name. Gives the column,
 * and whether 'r' is open and to be read on and closed. */
static bool open_field(struct description *d, struct reader *r,
                       const struct tree *t, const char *what, int *column,
                       struct error *err)
{
    if (tree_kind(t) == TREE_STRING) {
        *column = add_column(d, tree_text(t));
        return false;
    }
    reader_open(r, t, d->file, what, err);
    *column = need_column(d, r);
    return true;
}

static int read_category(struct description *d, const struct tree *t,
                         struct error *err)
{
    struct description_category *f = &d->category[d->category_count++];
    static const char *const unknown[] = { "error", "other", NULL };
    struct reader r;
    int other = 0;
    f->min_count = MIN_COUNT;
    if (!open_field(d, &r, t, "category", &f->column, err))
        return f->column < 0 ? error_memory(err) : 0;
    reader_int(&r, "min_count", 1, INT64_MAX, &f->min_count);
    reader_string(&r, "map", &f->map);
    if (reader_enum(&r, "unknown", unknown, &other) && !f->map)
        reader_fail(&r, "unknown", "is about leaves that a map lacks");
    f->unknown_other = other == 1;
    return reader_close(&r);
}

static int read_edges(struct description *d, struct description_number *f,
                      const struct tree *list, struct error *err)
{
    f->edges = calloc(tree_count(list) + 1, sizeof *f->edges);
    if (!f->edges)
        return error_memory(err);
    for (size_t i = 0; i < tree_count(list); i++) {
        const struct tree *t = tree_at(list, i);
        f->edges[i] = tree_number(t);
        if (!isfinite(f->edges[i]))
            return reader_error_at(err, d->file, t,
                                   "number.buckets: expected a number");
        if (i > 0 && f->edges[i] <= f->edges[i - 1])
            return reader_error_at(err, d->file, t,
                                   "number.buckets: edges must ascend");
    }
    f->edge_count = tree_count(list);
    return 0;
}

static int read_number(struct description *d, const struct tree *t,
                       struct error *err)
{
    struct description_number *f = &d->number[d->number_count++];
    struct reader r;
    f->quantiles = QUANTILES;
    if (!open_field(d, &r, t, "number", &f->column, err))
        return f->column < 0 ? error_memory(err) : 0;
    const struct tree *edges = reader_kind(&r, "buckets", TREE_LIST);
    bool quantiles =
        reader_int(&r, "quantiles", 1, QUANTILES_MAX, &f->quantiles);
    f->missing = reader_any(&r, "missing");
    if (edges && quantiles)
        reader_fail(&r, "quantiles", "give either buckets or quantiles");
    if (reader_close(&r) < 0)
        return -1;
    return edges ? read_edges(d, f, edges, err) : 0;
}

static int read_text(struct description *d, const struct tree *t,
                     struct error *err)
{
    if (tree_kind(t) != TREE_STRING)
        return reader_error_at(err, d->file, t,
                               "text: expected a column's name, found %s",
                               tree_kind_name(tree_kind(t)));
    int column = add_column(d, tree_text(t));
    if (column < 0)
        return error_memory(err);
    d->text[d->text_count++] = column;
    return 0;
}

static int read_characters(struct description *d, const struct tree *t,
                           struct error *err)
{
    struct reader r;
    if (!t)
        return 0;
    d->character_low = 3;
    d->character_high = 5;
    reader_open(&r, t, d->file, "characters", err);
    reader_int(&r, "low", 1, CHARACTERS_MAX, &d->character_low);
    reader_int(&r, "high", 1, CHARACTERS_MAX, &d->character_high);
    if (d->character_low > d->character_high)
        reader_fail(&r, "high", "must not be below low");
    if (d->text_count == 0)
        reader_fail(&r, "", "there is no text to take them from");
    return reader_close(&r);
}

static int read_dense(struct description *d, const struct tree *t,
                      const char *what, struct description_dense *f,
                      struct error *err)
{
    struct reader r;
    if (!t)
        return 0;
    reader_open(&r, t, d->file, what, err);
    f->column = need_column(d, &r);
    reader_need(&r, "size");
    reader_int(&r, "size", 1, DENSE_MAX, &f->size);
    return reader_close(&r);
}

/* A list of fields of one kind. */
static int read_list(struct description *d, const struct tree *list,
                     int (*read)(struct description *, const struct tree *,
                                 struct error *),
                     struct error *err)
{
    for (size_t i = 0; i < tree_count(list); i++)
        if (read(d, tree_at(list, i), err) < 0)
            return -1;
    return 0;
}

/* A side, or [height, width]. */
static void read_size(struct description *d, struct reader *r)
{
    const struct tree *t = reader_any(r, "size");
    const bool pair = tree_kind(t) == TREE_LIST && tree_count(t) == 2;
    if (!t)
        return;
    const struct tree *sides[] = { pair ? tree_at(t, 0) : t,
                                   pair ? tree_at(t, 1) : t };
    for (int i = 0; i < 2; i++)
        if (tree_kind(sides[i]) != TREE_INT || tree_integer(sides[i]) < 1 ||
            tree_integer(sides[i]) > SIDE_MAX)
            reader_fail(r, "size",
                        "expected pixels from 1 to %d, or "
                        "[height, width]",
                        SIDE_MAX);
    d->image_height = (uint32_t)tree_integer(sides[0]);
    d->image_width = (uint32_t)tree_integer(sides[1]);
}

static int read_image(struct description *d, const struct tree *t,
                      struct error *err)
{
    static const char *const missing[] = { "error", "skip", "grey", NULL };
    struct reader r;
    int choice = IMAGE_ERROR;
    if (!t)
        return 0;
    d->image_height = d->image_width = SIDE;
    reader_open(&r, t, d->file, "image", err);
    d->image = need_column(d, &r);
    reader_string(&r, "folder", &d->image_folder);
    reader_enum(&r, "missing", missing, &choice);
    d->image_missing = (enum image_missing)choice;
    read_size(d, &r);
    return reader_close(&r);
}

/* What splits and folds share. */
static void read_cut(struct description *d, struct description_cut *cut,
                     struct reader *r)
{
    const bool timed = cut->time != DESCRIPTION_NONE;
    cut->group = read_column(d, r, "group");
    cut->stratified = cut->group == DESCRIPTION_NONE && !cut->sha256 && !timed;
    reader_int(r, "seed", 0, INT64_MAX, &cut->seed);
    reader_bool(r, "stratified", &cut->stratified);
    reader_int(r, "duplicates", 0, DUPLICATES_DISTANCE_MAX, &cut->duplicates);
    if (timed && cut->group != DESCRIPTION_NONE)
        reader_fail(r, "group", "rows cut by time cannot be grouped as well");
    if (cut->stratified && (cut->sha256 || timed))
        reader_fail(r, "stratified", "%s cannot be stratified",
                    timed ? "rows cut by time" : "a sha256 fold");
    if (cut->duplicates == DESCRIPTION_NONE)
        return;
    if (d->image == DESCRIPTION_NONE)
        reader_fail(r, "duplicates", "there are no images to compare");
    if (cut->sha256 || timed)
        reader_fail(r, "duplicates", "%s cannot keep near-duplicates together",
                    timed ? "a cut by time" : "a sha256 fold");
}

static int read_split(struct description *d, const struct tree *t,
                      struct error *err)
{
    struct reader r;
    reader_open(&r, t, d->file, "split", err);
    reader_float(&r, "validation", 0, 1, &d->validation);
    reader_float(&r, "test", 0, 1, &d->test);
    if (d->validation + d->test >= 1)
        reader_fail(&r, "test", "validation and test leave no training rows");
    d->split.time = read_column(d, &r, "time");
    read_cut(d, &d->split, &r);
    return reader_close(&r);
}

static int read_folds(struct description *d, const struct tree *t,
                      struct error *err)
{
    static const char *const hashes[] = { "xxh3", "sha256", NULL };
    struct reader r;
    int64_t count = 0;
    int hash = 0;
    if (!t)
        return 0;
    reader_open(&r, t, d->file, "folds", err);
    reader_need(&r, "count");
    reader_int(&r, "count", 2, FOLDS_MAX, &count);
    reader_enum(&r, "hash", hashes, &hash);
    d->folds = (uint32_t)count;
    d->fold.sha256 = hash == 1;
    read_cut(d, &d->fold, &r);
    if (d->fold.sha256 && d->fold.group == DESCRIPTION_NONE &&
        d->id == DESCRIPTION_NONE)
        reader_fail(&r, "hash", "sha256 needs a group, or the table an id");
    return reader_close(&r);
}

/* A field that is the label gives the answer away. */
static int check_columns(const struct description *d, struct error *err)
{
    bool used = d->image == d->label || d->vector.column == d->label ||
                d->sequence.column == d->label;
    for (size_t i = 0; i < d->category_count; i++)
        used = used || d->category[i].column == d->label;
    for (size_t i = 0; i < d->number_count; i++)
        used = used || d->number[i].column == d->label;
    for (size_t i = 0; i < d->text_count; i++)
        used = used || d->text[i] == d->label;
    if (!used)
        return 0;
    return reader_error_at(err, d->file, tree_get(d->tree, "label"),
                           "column '%s' is the label and cannot be learned "
                           "from as well",
                           d->column[d->label]);
}

static int allocate_fields(struct description *d, const struct tree *category,
                           const struct tree *number, const struct tree *text,
                           struct error *err)
{
    d->category = calloc(tree_count(category) + 1, sizeof *d->category);
    d->number = calloc(tree_count(number) + 1, sizeof *d->number);
    d->text = calloc(tree_count(text) + 1, sizeof *d->text);
    return d->category && d->number && d->text ? 0 : error_memory(err);
}

static int read_all(struct description *d, struct error *err)
{
    static const char *const separators[] = { "comma", "tab", "semicolon",
                                              "pipe", NULL };
    struct reader r;
    int separator = -1;
    reader_open(&r, d->tree, d->file, "", err);
    reader_need(&r, "dataset");
    reader_need(&r, "files");
    reader_need(&r, "label");
    reader_string(&r, "dataset", &d->name);
    const struct tree *files = reader_any(&r, "files"),
                      *label = reader_any(&r, "label"),
                      *category = reader_kind(&r, "category", TREE_LIST),
                      *number = reader_kind(&r, "number", TREE_LIST),
                      *text = reader_kind(&r, "text", TREE_LIST),
                      *characters = reader_kind(&r, "characters", TREE_MAP),
                      *vector = reader_kind(&r, "vector", TREE_MAP),
                      *sequence = reader_kind(&r, "sequence", TREE_MAP),
                      *image = reader_kind(&r, "image", TREE_MAP),
                      *split = reader_kind(&r, "split", TREE_MAP),
                      *folds = reader_kind(&r, "folds", TREE_MAP);
    reader_enum(&r, "separator", separators, &separator);
    reader_bool(&r, "quotes", &d->quotes);
    d->id = read_column(d, &r, "id");
    if (!category && !number && !text && !vector && !sequence && !image)
        reader_fail(&r, "",
                    "nothing to learn from: no category, number, "
                    "text, vector, sequence or image");
    if (reader_close(&r) < 0 ||
        allocate_fields(d, category, number, text, err) < 0 ||
        read_files(d, files, err) < 0 || read_label(d, label, err) < 0 ||
        read_list(d, category, read_category, err) < 0 ||
        read_list(d, number, read_number, err) < 0 ||
        read_list(d, text, read_text, err) < 0 ||
        read_characters(d, characters, err) < 0 ||
        read_dense(d, vector, "vector", &d->vector, err) < 0 ||
        read_dense(d, sequence, "sequence", &d->sequence, err) < 0 ||
        read_image(d, image, err) < 0 || read_split(d, split, err) < 0 ||
        read_folds(d, folds, err) < 0 || check_columns(d, err) < 0)
        return -1;
    d->separator = separator_of(d, separator);
    return 0;
}

int description_parse(struct description *d, struct tree *t, const char *file,
                      struct error *err)
{
    *d = (struct description){
        .tree = t,
        .file = text_copy(file),
        .quotes = true,
        .image_folder = ".",
        .id = DESCRIPTION_NONE,
        .vector = { DESCRIPTION_NONE, 0 },
        .sequence = { DESCRIPTION_NONE, 0 },
        .image = DESCRIPTION_NONE,
        .split = { .time = DESCRIPTION_NONE, .duplicates = DESCRIPTION_NONE },
        .fold = { .time = DESCRIPTION_NONE, .duplicates = DESCRIPTION_NONE }
    };
    int rc = d->file ? read_all(d, err) : error_memory(err);
    if (rc < 0)
        description_clear(d);
    return rc;
}

int description_read(struct description *d, const char *path, struct error *err)
{
    struct tree *t = yaml_read(path, err);
    if (t)
        return description_parse(d, t, path, err);
    memset(d, 0, sizeof *d);
    return -1;
}

bool description_lists(const struct tree *values, const char *value)
{
    char number[32];
    for (size_t i = 0; tree_kind(values) == TREE_LIST && i < tree_count(values);
         i++)
        if (description_lists(tree_at(values, i), value))
            return true;
    if (tree_kind(values) == TREE_STRING)
        return strcmp(tree_text(values), value) == 0;
    snprintf(number, sizeof number, "%" PRId64, tree_integer(values));
    return tree_kind(values) == TREE_INT && strcmp(number, value) == 0;
}

void description_clear(struct description *d)
{
    for (size_t i = 0; i < d->number_count; i++)
        free(d->number[i].edges);
    free(d->files);
    free(d->column);
    free(d->category);
    free(d->number);
    free(d->text);
    free(d->file);
    tree_destroy(d->tree);
    memset(d, 0, sizeof *d);
}
