/* Data descriptions: what a good one says, and a word for each bad one.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/yaml.h"
#include "trainer/data/pack/description.h"

#define START "dataset: d\nfiles: a.csv\n"
#define LABEL "label: {column: y, positive: 1}\n"

static int parse(struct description *d, const char *text, struct error *err)
{
    struct tree *t = yaml_parse(text, strlen(text), "d.yaml", err);
    memset(d, 0, sizeof *d);
    return t ? description_parse(d, t, "d.yaml", err) : -1;
}

static void everything(void **state)
{
    static const char text[] =
        "dataset: all\n"
        "files: {train: [a.tsv, b.tsv], test: c.tsv}\n"
        "id: item\n"
        "label: {column: y, positive: [fake, copy], negative: [0, real]}\n"
        "category: [leaf, {column: seller, min_count: 5}]\n"
        "number:\n"
        "  - {column: price, buckets: [-1, 0, 2.5]}\n"
        "  - {column: age, quantiles: 4}\n"
        "  - leaf\n"
        "text: [title, body]\n"
        "image: {column: photo, folder: pics, size: [48, 64], missing: grey}\n"
        "split: {validation: 0.25, group: seller, seed: 3}\n"
        "folds: {count: 4, hash: sha256}\n";
    struct error err = ERROR_INIT;
    struct description d;
    (void)state;
    assert_int_equal(parse(&d, text, &err), 0);
    assert_string_equal(d.name, "all");
    assert_int_equal(d.file_count, 3);
    assert_string_equal(d.files[1].path, "b.tsv");
    assert_int_equal(d.files[1].split, SPLIT_TRAIN);
    assert_int_equal(d.files[2].split, SPLIT_TEST);
    assert_int_equal(d.separator, '\t'); /* from the file's name */
    assert_true(d.quotes);
    assert_true(description_lists(d.positive, "copy"));
    assert_false(description_lists(d.positive, "real"));
    assert_true(description_lists(d.negative, "0"));
    assert_false(description_lists(d.negative, "00"));
    assert_int_equal(d.category_count, 2);
    assert_int_equal(d.category[0].min_count, 2);
    assert_int_equal(d.category[1].min_count, 5);
    assert_int_equal(d.number_count, 3);
    assert_int_equal(d.number[0].edge_count, 3);
    assert_null(d.number[1].edges);
    assert_int_equal(d.number[1].quantiles, 4);
    assert_int_equal(d.number[2].quantiles, 10);
    assert_int_equal(d.number[2].column, d.category[0].column);
    assert_int_equal(d.text_count, 2);
    assert_int_equal(d.image_height, 48);
    assert_int_equal(d.image_width, 64);
    assert_int_equal(d.image_missing, IMAGE_GREY);
    assert_string_equal(d.image_folder, "pics");
    assert_int_equal(d.split.group, d.category[1].column);
    assert_false(d.split.stratified);
    assert_int_equal(d.split.seed, 3);
    assert_int_equal(d.folds, 4);
    assert_true(d.fold.sha256);
    assert_int_equal(d.column_count, 9); /* each column once */
    description_clear(&d);
}

static void defaults(void **state)
{
    struct error err = ERROR_INIT;
    struct description d;
    (void)state;
    assert_int_equal(parse(&d, START LABEL "category: [c]\n", &err), 0);
    assert_int_equal(d.separator, ',');
    assert_int_equal(d.id, DESCRIPTION_NONE);
    assert_int_equal(d.image, DESCRIPTION_NONE);
    assert_int_equal(d.image_height, 0);
    assert_null(d.negative);
    assert_true(d.split.stratified);
    assert_int_equal(d.split.time, DESCRIPTION_NONE);
    assert_int_equal(d.split.duplicates, DESCRIPTION_NONE);
    assert_true(d.validation == 0 && d.test == 0);
    assert_int_equal(d.folds, 0);
    description_clear(&d);
}

static void bad_ones(void **state)
{
    static const struct {
        const char *text, *where, *word;
    } rows[] = {
        { "[]", "d.yaml:1:1", "expected a map" },
        { "files: a\n" LABEL "text: [t]", "d.yaml:1:1", "dataset: missing" },
        { "dataset: d\n" LABEL "text: [t]", "d.yaml:1:1", "files: missing" },
        { START "text: [t]", "d.yaml:1:1", "label: missing" },
        { START LABEL, "d.yaml:1:1", "nothing to learn from" },
        { START LABEL "text: [t]\ntest: [u]", "d.yaml:5:1", "unknown key" },
        { START LABEL "text: t", "d.yaml:4:7", "expected a list" },
        { START LABEL "text: [3]", "d.yaml:4:8", "a column's name" },
        { "dataset: d\nfiles: []\n" LABEL "text: [t]", "d.yaml:2:8", "empty" },
        { "dataset: d\nfiles: [3]\n" LABEL "text: [t]", "d.yaml:2:9", "path" },
        { "dataset: d\nfiles: {test: a}\n" LABEL "text: [t]", "d.yaml:2:8",
          "train: missing" },
        { "dataset: d\nfiles: {train: a, tset: b}\n" LABEL "text: [t]",
          "d.yaml:2:19", "unknown key 'tset'" },
        { START "label: {column: y}\ntext: [t]", "d.yaml:3:8",
          "positive: missing" },
        { START "label: {positive: 1}\ntext: [t]", "d.yaml:3:8",
          "column: missing" },
        { START "label: {column: y, positive: True}\ntext: [t]", "d.yaml:3:30",
          "expected a value of the column" },
        { START "label: {column: y, positive: 1, negative: [0.5]}\ntext: [t]",
          "d.yaml:3:44", "expected a value of the column" },
        { START "label: {column: y, classes: [a]}\ntext: [t]", "d.yaml:3:29",
          "2 to 65536 classes" },
        { START "label: {column: y, classes: [a, b], positive: a}\ntext: [t]",
          "d.yaml:3:29", "either classes or positive" },
        { START LABEL "vector: {column: v}", "d.yaml:4:9", "size: missing" },
        { START LABEL "vector: {column: y, size: 3}", "d.yaml:3:8",
          "is the label" },
        { START LABEL "sequence: {column: s, size: 0}", "d.yaml:4:29",
          "sequence.size" },
        { START LABEL "category: [c]\ncharacters: {}", "d.yaml:5:13",
          "no text" },
        { START LABEL "text: [t]\ncharacters: {low: 4, high: 3}", "d.yaml:5:28",
          "below low" },
        { START LABEL "category: [{column: a, min_count: 0}]", "d.yaml:4:35",
          "at least 1" },
        { START LABEL "category: [{min_count: 2}]", "d.yaml:4:12",
          "column: missing" },
        { START LABEL "number: [{column: a, buckets: [1, 1]}]", "d.yaml:4:35",
          "ascend" },
        { START LABEL "number: [{column: a, buckets: [1, x]}]", "d.yaml:4:35",
          "expected a number" },
        { START LABEL "number: [{column: a, buckets: [.nan]}]", "d.yaml:4:32",
          "expected a number" },
        { START LABEL "number: [{column: a, buckets: [1], quantiles: 3}]",
          "d.yaml:4:47", "either buckets or quantiles" },
        { START LABEL "number: [{column: a, quantiles: 0}]", "d.yaml:4:33",
          "quantiles" },
        { START LABEL "category: [c, y]", "d.yaml:3:8", "is the label" },
        { START LABEL "image: {column: i, size: 0}", "d.yaml:4:26", "pixels" },
        { START LABEL "image: {column: i, size: [32]}", "d.yaml:4:26",
          "[height, width]" },
        { START LABEL "image: {column: i, missing: gray}", "d.yaml:4:29",
          "one of error, skip, grey" },
        { START LABEL "text: [t]\nsplit: {validation: 1.5}", "d.yaml:5:21",
          "validation" },
        { START LABEL "text: [t]\nsplit: {validation: 0.5, test: 0.5}",
          "d.yaml:5:32", "no training rows" },
        { START LABEL "text: [t]\nsplit: {time: t, stratified: true}",
          "d.yaml:5:30", "cut by time cannot be stratified" },
        { START LABEL "text: [t]\nsplit: {time: t, group: g}", "d.yaml:5:25",
          "cannot be grouped" },
        { START LABEL "text: [t]\nsplit: {duplicates: 4}", "d.yaml:5:21",
          "no images" },
        { START LABEL "image: {column: i}\nsplit: {duplicates: 40}",
          "d.yaml:5:21", "from 0 to 11" },
        { START LABEL "image: {column: i}\nsplit: {time: t, duplicates: 4}",
          "d.yaml:5:30", "near-duplicates" },
        { START LABEL "image: {column: i}\nid: i\n"
                      "folds: {count: 5, hash: sha256, duplicates: 4}",
          "d.yaml:6:45", "near-duplicates" },
        { START LABEL "text: [t]\nfolds: {count: 5, time: t}", "d.yaml:5:19",
          "unknown key 'time'" },
        { START LABEL "text: [t]\nfolds: {count: 1}", "d.yaml:5:16", "count" },
        { START LABEL "text: [t]\nfolds: {group: g}", "d.yaml:5:8",
          "count: missing" },
        { START LABEL "text: [t]\nfolds: {count: 5, hash: sha256}",
          "d.yaml:5:25", "needs a group" },
        { START LABEL "text: [t]\nfolds: {count: 5, hash: md5}", "d.yaml:5:25",
          "one of xxh3, sha256" },
        { START LABEL "text: [t]\nseparator: ','", "d.yaml:5:12",
          "one of comma" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = ERROR_INIT;
        struct description d;
        if (parse(&d, rows[i].text, &err) == 0)
            fail_msg("taken for good: %s", rows[i].text);
        if (strcmp(err.where, rows[i].where) != 0 ||
            !strstr(err.what, rows[i].word))
            fail_msg("%s\ngives %s: %s", rows[i].text, err.where, err.what);
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_null(d.tree);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything),
        cmocka_unit_test(defaults),
        cmocka_unit_test(bad_ones),
    };
    return cmocka_run_group_tests_name("description", tests, NULL, NULL);
}
