/* What is seen of an observation, at several sizes of a terminal.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "launcher/format/display.h"
#include "launcher/watch/screenful.h"
#include "tests/unit/launcher/view/boards.h"

static const char board[] =
    "{\"study\": {\"study\": \"shop\", \"metric\": \"auc\","
    " \"direction\": \"maximize\", \"objectives\": [{\"metric\": \"auc\","
    " \"direction\": \"maximize\"}], \"space\": [\"x\"],"
    " \"state\": \"running\", \"reason\": \"\", \"trials\": 4,"
    " \"budget_trials\": 8, \"budget_gpu_hours\": 4, \"gpu_hours\": 1,"
    " \"states\": {\"running\": 2, \"complete\": 1, \"pruned\": 1},"
    " \"best\": {\"trial\": 1, \"value\": 0.75},"
    " \"improvements\": [[0, 0.25], [1, 0.75]],"
    " \"elapsed_s\": 60, \"seconds_left\": 40, \"workers\": ["
    " {\"worker\": \"n:1:0\", \"trial\": 2, \"attempt\": 1, \"step\": 3,"
    "  \"seen_s\": 0.5},"
    " {\"worker\": \"n:1:1\", \"trial\": 3, \"attempt\": 1, \"step\": null,"
    "  \"seen_s\": 1}]},"
    " \"rows\": ["
    " {\"trial\": 1, \"state\": \"complete\", \"value\": 0.75, \"std\": null,"
    "  \"step\": 3, \"best_step\": 3, \"params\": {\"x\": 0.5},"
    "  \"seconds\": 9, \"attempts\": 1, \"feasible\": true},"
    " {\"trial\": 0, \"state\": \"pruned\", \"value\": 0.25, \"std\": null,"
    "  \"step\": 1, \"best_step\": 1, \"params\": {\"x\": 0.1},"
    "  \"seconds\": 3, \"attempts\": 1, \"feasible\": true},"
    " {\"trial\": 2, \"state\": \"running\", \"value\": 0.2, \"std\": null,"
    "  \"step\": 3, \"best_step\": 3, \"params\": {\"x\": 0.2},"
    "  \"seconds\": 5, \"attempts\": 1, \"feasible\": true},"
    " {\"trial\": 3, \"state\": \"running\", \"value\": null, \"std\": null,"
    "  \"step\": null, \"best_step\": null, \"params\": {\"x\": 0.3},"
    "  \"seconds\": 1, \"attempts\": 1, \"feasible\": true}]}";

static const char running[] =
    "[{\"trial\": 2, \"curve\": [{\"step\": 1, \"metrics\": {\"auc\": 0.1}},"
    " {\"step\": 2, \"metrics\": {\"auc\": 0.15}},"
    " {\"step\": 3, \"metrics\": {\"auc\": 0.2}}]},"
    " {\"trial\": 3, \"curve\": []}]";

struct fixture {
    struct observation seen;
    struct choices choices;
    struct text out;
    size_t page;
};

static void observe(struct fixture *f)
{
    *f = (struct fixture){ .seen = { .rows = 4 }, .out = TEXT_INIT };
    f->seen.board = board_of(board);
    f->seen.running = board_of(running);
}

static void show(struct fixture *f, int width, int height)
{
    const struct screen screen = { width, false, false };

    text_reset(&f->out);
    f->page = screenful_print(&f->seen, &f->choices, &screen, height, &f->out);
}

static void forget(struct fixture *f)
{
    observation_clear(&f->seen);
    text_clear(&f->out);
}

static void shows_all_of_it(void **state)
{
    struct fixture f;

    (void)state;
    observe(&f);
    show(&f, 60, 22);
    assert_string_equal(
        text_get(&f.out),
        "shop: maximize auc; best 0.75 (trial 1)\n"
        "4 trials: 2 running, 1 complete, 1 pruned; 1 min 00 s so far\n"
        "[########......................] 2 of 8 trials ended, abou..\n"
        "3 of 4 GPU-hours left\n"
        "best so far ______################## 0.25 to 0.75\n"
        "\n"
        "  worker  trial  attempt  step  last seen  now  curve\n"
        "  n:1:0       2        1     3      0.5 s  0.2  _-#\n"
        "  n:1:1       3        1            1.0 s\n"
        "\n"
        "  rank  trial  value  step   time  state       x\n"
        "\033[7m*    1      1   0.75   3/3  9.0 s  complete  0.5"
        "            \033[0m\n"
        "     2      0   0.25   1/1  3.0 s  pruned    0.1\n"
        "     3      2   0.20   3/3  5.0 s  running   0.2\n"
        "            3               1.0 s  running   0.3\n"
        "\n\n\n\n\n\n"
        "\033[7m1-4 of 4  q quit  j/k move  enter open  s sort  / filter  .."
        "\033[0m\n");
    assert_int_equal(f.page, 10);
    forget(&f);
}

/* Every line fits, and there are as many as the terminal has. */
static void fits_every_terminal(void **state)
{
    struct fixture f;

    (void)state;
    observe(&f);
    for (int height = 1; height < 40; height++)
        for (int width = 20; width <= 200; width += 20) {
            int lines = 0;

            show(&f, width, height);
            for (char *s = f.out.data, *end; *s; s = end + 1, lines++) {
                char *from = strncmp(s, "\033[7m", 4) == 0 ? s + 4 : s;

                end = strchr(s, '\n');
                *end = '\0';
                if (from > s)
                    *strchr(from, '\033') = '\0';
                assert_true(display_width(from) <= width);
            }
            assert_int_equal(lines, height);
        }
    forget(&f);
}

static void follows_the_choices(void **state)
{
    struct fixture f;

    (void)state;
    observe(&f);
    f.choices.row = 1;
    strcpy(f.choices.sort, "trial");
    show(&f, 100, 22);
    assert_non_null(strstr(text_get(&f.out), "\033[7m*    1      1"));
    assert_non_null(strstr(text_get(&f.out), "1-4 of 4 by trial  q quit"));
    f.choices = (struct choices){ .prompt = PROMPT_WHERE, .typed = "x>0.2" };
    show(&f, 100, 22);
    assert_non_null(strstr(text_get(&f.out), "only trials where: x>0.2_"));
    f.choices = (struct choices){ .help = true, .line = 100 };
    show(&f, 100, 22);
    assert_non_null(strstr(text_get(&f.out), "quit; the study goes on"));
    assert_int_equal(f.choices.line, 0); /* all of it is there */
    f.choices = (struct choices){ 0 };
    strcpy(f.seen.trouble, "no column 'dept'");
    show(&f, 100, 22);
    assert_non_null(strstr(text_get(&f.out), "\033[7mno column 'dept'"));
    assert_null(strstr(text_get(&f.out), "  rank"));
    forget(&f);
}

static void opens_a_trial(void **state)
{
    struct fixture f;

    (void)state;
    observe(&f);
    f.seen.trial = board_of(
        "{\"trial\": 1, \"state\": \"complete\", \"value\": 0.75,"
        " \"step\": 3, \"best_step\": 3, \"params\": {\"x\": 0.5},"
        " \"seconds\": 9, \"curve\": [], \"attempts\": [], \"events\": []}");
    f.choices.open = true;
    show(&f, 80, 24);
    assert_non_null(strstr(text_get(&f.out), "parameters"));
    assert_non_null(strstr(text_get(&f.out), "\033[7menter back"));
    assert_null(strstr(text_get(&f.out), "rank"));
    forget(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_all_of_it),
        cmocka_unit_test(fits_every_terminal),
        cmocka_unit_test(follows_the_choices),
        cmocka_unit_test(opens_a_trial),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
