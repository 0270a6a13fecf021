/* One trial and one study for people: exact text out of fixed replies.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "launcher/view/summary.h"
#include "launcher/view/trial.h"
#include "tests/unit/launcher/view/boards.h"

static const char detail[] =
    "{\"trial\": 7, \"state\": \"complete\", \"value\": 0.9,"
    " \"step\": 5, \"best_step\": 4, \"params\": {\"model.depth\": 3,"
    " \"lr\": 0.000125, \"schedule\": \"co\\u001b[2Jsine\", \"on\": true},"
    " \"seconds\": 12.5, \"reason\": \"\", \"created\": 1000.0,"
    " \"curve\": ["
    "{\"step\": 1, \"seconds\": 2.5, \"attempt\": 1,"
    " \"metrics\": {\"loss\": 1.5, \"auc\": 0.5}},"
    "{\"step\": 2, \"seconds\": 5, \"attempt\": 1,"
    " \"metrics\": {\"loss\": \"nan\", \"auc\": 0.7}},"
    "{\"step\": 3, \"seconds\": 7.5, \"attempt\": 2,"
    " \"metrics\": {\"loss\": 1.0, \"auc\": 0.8}},"
    "{\"step\": 4, \"seconds\": 10, \"attempt\": 2,"
    " \"metrics\": {\"loss\": 0.75, \"auc\": 0.9}},"
    "{\"step\": 5, \"seconds\": 12.5, \"attempt\": 2,"
    " \"metrics\": {\"auc\": 0.85}}],"
    " \"attempts\": ["
    "{\"attempt\": 1, \"worker\": \"node1:42:0\", \"started\": 1000.5,"
    " \"ended\": 1006, \"outcome\": \"failed\","
    " \"reason\": \"exit status 3\"},"
    "{\"attempt\": 2, \"worker\": \"node2:43:0\", \"started\": 1010,"
    " \"ended\": null, \"outcome\": null, \"reason\": null}],"
    " \"events\": [{\"time\": 1000, \"kind\": \"created\", \"detail\": \"\"},"
    "{\"time\": 1006, \"kind\": \"failed\","
    " \"detail\": \"exit status 3\\nwith a line\"}],"
    " \"log\": \"/runs/shop/trials/00007/log\"}";

static const char study[] =
    "{\"study\": \"shop\", \"metric\": \"auc\", \"direction\": \"maximize\"}";

static void test_trial(void **state)
{
    struct tree *trial = board_of(detail), *summary = board_of(study);
    struct screen screen = { 80, false, true };
    struct text out = TEXT_INIT;

    (void)state;
    trial_print(trial, summary, "epoch 5\n\033[31mred\n", 3, &screen, &out);
    assert_string_equal(
        text_get(&out),
        "trial 7 of shop: complete\n"
        "auc 0.9; best step 4/5; 13 s; 2 attempts\n"
        "\n"
        "parameters\n"
        "  model.depth  3\n"
        "  lr           0.000125\n"
        "  schedule     co\\x1b[2Jsine\n"
        "  on           true\n"
        "\n"
        "curve\n"
        "  auc   ▁▄▆█▇  0.5 .. 0.9\n"
        "  loss  █ ▃▁   0.75 .. 1.5\n"
        "\n"
        "  step   time  attempt   auc  loss\n"
        "     1  2.5 s        1  0.50  1.50\n"
        "     3  7.5 s        2  0.80  1.00\n"
        "*    4   10 s        2  0.90  0.75\n"
        "     5   13 s        2  0.85\n"
        "(4 of 5 steps; --steps 0 shows all)\n"
        "\n"
        "attempts\n"
        "  attempt  outcome  after   time  worker      reason\n"
        "        1  failed   0.5 s  5.5 s  node1:42:0  exit status 3\n"
        "        2            10 s         node2:43:0\n"
        "\n"
        "events\n"
        "  after  event\n"
        "  0.0 s  created\n"
        "  6.0 s  failed   exit status 3\\nwith a line\n"
        "\n"
        "log\n"
        "  (the end of /runs/shop/trials/00007/log)\n"
        "  epoch 5\n"
        "  \\x1b[31mred\n");
    text_clear(&out);
    tree_destroy(trial);
    tree_destroy(summary);
}

/* A trial that has not begun has little to tell. */
static void test_waiting_trial(void **state)
{
    struct tree *trial = board_of("{\"trial\": 0, \"state\": \"waiting\","
                                  " \"value\": null, \"params\": {},"
                                  " \"seconds\": 0, \"curve\": [],"
                                  " \"attempts\": [], \"events\": []}");
    struct tree *summary = board_of(study);
    struct screen screen = { 80, false, true };
    struct text out = TEXT_INIT;

    (void)state;
    trial_print(trial, summary, NULL, 3, &screen, &out);
    assert_string_equal(text_get(&out), "trial 0 of shop: waiting\n0.0 s\n");
    text_clear(&out);
    tree_destroy(trial);
    tree_destroy(summary);
}

static void test_curve_as_csv(void **state)
{
    struct tree *trial = board_of(detail), *summary = board_of(study);
    struct text out = TEXT_INIT;

    (void)state;
    trial_print_curve(trial, summary, &out);
    assert_string_equal(text_get(&out), "step,seconds,attempt,auc,loss\n"
                                        "1,2.5,1,0.5,1.5\n"
                                        "2,5,1,0.7,nan\n"
                                        "3,7.5,2,0.8,1\n"
                                        "4,10,2,0.9,0.75\n"
                                        "5,12.5,2,0.85,\n");
    text_clear(&out);
    tree_destroy(trial);
    tree_destroy(summary);
}

static void test_summary(void **state)
{
    static const struct {
        const char *study, *text;
    } cases[] = {
        { "{\"study\": \"shop\", \"metric\": \"auc\","
          " \"direction\": \"maximize\", \"state\": \"running\","
          " \"trials\": 14, \"budget_trials\": 24, \"states\":"
          " {\"waiting\": 0, \"running\": 2, \"complete\": 7, \"pruned\": 5},"
          " \"best\": {\"trial\": 7, \"value\": 0.61},"
          " \"elapsed_s\": 70.1, \"seconds_left\": 42.0,"
          " \"reason\": \"\", \"search\": \"sampler tpe, pruner asha\","
          " \"workers\": [{\"worker\": \"n1:42:0\", \"trial\": 12,"
          " \"attempt\": 1, \"step\": 4, \"seen_s\": 0.4},"
          " {\"worker\": \"n1:42:1\", \"trial\": null, \"attempt\": null,"
          " \"step\": null, \"seen_s\": 75}]}",
          "shop: maximize auc; best 0.61 (trial 7)\n"
          "14 trials: 2 running, 7 complete, 5 pruned; 1 min 10 s so far\n"
          "[###############...............] 12 of 24 trials ended, "
          "about 42 s left\n"
          "sampler tpe, pruner asha\n"
          "\n"
          "  worker   trial  attempt  step   last seen\n"
          "  n1:42:0     12        1     4       0.4 s\n"
          "  n1:42:1                        1 min 15 s\n" },
        { "{\"study\": \"two\", \"objectives\": [{\"metric\": \"auc\","
          " \"direction\": \"maximize\"}, {\"metric\": \"ms\","
          " \"direction\": \"minimize\"}], \"state\": \"finished\","
          " \"trials\": 1, \"budget_trials\": null,"
          " \"states\": {\"complete\": 1}, \"best\": null,"
          " \"elapsed_s\": 3, \"reason\": \"1 of 1 trials\"}",
          "two: maximize auc, minimize ms\n"
          "1 trial: 1 complete; finished in 3.0 s\n"
          "finished: 1 of 1 trials\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tree *summary = board_of(cases[i].study);
        struct screen screen = { 80, false, true };
        struct text out = TEXT_INIT;

        summary_print(summary, &screen, &out);
        assert_string_equal(text_get(&out), cases[i].text);
        text_clear(&out);
        tree_destroy(summary);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trial),
        cmocka_unit_test(test_waiting_trial),
        cmocka_unit_test(test_curve_as_csv),
        cmocka_unit_test(test_summary),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
