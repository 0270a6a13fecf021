/* A packed set: what a writer is given, a reader gets; damage is named; a
 * writer that fails leaves the folder as it was.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "trainer/data/dataset.h"
#include "trainer/data/writer.h"

enum { SIDE = 64, PIXELS = 3 * SIDE * SIDE, ROWS = 3000 };

static struct category_field categories[] = { { (char *)"leaf", 50 },
                                              { (char *)"seller", 900 } };
static double edges[] = { 0, 1, 100 };
static struct number_field numbers[] = { { (char *)"price", edges, 3 } };
static const struct dataset shape = { .name = (char *)"test",
                                      .category_count = 2,
                                      .number_count = 1,
                                      .category = categories,
                                      .number = numbers,
                                      .has_text = true,
                                      .image_height = SIDE,
                                      .image_width = SIDE,
                                      .classes = 2,
                                      .has_characters = true,
                                      .vector_size = 3,
                                      .frame_size = 2,
                                      .folds = 5 };

/* Row 'i' of our set; the arrays live until the next call. */
static struct row make_row(uint32_t i, uint32_t salt)
{
    static uint32_t category[2], token[5];
    static float number[1], vector[3], frame[2 * 4];
    static uint32_t character[3];
    static uint8_t image[PIXELS];
    category[0] = i % 50;
    category[1] = (i + salt) % 900;
    number[0] = i % 7 == 0 ? NAN : (float)i / 3;
    for (uint32_t k = 0; k < 5; k++)
        token[k] = i * 31 + k;
    for (uint32_t k = 0; k < 3; k++)
        vector[k] = (float)(character[k] = i + k);
    for (uint32_t k = 0; k < 8; k++)
        frame[k] = (float)i / (float)(k + 1);
    memset(image, (int)(i % 251), sizeof image);
    return (struct row){ .label = (float)(i % 10 == 0),
                         .split = i % 4 == 3 ? SPLIT_VALIDATION : SPLIT_TRAIN,
                         .fold = i % 5,
                         .category = category,
                         .number = number,
                         .token = token,
                         .token_count = i % 6,
                         .character = character,
                         .character_count = i % 4,
                         .vector = vector,
                         .frame = frame,
                         .frame_count = i % 5,
                         .image = image };
}

static char folder[64];

static int setup(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/sentei-dataset-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

/* Each file of the folder: its path, one after another. */
static int each_file(char path[512])
{
    static DIR *dir;
    const struct dirent *e;
    if (!dir)
        dir = opendir(folder);
    while ((e = readdir(dir)))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            snprintf(path, 512, "%s/%s", folder, e->d_name);
            return 1;
        }
    closedir(dir);
    dir = NULL;
    return 0;
}

static int teardown(void **state)
{
    char path[512];
    (void)state;
    while (each_file(path))
        unlink(path);
    return rmdir(folder);
}

static struct writer *append_rows(uint32_t count, uint32_t salt)
{
    struct error err = ERROR_INIT;
    struct writer *w = writer_open(folder, &shape, &err);
    assert_non_null(w);
    for (uint32_t i = 0; i < count; i++) {
        struct row row = make_row(i, salt);
        assert_int_equal(writer_append(w, &row, &err), 0);
    }
    return w;
}

static void write_set(uint32_t count, uint32_t salt)
{
    struct error err = ERROR_INIT;
    struct writer *w = append_rows(count, salt);
    assert_int_equal(writer_finish(w, NULL, &err), 0);
    writer_close(w);
}

static size_t count_files(const char *ending)
{
    char path[512];
    size_t count = 0;
    while (each_file(path))
        count += strlen(path) > strlen(ending) &&
                 strcmp(path + strlen(path) - strlen(ending), ending) == 0;
    return count;
}

static void rows_come_back(void **state)
{
    struct error err = ERROR_INIT;
    (void)state;
    write_set(ROWS, 0);
    assert_true(count_files(".shard") > 1);
    struct dataset *d = dataset_open(folder, &err);
    assert_non_null(d);
    assert_int_equal(d->row_count, ROWS);
    assert_int_equal(d->folds, 5);
    assert_string_equal(d->category[1].name, "seller");
    assert_int_equal(d->category[1].cardinality, 900);
    assert_int_equal(d->split_count[SPLIT_TRAIN], ROWS * 3 / 4);
    assert_int_equal(d->split_count[SPLIT_VALIDATION], ROWS / 4);
    assert_int_equal(d->positive_count[SPLIT_TRAIN] +
                         d->positive_count[SPLIT_VALIDATION],
                     ROWS / 10);
    for (uint32_t i = 0; i < ROWS; i++) {
        struct row row, want = make_row(i, 0);
        dataset_row(d, i, &row);
        assert_true(row.label == want.label && row.split == want.split &&
                    row.fold == want.fold);
        assert_memory_equal(row.category, want.category, 8);
        assert_memory_equal(row.number, want.number, 4);
        assert_int_equal(row.token_count, want.token_count);
        if (row.token_count)
            assert_memory_equal(row.token, want.token, 4 * row.token_count);
        assert_memory_equal(row.image, want.image, PIXELS);
        assert_memory_equal(row.vector, want.vector, 12);
        assert_int_equal(row.character_count, want.character_count);
        if (row.character_count)
            assert_memory_equal(row.character, want.character,
                                4 * row.character_count);
        assert_int_equal(row.frame_count, want.frame_count);
        if (row.frame_count)
            assert_memory_equal(row.frame, want.frame, 8 * row.frame_count);
    }
    dataset_close(d);
}

static void buckets_hold_what_they_say(void **state)
{
    const struct {
        float value;
        uint32_t bucket;
    } rows[] = { { -INFINITY, 0 }, { -0.5f, 0 }, { 0, 1 },       { 0.99f, 1 },
                 { 1, 2 },         { 99, 2 },    { 100, 3 },     { 1e30f, 3 },
                 { NAN, 4 },       { -0.0f, 1 }, { INFINITY, 3 } };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(number_bucket(&numbers[0], rows[i].value),
                         rows[i].bucket);
    const struct number_field none = { (char *)"age", NULL, 0 };
    assert_int_equal(number_bucket(&none, 3), 0);
    assert_int_equal(number_bucket(&none, NAN), 1);
}

static void the_same_rows_are_the_same_files(void **state)
{
    char before[512], path[512], *a, *b;
    size_t size_a, size_b;
    (void)state;
    write_set(500, 0);
    snprintf(before, sizeof before, "%s/dataset.json", folder);
    assert_int_equal(file_read(before, 1 << 20, &a, &size_a, NULL), 0);
    write_set(500, 0);
    assert_int_equal(file_read(before, 1 << 20, &b, &size_b, NULL), 0);
    assert_int_equal(size_a, size_b);
    assert_memory_equal(a, b, size_a); /* checksums of all shards */
    free(a);
    free(b);
    size_t files = 0;
    while (each_file(path))
        files++;
    assert_int_equal(files, 1 + count_files(".shard"));
}

/* Change a bit of one byte; twice, and the file is as it was. */
static void flip(const char *path, size_t at)
{
    uint8_t byte;
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
    close(fd);
}

/* Each byte a shard has is guarded: flip one here and there, cut it, and the
 * file and the byte are named. */
static void damage_is_named(void **state)
{
    struct error err = ERROR_INIT;
    char path[512], *data;
    size_t size;
    (void)state;
    write_set(200, 0);
    do
        assert_true(each_file(path));
    while (!strstr(path, ".shard"));
    char shard[512], rest[512];
    strcpy(shard, path);
    while (each_file(rest))
        ;
    assert_int_equal(file_read(shard, 1 << 26, &data, &size, NULL), 0);
    for (size_t at = 0; at < size; at += at < 2000 ? 7 : 99991) {
        flip(shard, at);
        assert_null(dataset_open(folder, &err));
        assert_non_null(strstr(err.what, shard));
        assert_int_equal(err.kind, ERROR_FAILURE);
        flip(shard, at);
        size_t first, last;
        const char *bytes = strstr(err.what, "bytes ");
        if (!bytes || sscanf(bytes, "bytes %zu to %zu", &first, &last) != 2)
            continue; /* the version number: said in other words */
        assert_in_range(at, first, last);
    }
    const size_t cuts[] = { 0, 10, 239, 240, 5000, size - 1 };
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        assert_int_equal(file_write(shard, data, cuts[i], 0644, &err), 0);
        assert_null(dataset_open(folder, &err));
        assert_non_null(strstr(err.what, shard));
        assert_non_null(strstr(err.hint, "pack the data again"));
    }
    assert_int_equal(file_write(shard, data, size, 0644, &err), 0);
    struct dataset *d = dataset_open(folder, &err);
    assert_non_null(d);
    dataset_close(d);
    free(data);
}

static void an_unfinished_writer_changes_nothing(void **state)
{
    struct error err = ERROR_INIT;
    (void)state;
    writer_close(append_rows(ROWS, 0)); /* several shards were on disk */
    assert_int_equal(count_files(".shard"), 0);
    assert_null(dataset_open(folder, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.hint, "sentei-data pack"));

    write_set(ROWS, 0);
    const size_t shards = count_files(".shard");
    writer_close(append_rows(ROWS, 1)); /* others */
    writer_close(append_rows(ROWS, 0)); /* the very same */
    assert_int_equal(count_files(".shard"), shards);
    struct dataset *d = dataset_open(folder, &err);
    assert_non_null(d);
    write_set(100, 1); /* a new set takes the place of a mapped one */
    struct row row;
    dataset_row(d, ROWS - 1, &row);
    assert_int_equal(row.category[0], (ROWS - 1) % 50);
    dataset_close(d);
    assert_int_equal(count_files(".shard"), 1);
}

/* Rows from where the journal says to 'end'; the writer, unfinished. */
static struct writer *go_on(uint64_t fingerprint, uint32_t end,
                            struct journal_place *place)
{
    struct error err = ERROR_INIT;
    struct writer *w = writer_open(folder, &shape, &err);
    assert_non_null(w);
    writer_go_on(w, fingerprint, place);
    for (uint32_t i = (uint32_t)place->consumed; i < end; i++) {
        const struct journal_place next = { i + 1, 0 };
        struct row row = make_row(i, 0);
        writer_place(w, &next);
        assert_int_equal(writer_append(w, &row, &err), 0);
    }
    return w;
}

static void an_unfinished_one_is_gone_on_with(void **state)
{
    struct error err = ERROR_INIT;
    struct journal_place place;
    char *whole, *parts, *path = file_join(folder, DATASET_FILE), shard[512];
    size_t whole_size, parts_size;
    (void)state;
    write_set(ROWS, 0);
    assert_int_equal(file_read(path, 1 << 20, &whole, &whole_size, &err), 0);
    while (each_file(shard))
        unlink(shard);

    writer_close(go_on(7, ROWS - 1, &place));
    assert_int_equal(place.consumed, 0);
    assert_true(count_files(".shard") > 0);
    assert_null(dataset_open(folder, &err)); /* no set yet */
    writer_close(go_on(8, 0, &place));       /* of something else */
    assert_int_equal(place.consumed, 0);
    struct writer *w = go_on(7, ROWS, &place);
    assert_true(place.consumed > ROWS / 2 && place.consumed < ROWS);
    assert_int_equal(writer_finish(w, NULL, &err), 0);
    writer_close(w);
    assert_int_equal(file_read(path, 1 << 20, &parts, &parts_size, &err), 0);
    assert_int_equal(parts_size, whole_size); /* checksums and all */
    assert_memory_equal(parts, whole, whole_size);
    assert_int_equal(count_files(JOURNAL_FILE), 0);
    free(whole);
    free(parts);
    free(path);
}

static void a_damaged_part_is_packed_anew(void **state)
{
    struct journal_place place;
    char path[512], shard[512] = "";
    (void)state;
    writer_close(go_on(7, ROWS - 1, &place));
    while (each_file(path))
        if (strstr(path, ".shard"))
            strcpy(shard, path);
    assert_int_equal(truncate(shard, 1000), 0);
    writer_close(go_on(7, 0, &place));
    assert_int_equal(place.consumed, 0);
    assert_int_equal(unlink(shard), 0);
    writer_close(go_on(7, 0, &place));
    assert_int_equal(place.consumed, 0);
    snprintf(path, sizeof path, "%s/" JOURNAL_FILE, folder);
    assert_int_equal(file_write(path, "{\"fingerprint", 13, 0644, NULL), 0);
    writer_close(go_on(7, 0, &place));
    assert_int_equal(place.consumed, 0);
}

static void two_writers_do_not_mix(void **state)
{
    struct error err = ERROR_INIT;
    (void)state;
    struct writer *w = append_rows(10, 0);
    assert_null(writer_open(folder, &shape, &err));
    assert_non_null(strstr(err.what, "another program"));
    assert_int_equal(writer_finish(w, NULL, &err), 0);
    writer_close(w);
}

static void a_broken_description_of_the_set_is_refused(void **state)
{
    const struct {
        const char *from, *to, *word;
    } rows[] = {
        { "\"sentei-dataset\"", "\"other\"", "expected sentei-dataset" },
        { "\"version\": 3", "\"version\": 1", "version" },
        { "\"rows\": 200", "\"rows\": 201", "rows" },
        { "\"cardinality\": 900", "\"cardinality\": 3", "does not fit" },
        { "\"folds\": 5", "\"folds\": 2", "does not fit" },
        { "\"image_width\": 64", "\"image_width\": 63", "does not fit" },
        { "\"name\": \"leaf\"", "\"nome\": \"leaf\"", "nome" },
        { ".shard\"", ".sherd\"", "cannot open" },
        { "{", "", "" },
    };
    struct error err = ERROR_INIT;
    char path[512], *data;
    size_t size;
    (void)state;
    write_set(200, 0);
    snprintf(path, sizeof path, "%s/dataset.json", folder);
    assert_int_equal(file_read(path, 1 << 20, &data, &size, NULL), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *at = strstr(data, rows[i].from);
        assert_non_null(at);
        struct text changed = TEXT_INIT;
        text_append_bytes(&changed, data, (size_t)(at - data));
        text_append(&changed, rows[i].to);
        text_append(&changed, at + strlen(rows[i].from));
        file_write(path, changed.data, changed.size, 0644, &err);
        assert_null(dataset_open(folder, &err));
        if (!strstr(err.what, rows[i].word))
            fail_msg("'%s' in '%s'", rows[i].word, err.what);
        text_clear(&changed);
    }
    free(data);
}

int main(void)
{
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        STORY(rows_come_back),
        STORY(buckets_hold_what_they_say),
        STORY(the_same_rows_are_the_same_files),
        STORY(damage_is_named),
        STORY(an_unfinished_writer_changes_nothing),
        STORY(an_unfinished_one_is_gone_on_with),
        STORY(a_damaged_part_is_packed_anew),
        STORY(two_writers_do_not_mix),
        STORY(a_broken_description_of_the_set_is_refused),
    };
    return cmocka_run_group_tests_name("dataset", tests, NULL, NULL);
}
