/* Trials side by side.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/view/diff.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/error.h"
#include "base/json.h"

static const char first[] =
    "{\"trial\": 3, \"state\": \"complete\", \"seconds\": 5, \"step\": 3,"
    " \"params\": {\"depth\": 2, \"lr\": 0.1}, \"metrics\": {\"loss\": 0.5},"
    " \"curve\": [{\"step\": 1, \"metrics\": {\"loss\": 0.9}},"
    "             {\"step\": 3, \"metrics\": {\"loss\": \"nan\"}}]}";
static const char second[] =
    "{\"trial\": 7, \"state\": \"complete\", \"seconds\": 6, \"step\": 2,"
    " \"params\": {\"depth\": 2, \"momentum\": 0.9},"
    " \"metrics\": {\"loss\": 0.25, \"accuracy\": 1},"
    " \"curve\": [{\"step\": 1, \"metrics\": {\"loss\": 0.75}},"
    "             {\"step\": 2, \"metrics\": {\"loss\": 0.25}}]}";

static struct tree *parse(const char *json)
{
    struct error err = ERROR_INIT;
    struct tree *t = json_parse(json, strlen(json), "test", &err);

    assert_non_null(t);
    return t;
}

static void rows_of_two_trials(void **state)
{
    struct tree *study = parse("{\"metric\": \"loss\"}");
    struct tree *trials[] = { parse(first), parse(second) };
    struct screen screen = { .width = 80 };
    struct text out = TEXT_INIT;

    (void)state;
    diff_print((const struct tree *const *)trials, 2, study, 0, &screen, &out);
    assert_string_equal(text_get(&out), "            trial 3   trial 7\n"
                                        "  state     complete  complete\n"
                                        "* seconds   5.0 s     6.0 s\n"
                                        "* step      3         2\n"
                                        "  depth     2         2\n"
                                        "* lr        0.1\n"
                                        "* momentum            0.9\n"
                                        "* loss      0.5       0.25\n"
                                        "* accuracy            1\n"
                                        "\nloss\n"
                                        "  step  trial 3  trial 7\n"
                                        "     1      0.9     0.75\n"
                                        "     2              0.25\n"
                                        "     3      nan\n");
    text_clear(&out);
    tree_destroy(trials[0]);
    tree_destroy(trials[1]);
    tree_destroy(study);
}

static void a_long_curve_is_thinned_to_its_end(void **state)
{
    struct tree *study = parse("{\"metric\": \"loss\"}");
    struct tree *trials[] = { parse(first), parse(second) };
    struct screen screen = { .width = 80 };
    struct text out = TEXT_INIT;

    (void)state;
    diff_print((const struct tree *const *)trials, 2, study, 2, &screen, &out);
    assert_non_null(strstr(text_get(&out), "\n     1 "));
    assert_null(strstr(text_get(&out), "\n     2 "));
    assert_non_null(strstr(text_get(&out), "\n     3 "));
    text_clear(&out);
    tree_destroy(trials[0]);
    tree_destroy(trials[1]);
    tree_destroy(study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_two_trials),
        cmocka_unit_test(a_long_curve_is_thinned_to_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
