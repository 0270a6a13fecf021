/* From CSV text to a packed set: what rows become, and what is said of those
 * that are wrong, with nothing left behind.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "base/yaml.h"
#include "trainer/data/duplicates.h"
#include "trainer/data/image/png.h"
#include "trainer/data/pack/pack.h"
#include "trainer/data/pack/sha256.h"
#include "trainer/data/pack/words.h"

static char folder[64];

static int setup(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/sentei-pack-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

static void write_file(const char *name, const char *text)
{
    char *path = file_join(folder, name);
    assert_non_null(path);
    assert_int_equal(file_write(path, text, strlen(text), 0644, NULL), 0);
    free(path);
}

static void write_picture(const char *name, uint8_t value)
{
    uint8_t planes[3 * 8 * 8];
    char *path = file_join(folder, name);
    assert_non_null(path);
    memset(planes, value, sizeof planes);
    assert_int_equal(png_save(path, planes, 8, 8, NULL), 0);
    free(path);
}

/* Pack as the description 'yaml' says into FOLDER/set. */
static int pack(const char *yaml, int threads, size_t *skipped,
                struct error *err)
{
    struct description d;
    int rc = -1;
    struct tree *t = yaml_parse(yaml, strlen(yaml), "d.yaml", err);
    assert_non_null(t);
    assert_int_equal(description_parse(&d, t, "d.yaml", err), 0);
    struct source *source = source_open_files(&d, folder, err);
    char *set = file_join(folder, "set");
    assert_non_null(set);
    if (source) {
        rc = pack_run(&d, source, set,
                      &(struct pack_options){ .threads = threads }, skipped,
                      err);
        source->destroy(source);
    }
    free(set);
    description_clear(&d);
    return rc;
}

static struct dataset *open_set(void)
{
    struct error err = ERROR_INIT;
    char *set = file_join(folder, "set");
    struct dataset *d = dataset_open(set, &err);
    if (!d)
        fail_msg("%s", err.what);
    free(set);
    return d;
}

static struct dataset *must_pack(const char *yaml)
{
    struct error err = ERROR_INIT;
    size_t skipped = 99;
    if (pack(yaml, 2, &skipped, &err) < 0)
        fail_msg("%s: %s", err.where, err.what);
    assert_int_equal(skipped, 0);
    return open_set();
}

static void rows_become_numbers(void **state)
{
    (void)state;
    write_file("a.csv", "y,leaf,price,title,body\n"
                        "1,bags,10,New bag,\"so\nnice\"\n"
                        "0,hats,,Old hat,\n"
                        "0,bags,-3.5,,Fine\n"
                        "0,,1e6,x,y\n"
                        "0,once,NA,x,y\n");
    struct dataset *d = must_pack(
        "{dataset: t, files: a.csv, label: {column: y, positive: 1},"
        " category: [leaf], text: [title, body],"
        " number: [{column: price, buckets: [0, 100], missing: [NA]}]}");
    struct row row;
    const uint32_t tokens[] = { words_hash("new", 3), words_hash("bag", 3), 0,
                                words_hash("so", 2), words_hash("nice", 4) };
    assert_int_equal(d->row_count, 5);
    assert_int_equal(d->category[0].cardinality, 2); /* one is rare */
    dataset_row(d, 0, &row);
    assert_true(row.label == 1.0f);
    assert_int_equal(row.category[0], 1);
    assert_true(row.number[0] == 10.0f);
    assert_int_equal(row.token_count, 5);
    assert_memory_equal(row.token, tokens, sizeof tokens);
    assert_null(row.image);
    dataset_row(d, 1, &row);
    assert_true(row.label == 0.0f && isnan(row.number[0]));
    assert_int_equal(row.category[0], 0);
    assert_int_equal(row.token_count, 3);
    assert_int_equal(row.token[2], 0);
    dataset_row(d, 2, &row);
    assert_int_equal(row.token[0], 0);
    assert_int_equal(number_bucket(&d->number[0], row.number[0]), 0);
    dataset_row(d, 3, &row);
    assert_int_equal(row.category[0], 0);
    dataset_row(d, 4, &row);
    assert_true(isnan(row.number[0]));
    dataset_close(d);
}

/* 'rows' rows "y,g,v" with every tenth positive and v = 0..rows-1. */
static void write_many(const char *name, int rows, int first)
{
    struct text t = TEXT_INIT;
    text_append(&t, "y,g,v\n");
    for (int i = first; i < first + rows; i++)
        text_format(&t, "%s,g%d,%d\n", i % 10 ? "no" : "yes", i % 37, i);
    write_file(name, text_get(&t));
    text_clear(&t);
}

static void splits_are_stratified_and_learned_from(void **state)
{
    (void)state;
    write_many("a.csv", 1000, 0);
    struct dataset *d = must_pack(
        "{dataset: t, files: a.csv, label: {column: y, positive: yes},"
        " category: [{column: v, min_count: 1}],"
        " number: [{column: v, quantiles: 4}],"
        " split: {validation: 0.2, test: 0.1}, folds: {count: 7}}");
    size_t fold_rows[7] = { 0 }, bucket_rows[6] = { 0 }, unknown = 0;
    assert_int_equal(d->split_count[SPLIT_TRAIN], 700);
    assert_int_equal(d->split_count[SPLIT_VALIDATION], 200);
    assert_int_equal(d->split_count[SPLIT_TEST], 100);
    assert_int_equal(d->positive_count[SPLIT_TRAIN], 70);
    assert_int_equal(d->positive_count[SPLIT_TEST], 10);
    for (size_t i = 0; i < d->row_count; i++) {
        struct row row;
        dataset_row(d, i, &row);
        if (row.split == SPLIT_TRAIN) {
            fold_rows[row.fold]++;
            bucket_rows[number_bucket(&d->number[0], row.number[0])]++;
            assert_int_not_equal(row.category[0], 0);
        } else {
            assert_int_equal(row.fold, 0);
            unknown += row.category[0] == 0;
        }
    }
    assert_int_equal(unknown, 300); /* never seen in training */
    for (int i = 0; i < 7; i++)
        assert_in_range(fold_rows[i], 99, 101);
    assert_int_equal(d->number[0].edge_count, 3);
    for (int i = 0; i < 4; i++)
        assert_in_range(bucket_rows[i], 174, 176);
    dataset_close(d);
}

static void files_are_splits_and_groups_are_folds(void **state)
{
    (void)state;
    write_many("a.csv", 500, 0);
    write_many("b.csv", 100, 500);
    struct dataset *d = must_pack(
        "{dataset: t, files: {train: a.csv, test: b.csv}, category: [g],"
        " label: {column: y, positive: yes, negative: no},"
        " folds: {count: 5, group: g, hash: sha256}}");
    assert_int_equal(d->split_count[SPLIT_TRAIN], 500);
    assert_int_equal(d->split_count[SPLIT_TEST], 100);
    for (uint32_t i = 0; i < 500; i++) {
        struct row row;
        char group[16];
        snprintf(group, sizeof group, "g%u", i % 37);
        dataset_row(d, i, &row);
        assert_int_equal(row.fold, sha256_modulo(group, 5));
    }
    dataset_close(d);
}

static void the_latest_rows_are_for_the_test(void **state)
{
    static const char yaml[] =
        "{dataset: t, files: a.csv, label: {column: y, positive: 1},"
        " category: [v], split: {validation: 0.25, test: 0.25, time: at}}";
    struct error err = ERROR_INIT;
    size_t skipped;
    struct row row;
    (void)state;
    write_file("a.csv", "y,v,at\n1,a,2026-11-24\n0,b,2025-01-01\n"
                        "0,c,2026-11-24T01:00\n0,d,2025-03-01T00:00:00Z\n");
    struct dataset *d = must_pack(yaml);
    static const enum split wanted[] = { SPLIT_VALIDATION, SPLIT_TRAIN,
                                         SPLIT_TEST, SPLIT_TRAIN };
    for (size_t i = 0; i < 4; i++) {
        dataset_row(d, i, &row);
        assert_int_equal(row.split, wanted[i]);
    }
    dataset_close(d);
    write_file("a.csv", "y,v,at\n1,a,2026-11-24\n0,b,soon\n");
    assert_int_equal(pack(yaml, 1, &skipped, &err), -1);
    assert_non_null(strstr(err.where, "a.csv:3"));
    assert_non_null(strstr(err.what, "neither a number nor a date"));
    write_file("a.csv", "y,v,at\n1,a,2026-11-24\n0,b,2026\n");
    assert_int_equal(pack(yaml, 1, &skipped, &err), -1);
    assert_non_null(strstr(err.what, "where other rows have dates"));
}

static const char with_pictures[] =
    "{dataset: t, files: a.csv, label: {column: y, positive: 1},"
    " image: {column: p, size: 4, missing: %s}}";

static void pictures_come_along_whoever_reads_them(void **state)
{
    struct text csv = TEXT_INIT;
    char *first, *second, *path = NULL, yaml[256], name[16];
    size_t first_size, second_size, skipped;
    (void)state;
    text_append(&csv, "y,p\n");
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "%d.png", i);
        write_picture(name, (uint8_t)(i * 10));
        for (int k = 0; k < 30; k++)
            text_format(&csv, "%d,%s\n", k == 0, name);
    }
    write_file("a.csv", text_get(&csv));
    snprintf(yaml, sizeof yaml, with_pictures, "error");
    struct dataset *d = must_pack(yaml); /* two threads */
    for (uint32_t i = 0; i < 600; i++) {
        struct row row;
        dataset_row(d, i, &row);
        for (int k = 0; k < 3 * 4 * 4; k++)
            assert_int_equal(row.image[k], i / 30 * 10);
    }
    dataset_close(d);
    path = file_join(folder, "set/dataset.json");
    assert_int_equal(file_read(path, 1 << 20, &first, &first_size, NULL), 0);
    for (int threads = 1; threads < 9; threads += 7) {
        assert_int_equal(pack(yaml, threads, &skipped, NULL), 0);
        assert_int_equal(file_read(path, 1 << 20, &second, &second_size, NULL),
                         0);
        assert_int_equal(first_size, second_size); /* checksums and all */
        assert_memory_equal(first, second, first_size);
        free(second);
    }
    free(first);
    free(path);
    text_clear(&csv);
}

/* A picture of 8 x 8 fields that 'seed' decides on, so bright. */
static void paint_picture(const char *name, uint64_t seed, int bright)
{
    enum { SIDE = 32 };
    static uint8_t planes[3 * SIDE * SIDE];
    for (uint32_t i = 0; i < sizeof planes; i++) {
        const uint64_t y = i / SIDE % SIDE, x = i % SIDE;
        planes[i] =
            (uint8_t)(random_mix(seed * 1000 + y / 4 * 8 + x / 4) % 200 +
                      (uint64_t)bright);
    }
    char *path = file_join(folder, name);
    assert_non_null(path);
    assert_int_equal(png_save(path, planes, SIDE, SIDE, NULL), 0);
    free(path);
}

/* Groups of near-duplicates whose rows are in more than one split or fold. */
static size_t count_torn(const struct dataset *d)
{
    struct error err = ERROR_INIT;
    size_t groups, torn = 0;
    uint32_t *group = duplicates_of(d, 4, &groups, &err);
    struct row row, other;
    assert_non_null(group);
    assert_int_equal(groups, 40);
    for (size_t i = 0; i < d->row_count; i++) {
        dataset_row(d, i, &row);
        for (size_t k = 0; k < i; k++) {
            dataset_row(d, k, &other);
            torn += group[k] == group[i] &&
                    (row.split != other.split || row.fold != other.fold);
        }
    }
    free(group);
    return torn;
}

static void near_duplicates_stay_together(void **state)
{
    struct text csv = TEXT_INIT;
    char name[16];
    (void)state;
    text_append(&csv, "y,p\n");
    for (int i = 0; i < 120; i++) { /* each of 40 three times */
        snprintf(name, sizeof name, "%d.png", i);
        paint_picture(name, (uint64_t)i % 40 + 1, i / 40 * 12);
        text_format(&csv, "%d,%s\n", i % 10 == 0, name);
    }
    write_file("a.csv", text_get(&csv));
    text_clear(&csv);
    struct dataset *d =
        must_pack("{dataset: t, files: a.csv, label: {column: y, positive: 1},"
                  " image: {column: p}, split: {validation: 0.2, test: 0.2},"
                  " folds: {count: 3}}");
    assert_true(count_torn(d) > 40);
    dataset_close(d);
    d = must_pack(
        "{dataset: t, files: a.csv, label: {column: y, positive: 1},"
        " image: {column: p}, split: {validation: 0.2, test: 0.2, duplicates: 4},"
        " folds: {count: 3, duplicates: 4}}");
    assert_int_equal(count_torn(d), 0);
    assert_in_range(d->split_count[SPLIT_VALIDATION], 18, 30);
    assert_in_range(d->split_count[SPLIT_TEST], 18, 30);
    dataset_close(d);
}

static void missing_pictures(void **state)
{
    struct error err = ERROR_INIT;
    size_t skipped = 0;
    char yaml[256];
    struct row row;
    (void)state;
    write_picture("a.png", 7);
    write_file("broken.png", "\x89PNG\r\n");
    write_file("a.csv",
               "y,p\n1,a.png\n0,gone.png\n0,broken.png\n0,\n0,a.png\n");

    snprintf(yaml, sizeof yaml, with_pictures, "error");
    assert_int_equal(pack(yaml, 4, &skipped, &err), -1);
    assert_non_null(strstr(err.what, "gone.png"));
    assert_non_null(strstr(err.where, "a.csv:3"));
    assert_non_null(strstr(err.hint, "image.missing"));

    snprintf(yaml, sizeof yaml, with_pictures, "skip");
    assert_int_equal(pack(yaml, 1, &skipped, &err), 0);
    assert_int_equal(skipped, 3);
    struct dataset *d = open_set();
    assert_int_equal(d->row_count, 2);
    dataset_close(d);

    snprintf(yaml, sizeof yaml, with_pictures, "grey");
    d = must_pack(yaml);
    assert_int_equal(d->row_count, 5);
    dataset_row(d, 2, &row);
    for (int k = 0; k < 3 * 4 * 4; k++)
        assert_int_equal(row.image[k], 128);
    dataset_row(d, 4, &row);
    assert_int_equal(row.image[0], 7);
    dataset_close(d);
}

/* 'missing: skip' is for pictures, not for a machine without descriptors. */
static void trouble_is_no_missing_picture(void **state)
{
    struct error err = ERROR_INIT;
    struct rlimit was, few;
    struct record r;
    struct source *source;
    struct description d;
    uint8_t planes[3 * 4 * 4];
    char yaml[256];
    (void)state;
    write_file("a.csv", "y,p\n1,a.png\n0,b.png\n");
    snprintf(yaml, sizeof yaml, with_pictures, "skip");
    struct tree *t = yaml_parse(yaml, strlen(yaml), "d.yaml", &err);
    assert_int_equal(description_parse(&d, t, "d.yaml", &err), 0);
    source = source_open_files(&d, folder, &err);
    assert_non_null(source);
    assert_int_equal(source->next(source, &r, &err), 1);
    assert_int_equal(source->image(source, "a.png", 4, 4, planes, &err), -1);
    assert_int_equal(err.kind, ERROR_USAGE); /* there is none */
    getrlimit(RLIMIT_NOFILE, &was);
    few = (struct rlimit){ 0, was.rlim_max };
    setrlimit(RLIMIT_NOFILE, &few);
    assert_int_equal(source->image(source, "a.png", 4, 4, planes, &err), -1);
    setrlimit(RLIMIT_NOFILE, &was);
    assert_int_equal(err.kind, ERROR_FAILURE);
    source->destroy(source);
    description_clear(&d);
}

static void wrong_data_is_named(void **state)
{
    static const char base[] =
        "{dataset: t, files: a.csv, label: {column: Label, positive: 1},"
        " category: [leaf], number: [price]}";
    static const struct {
        const char *csv, *where, *word, *hint;
    } rows[] = {
        { "", "", "is empty", "name the columns" },
        { "Label,leaf,price\n", "", "no rows", "" },
        { "Label,leaf,prise\n1,a,2\n", "a.csv:1", "no column 'price'",
          "did you mean 'prise'" },
        { "label,leaf,price\n1,a,2\n", "a.csv:1", "no column 'Label'",
          "did you mean 'label'" },
        { "Label,leaf,price,leaf\n1,a,2,b\n", "a.csv:1",
          "2 columns are called 'leaf'", "" },
        { "Label,leaf,price\n1,a,2\n0,a\n", "a.csv:3", "has 2 fields",
          "quotes" },
        { "Label,leaf,price\n1,a,2\n0,\"a\n\",3 yen\n", "a.csv:3",
          "column 'price': '3 yen' is no number", "missing:" },
        { "Label,leaf,price\n1,a,2\n0,b,1e39\n", "a.csv:3", "float's range",
          "" },
        { "Label,leaf,price\n1,a,2\n0,b,inf\n", "a.csv:3", "float's range",
          "" },
        { "Label,leaf,price\n1,a,2\n0,b,3\n2,c,4\n", "a.csv:4",
          "column 'Label': '2' is neither", "an earlier row has '0'" },
        { "Label,leaf,price\n1,a,2\n,b,3\n", "a.csv:3", "'' is neither",
          "label.negative" },
        { "Label,leaf,price\n0,a,2\n0,b,3\n", "d.yaml", "all 2 rows are neg",
          "only '0'" },
        { "Label,leaf,price\n1,a,2\n1,b,3\n", "d.yaml", "all 2 rows are pos",
          "no other value" },
        { "Label,leaf,price\n1,a,2\n0,caf\xE9,3\n", "a.csv:3", "is no UTF-8",
          "iconv" },
        { "Label,leaf,price\n1,a,2\n0,\"b,3\n", "a.csv:3", "never closed",
          "quote" },
    };
    size_t skipped;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = ERROR_INIT;
        write_file("a.csv", rows[i].csv);
        if (pack(base, 1, &skipped, &err) == 0)
            fail_msg("taken for good: %s", rows[i].csv);
        const size_t tail = strlen(rows[i].where), all = strlen(err.where);
        if (all < tail || strcmp(err.where + all - tail, rows[i].where) != 0 ||
            !strstr(err.what, rows[i].word) || !strstr(err.hint, rows[i].hint))
            fail_msg("%s\ngives %s: %s (%s)", rows[i].csv, err.where, err.what,
                     err.hint);
        assert_int_equal(err.kind, ERROR_USAGE);
    }
    char *set = file_join(folder, "set/dataset.json");
    assert_false(file_exists(set));
    free(set);
}

static void a_missing_file_is_named(void **state)
{
    struct error err = ERROR_INIT;
    size_t skipped;
    (void)state;
    assert_int_equal(pack("{dataset: t, files: no.csv, text: [a],"
                          " label: {column: y, positive: 1}}",
                          1, &skipped, &err),
                     -1);
    assert_non_null(strstr(err.what, "no.csv"));
    assert_non_null(strstr(err.hint, "--source"));
    assert_int_equal(err.kind, ERROR_USAGE);
}

static void classes_vectors_sequences_and_characters(void **state)
{
    struct row row;
    (void)state;
    write_file("a.csv", "y,v,s,t\n"
                        "cat,1 2.5,0.5 1;2 3,ab\n"
                        "dog,-1;3e2,,b\n"
                        "7, 0 0 ,9 8,\n"
                        "cat,1 1,1 2,x\n");
    struct dataset *d = must_pack(
        "{dataset: t, files: a.csv, label: {column: y, classes: [dog, cat, 7]},"
        " vector: {column: v, size: 2}, sequence: {column: s, size: 2},"
        " text: [t], characters: {low: 2, high: 3}}");
    const uint32_t ngrams[] = { words_hash("<a", 2), words_hash("<ab", 3),
                                words_hash("ab", 2), words_hash("ab>", 3),
                                words_hash("b>", 2) };
    assert_int_equal(d->classes, 3);
    dataset_row(d, 0, &row);
    assert_true(row.label == 1 && row.vector[0] == 1 && row.vector[1] == 2.5F);
    assert_int_equal(row.frame_count, 2);
    assert_true(row.frame[0] == 0.5F && row.frame[3] == 3);
    assert_int_equal(row.character_count, 5);
    assert_memory_equal(row.character, ngrams, sizeof ngrams);
    dataset_row(d, 1, &row);
    assert_true(row.label == 0 && row.vector[1] == 300);
    assert_int_equal(row.frame_count, 0);
    dataset_row(d, 2, &row);
    assert_true(row.label == 2 && row.frame[0] == 9);
    assert_int_equal(row.character_count, 0);
    dataset_close(d);
}

static void wrong_dense_fields_are_named(void **state)
{
    static const struct {
        const char *csv, *where, *word;
    } rows[] = {
        { "y,v,s\na,1,1 2\nb,1 2,1 2\n", "a.csv:3", "'v' has 2 numbers" },
        { "y,v,s\na,1,1 2 3\nb,1,1 2\n", "a.csv:2", "a multiple of 2" },
        { "y,v,s\na,1,1 2\nb,1,1 x\n", "a.csv:3", "'x' is no number" },
        { "y,v,s\na,1,1 2\nb,inf,1 1\n", "a.csv:3", "'inf' is no number" },
        { "y,v,s\na,1,1 2\nc,1,1 1\n", "a.csv:3", "'c' is no class" },
        { "y,v,s\na,1,1 2\na,1,1 1\n", "d.yaml", "all 2 rows are of one" },
    };
    size_t skipped;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = ERROR_INIT;
        write_file("a.csv", rows[i].csv);
        assert_int_equal(
            pack("{dataset: t, files: a.csv, label: {column: y, classes: [a, "
                 "b]}, vector: {column: v, size: 1}, sequence: {column: s, "
                 "size: 2}}",
                 1, &skipped, &err),
            -1);
        if (!strstr(err.where, rows[i].where) ||
            !strstr(err.what, rows[i].word))
            fail_msg("%s\ngives %s: %s", rows[i].csv, err.where, err.what);
    }
}

int main(void)
{
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        STORY(rows_become_numbers),
        STORY(classes_vectors_sequences_and_characters),
        STORY(wrong_dense_fields_are_named),
        STORY(splits_are_stratified_and_learned_from),
        STORY(files_are_splits_and_groups_are_folds),
        STORY(the_latest_rows_are_for_the_test),
        STORY(pictures_come_along_whoever_reads_them),
        STORY(near_duplicates_stay_together),
        STORY(missing_pictures),
        STORY(trouble_is_no_missing_picture),
        STORY(wrong_data_is_named),
        STORY(a_missing_file_is_named),
    };
    return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
