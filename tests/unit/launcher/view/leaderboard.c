/* The leaderboard: fixed replies in, exact text out, in every format.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/view/leaderboard.h"
#include "tests/unit/launcher/view/boards.h"

/* What leaderboard_print() appends, in a new string; NULL with 'err'. */
static char *print(const struct tree *board,
                   const struct leaderboard_options *o, struct error *err)
{
    struct text out = TEXT_INIT;

    if (leaderboard_print(board, o, &out, err) < 0) {
        assert_int_equal(out.size, 0);
        text_clear(&out);
        return NULL;
    }
    return text_take(&out);
}

/* 'json' printed with these options is 'expected', to the byte. */
static void expect(const char *json, struct leaderboard_options o,
                   const char *expected)
{
    struct error err = ERROR_INIT;
    struct tree *board = board_of(json);
    char *text = print(board, &o, &err);

    assert_string_equal(text, expected);
    free(text);
    tree_destroy(board);
}

#define OPTIONS(columns, ...)                                     \
    (struct leaderboard_options)                                  \
    {                                                             \
        .screen = { .width = columns, .utf8 = true }, __VA_ARGS__ \
    }

static void test_wide(void **state)
{
    (void)state;
    expect(
        shop, OPTIONS(200, .top = 0),
        "shop: maximize val.pr_auc; best 0.61235 (trial 3)\n"
        "5 trials: 1 running, 2 complete, 1 pruned, 1 failed; 1 min 10 s so far\n"
        "\n"
        "  rank  trial            value  step        time  state     model.fusion.depth  model.fusion.width  model.text.width  optimizer.lr  batch.schedule  tries\n"
        "*    1      3  0.6123 ± 0.0123   6/8        12 s  complete                   3                 256                64      0.000123  cosine              1\n"
        "     2      0           0.5000   8/8  1 min 15 s  complete                   1                1024               128          0.01  natural             2\n"
        "     3      1           0.1100   1/1       1.2 s  pruned                     5                  64                32         1e-05  linear              1\n"
        "            2              nan   -/2  1 h 01 min  failed                     2                  64                           0.005                      3\n"
        "            4                              0.0 s  running                    2                                                                          1\n");
}

static void test_narrow(void **state)
{
    (void)state;
    expect(
        shop, OPTIONS(80, .top = 0),
        "shop: maximize val.pr_auc; best 0.61235 (trial 3)\n"
        "5 trials: 1 running, 2 complete, 1 pruned, 1 failed; 1 min 10 s so far\n"
        "\n"
        "  rank  trial            value  step        time  state     depth  fusion.width\n"
        "*    1      3  0.6123 ± 0.0123   6/8        12 s  complete      3           256\n"
        "     2      0           0.5000   8/8  1 min 15 s  complete      1          1024\n"
        "     3      1           0.1100   1/1       1.2 s  pruned        5            64\n"
        "            2              nan   -/2  1 h 01 min  failed        2            64\n"
        "            4                              0.0 s  running       2\n"
        "(4 more on a wider screen: text.width, lr, schedule, tries)\n");
}

static void test_csv(void **state)
{
    (void)state;
    expect(
        shop, OPTIONS(80, .format = VIEW_CSV),
        "rank,study,trial,value,std,ranks,best_step,step,seconds,gpu_hours,state,verdict,attempts,reports,feasible,reason,created,ended,model.fusion.depth,model.fusion.width,model.text.width,optimizer.lr,batch.schedule,metrics.val.pr_auc,metrics.val.loss\n"
        "1,shop,3,0.612345,0.0123,,6,8,12.3,,complete,,1,8,true,,1700000000,1700000012.5,3,256,64,0.000123,cosine,0.6,0.25\n"
        "2,shop,0,0.5,,,8,8,75,,complete,,2,8,true,,1700000000,1700000075,1,1024,128,0.01,natural,0.5,\n"
        "3,shop,1,0.11,,,1,1,1.25,,pruned,,1,1,true,\"asha, rung 1\",1700000001,1700000003,5,64,32,1e-05,linear,,\n"
        ",shop,2,nan,,,,2,3700,,failed,,3,2,true,exit status 3,1700000002,1700003702,2,64,,0.005,,nan,\n"
        ",shop,4,,,,,,0,,running,,1,0,true,,1700000050,,2,,,,,,\n");
}

static void test_markdown(void **state)
{
    (void)state;
    expect(
        shop, OPTIONS(80, .format = VIEW_MARKDOWN, .top = 2),
        "shop: maximize val.pr_auc; best 0.61235 (trial 3)\n"
        "5 trials: 1 running, 2 complete, 1 pruned, 1 failed; 1 min 10 s so far\n"
        "\n"
        "| rank | trial | value | step | time | state | model.fusion.depth | model.fusion.width | model.text.width | optimizer.lr | batch.schedule | tries |\n"
        "| ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: | --- | ---: |\n"
        "| **1** | **3** | **0.6123 ± 0.0123** | **6/8** | **12 s** | **complete** | **3** | **256** | **64** | **0.000123** | **cosine** | **1** |\n"
        "| 2 | 0 | 0.5000 | 8/8 | 1 min 15 s | complete | 1 | 1024 | 128 | 0.01 | natural | 2 |\n"
        "\n"
        "2 of 5 trials; --top 0 shows all\n");
}

static void test_filtered_sorted_and_chosen(void **state)
{
    (void)state;
    expect(shop,
           OPTIONS(0, .format = VIEW_TSV, .where = "not state=failed",
                   .sort = "-seconds", .columns = "rank,trial,lr,val.loss"),
           "rank\ttrial\toptimizer.lr\tmetrics.val.loss\n"
           "2\t0\t0.01\t\n"
           "1\t3\t0.000123\t0.25\n"
           "3\t1\t1e-05\t\n"
           "\t4\t\t\n");
}

static void test_top_says_what_is_left(void **state)
{
    (void)state;
    expect(
        shop, OPTIONS(80, .top = 1, .columns = "rank,trial"),
        "shop: maximize val.pr_auc; best 0.61235 (trial 3)\n"
        "5 trials: 1 running, 2 complete, 1 pruned, 1 failed; 1 min 10 s so far\n"
        "\n"
        "  rank  trial\n"
        "*    1      3\n"
        "\n"
        "1 of 5 trials; --top 0 shows all\n");
}

/* Two studies with one objective are ranked together; a parameter called like
 * a field keeps its prefix. */
static void test_studies_together(void **state)
{
    struct error err = ERROR_INIT;
    struct leaderboard_options o = { .format = VIEW_CSV,
                                     .columns =
                                         "rank,study,trial,params.step" };
    struct tree *both = tree_list();

    (void)state;
    tree_append(both, board_of(shop));
    tree_append(both, board_of(other));
    char *text = print(both, &o, &err);

    assert_string_equal(text, "rank,study,trial,params.step\n"
                              "1,shop,3,\n"
                              "2,other,0,7\n"
                              "3,shop,0,\n"
                              "4,shop,1,\n"
                              ",shop,2,\n"
                              ",shop,4,\n");
    free(text);
    tree_destroy(both);
}

/* A trial has its part of the study's GPU-hours. */
static void test_gpu_hours(void **state)
{
    (void)state;
    expect("{\"study\": {\"study\": \"gpus\", \"space\": [], \"trials\": 2,"
           "  \"gpu_hours\": 8, \"busy_s\": 14400},"
           " \"rows\": [{\"trial\": 0, \"value\": 0.5, \"seconds\": 10800},"
           "            {\"trial\": 1, \"value\": 0.25, \"seconds\": 3600}]}",
           OPTIONS(80, .format = VIEW_CSV, .columns = "trial,gpu_hours"),
           "trial,gpu_hours\n0,6\n1,2\n");
}

/* How sure a rank is, where that is known; of one study, since the ranks of
 * several would be others. */
static void test_ranks(void **state)
{
    static const char folds[] =
        "{\"study\": {\"study\": \"folds\", \"space\": [], \"trials\": 2},"
        " \"rows\": [{\"trial\": 4, \"value\": 0.5, \"ranks\": [1, 2]},"
        "            {\"trial\": 1, \"value\": 0.25, \"ranks\": [2, 2]}]}";
    struct error err = ERROR_INIT;
    struct leaderboard_options o = OPTIONS(80, .bare = true);
    struct tree *both = tree_list();

    (void)state;
    expect(folds, o,
           "  rank  trial  value  ranks 90%  step  time  state\n"
           "*    1      4   0.50       1..2\n"
           "     2      1   0.25          2\n");
    tree_append(both, board_of(folds));
    tree_append(both, board_of(shop));
    char *text = print(both, &o, &err);

    assert_null(strstr(text, "90%"));
    free(text);
    tree_destroy(both);
}

/* Studies with different objectives cannot be compared: each has its ranks. */
static void test_studies_apart(void **state)
{
    struct error err = ERROR_INIT;
    struct leaderboard_options o = { .format = VIEW_CSV,
                                     .columns = "rank,study,trial" };
    struct tree *both = tree_list(), *second = board_of(other);

    (void)state;
    tree_set_string(tree_get(second, "study"), "direction", "minimize");
    tree_append(both, board_of(shop));
    tree_append(both, second);
    char *text = print(both, &o, &err);

    assert_string_equal(text, "rank,study,trial\n"
                              "1,shop,3\n"
                              "2,shop,0\n"
                              "3,shop,1\n"
                              ",shop,2\n"
                              ",shop,4\n"
                              "1,other,0\n");
    free(text);
    tree_destroy(both);
}

static void test_json_reads_back(void **state)
{
    struct error err = ERROR_INIT;
    struct leaderboard_options o = { .format = VIEW_JSON, .top = 2 };
    struct tree *board = board_of(shop);
    char *text = print(board, &o, &err);
    struct tree *back = board_of(text);
    struct tree *rows = tree_get(back, "rows");
    struct tree *first = tree_at(rows, 0);

    (void)state;
    assert_int_equal(tree_count(rows), 2);
    assert_int_equal(tree_integer(tree_get(first, "rank")), 1);
    assert_string_equal(tree_text(tree_get(first, "study")), "shop");
    assert_true(
        tree_equal(tree_get(first, "params"),
                   tree_get(tree_at(tree_get(board, "rows"), 0), "params")));
    assert_true(tree_equal(tree_get(back, "study"), tree_get(board, "study")));
    free(text);
    tree_destroy(back);
    tree_destroy(board);
}

static void test_no_trials_yet(void **state)
{
    (void)state;
    expect(fresh, OPTIONS(80, .top = 0),
           "fresh: minimize loss\n0 trials; 0.4 s so far\n\nno trials yet\n");
    expect(fresh, OPTIONS(80, .format = VIEW_CSV, .columns = "rank,x"),
           "rank,x\n");
}

static void test_no_match(void **state)
{
    (void)state;
    expect(shop, OPTIONS(20, .where = "value > 1"),
           "shop: maximize val.…\n5 trials: 1 running…\n\nno trial matches\n");
}

/* Nothing a study or a trial is called reaches the terminal, a spreadsheet or
 * a page as a command. */
static const char hostile[] =
    "{\"study\": {\"study\": \"a\\u001b[2J\\nb\", \"metric\": \"m\","
    " \"direction\": \"minimize\", \"space\": [\"x\"], \"trials\": 3},"
    " \"rows\": ["
    "{\"trial\": 0, \"value\": 1, \"state\": \"complete\","
    " \"params\": {\"x\": \"\\u001b]0;evil\\u0007,\\\"q\\\"\\n|\"}},"
    "{\"trial\": 1, \"value\": 2, \"state\": \"complete\","
    " \"params\": {\"x\": \"=cmd|' /C calc'!A0\"}},"
    "{\"trial\": 2, \"value\": 3, \"state\": \"complete\","
    " \"params\": {\"x\": \"\\u202e<b>\\ttab\"}}]}";

static void test_hostile_table(void **state)
{
    (void)state;
    expect(hostile, OPTIONS(80, .columns = "trial,x"),
           "a\\x1b[2J\\nb: minimize m\n"
           "3 trials\n"
           "\n"
           "  trial  x\n"
           "*     0  \\x1b]0;evil\\x07,\"q\"\\n|\n"
           "      1  =cmd|' /C calc'!A0\n"
           "      2  \\u202e<b>\\ttab\n");
}

static void test_hostile_csv(void **state)
{
    (void)state;
    expect(hostile, OPTIONS(0, .format = VIEW_CSV, .columns = "trial,x"),
           "trial,x\n"
           "0,\"\033]0;evil\a,\"\"q\"\"\n|\"\n"
           "1,'=cmd|' /C calc'!A0\n"
           "2,\u202e<b>\ttab\n");
    expect(hostile, OPTIONS(0, .format = VIEW_TSV, .columns = "trial,x"),
           "trial\tx\n"
           "0\t\033]0;evil\a,\"q\"\\n|\n"
           "1\t'=cmd|' /C calc'!A0\n"
           "2\t\u202e<b>\\ttab\n");
}

static void test_hostile_markdown(void **state)
{
    (void)state;
    expect(hostile,
           OPTIONS(0, .format = VIEW_MARKDOWN, .where = "trial>0",
                   .columns = "trial,x"),
           "a\\x1b[2J\\nb: minimize m\n"
           "3 trials\n"
           "\n"
           "| trial | x |\n"
           "| ---: | --- |\n"
           "| 1 | =cmd\\|' /C calc'!A0 |\n"
           "| 2 | \\\\u202e&lt;b>\\\\ttab |\n"
           "\n2 of 3 trials\n");
}

/* A long study comes out whole and in order. */
static void test_ten_thousand_rows(void **state)
{
    enum { ROWS = 10000 };
    struct error err = ERROR_INIT;
    struct leaderboard_options o = { .format = VIEW_TABLE,
                                     .screen = { .width = 80 } };
    struct tree *board = board_of(fresh), *rows = tree_get(board, "rows");
    size_t lines = 0;

    (void)state;
    for (int i = 0; i < ROWS; i++) {
        struct tree *row = tree_map(), *params = tree_map();
        tree_set_int(row, "trial", ROWS - i);
        tree_set_float(row, "value", i / 7.0);
        tree_set_float(params, "x", i * 0.5);
        tree_set(row, "params", params);
        tree_append(rows, row);
    }
    assert_true(tree_ok(board));
    char *text = print(board, &o, &err);

    assert_non_null(text);
    for (const char *s = text; (s = strchr(s, '\n')); s++)
        lines++;
    assert_int_equal(lines, 4 + ROWS); /* title, counts, blank, heading */
    assert_non_null(strstr(text, "\n* "));
    assert_non_null(strstr(text, "4999.5\n"));
    free(text);
    tree_destroy(board);
}

static void test_wrong_words(void **state)
{
    static const struct {
        struct leaderboard_options o;
        const char *where, *what, *hint;
    } cases[] = {
        { { .sort = "vlue" },
          "--sort",
          "no column 'vlue'",
          "did you mean 'value'?" },
        { { .columns = "trial,dept" },
          "--columns",
          "no column 'dept'",
          "did you mean 'depth'?" },
        { { .where = "dept>3" },
          "--where:1",
          "no column 'dept'",
          "did you mean 'depth'?" },
        { { .sort = "-width" },
          "--sort",
          "column 'width' could be several",
          "'model.fusion.width' or 'model.text.width'?" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = ERROR_INIT;
        struct tree *board = board_of(shop);

        assert_null(print(board, &cases[i].o, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_string_equal(err.where, cases[i].where);
        assert_string_equal(err.what, cases[i].what);
        assert_string_equal(err.hint, cases[i].hint);
        tree_destroy(board);
    }
}

/* A part from the middle, as the whole screen shows it, and whose it is. */
static void test_part(void **state)
{
    const struct leaderboard_options o =
        OPTIONS(60, .bare = true, .sort = "trial", .skip = 1, .top = 3,
                .columns = "rank,trial,value");
    struct error err = ERROR_INIT;
    struct tree *board = board_of(shop);
    int64_t *trials;
    size_t count;

    (void)state;
    expect(shop, o,
           "  rank  trial  value\n"
           "     3      1   0.11\n"
           "            2    nan\n");
    assert_int_equal(leaderboard_trials(board, &o, &trials, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_int_equal(trials[0], 1);
    assert_int_equal(trials[1], 2);
    free(trials);
    assert_int_equal(leaderboard_trials(board, &OPTIONS(60, .sort = "dept"),
                                        &trials, &count, &err),
                     -1);
    assert_int_equal(err.kind, ERROR_USAGE);
    tree_destroy(board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wide),
        cmocka_unit_test(test_narrow),
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_markdown),
        cmocka_unit_test(test_ranks),
        cmocka_unit_test(test_gpu_hours),
        cmocka_unit_test(test_filtered_sorted_and_chosen),
        cmocka_unit_test(test_top_says_what_is_left),
        cmocka_unit_test(test_studies_together),
        cmocka_unit_test(test_studies_apart),
        cmocka_unit_test(test_json_reads_back),
        cmocka_unit_test(test_no_trials_yet),
        cmocka_unit_test(test_no_match),
        cmocka_unit_test(test_hostile_table),
        cmocka_unit_test(test_hostile_csv),
        cmocka_unit_test(test_hostile_markdown),
        cmocka_unit_test(test_ten_thousand_rows),
        cmocka_unit_test(test_wrong_words),
        cmocka_unit_test(test_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
