/* The plan for programs: every key is there, what is not given is null.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "launcher/study/study.h"

static struct tree *plan_of(const char *path)
{
    struct error err = ERROR_INIT;
    struct study *s = study_read(path, &err);

    if (!s)
        fail_msg("%s: %s", err.where, err.what);
    struct tree *plan = study_plan(s);
    study_destroy(s);
    assert_non_null(plan); /* and lives on without the study */
    return plan;
}

static void what_is_given_is_there(void **state)
{
    struct tree *plan = plan_of("tests/studies/good/full.yaml");

    (void)state;
    assert_string_equal(tree_text(tree_find(plan, "study")), "fake-listings");
    assert_int_equal(tree_integer(tree_find(plan, "stop.trials")), 200);
    assert_true(tree_number(tree_find(plan, "stop.gpu_hours")) == 500);
    assert_int_equal(tree_integer(tree_find(plan, "resources.memory_bytes")),
                     64LL << 30);
    assert_string_equal(tree_text(tree_find(plan, "search.pruner")), "asha");
    assert_int_equal(tree_integer(tree_find(plan, "search.seed")), 7);
    assert_int_equal(tree_count(tree_find(plan, "space")), 5);
    assert_int_equal(tree_count(tree_find(plan, "enqueue")), 1);
    tree_destroy(plan);
}

static void what_is_not_given_is_null(void **state)
{
    static const char *const keys[] = { "points",         "enqueue",
                                        "stop.trials",    "stop.hours",
                                        "stop.gpu_hours", "stop.no_improvement",
                                        "stop.regret",    "trainer.config",
                                        "slurm",          "notify",
                                        "oracle",         "controller" };
    struct tree *plan = plan_of("tests/studies/good/minimal.yaml");

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        assert_non_null(tree_find(plan, keys[i]));
        assert_int_equal(tree_kind(tree_find(plan, keys[i])), TREE_NULL);
    }
    tree_destroy(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_is_there),
        cmocka_unit_test(what_is_not_given_is_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
