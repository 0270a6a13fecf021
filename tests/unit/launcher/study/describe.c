/* The plan in words: what a person must be able to read off it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "launcher/study/study.h"

static void describe(const char *path, struct text *out)
{
    struct error err = ERROR_INIT;
    struct study *s = study_read(path, &err);

    if (!s)
        fail_msg("%s: %s", err.where, err.what);
    study_describe(s, out);
    study_destroy(s);
}

static void the_plan_says_what_was_resolved(void **state)
{
    static const struct {
        const char *file;
        const char *line; /* with its end, so that nothing may follow */
    } rows[] = {
        { "full", "  study        fake-listings\n" },
        { "full", "val.pr_auc, maximize, the best over all steps\n" },
        { "full", "  constraint   model.parameters <= 2e+07\n" },
        { "full", "5 parameters, infinitely many points\n" },
        { "full", "    model.fusion.width  int          64 .. 1024, log\n" },
        { "full", "natural, linear, cosine, step\n" },
        { "full", "1 .. 20, when batch.schedule is linear or cosine\n" },
        { "full", ", seed 7\n" },
        { "full",
          "tried first  model.fusion.depth=2 model.fusion.width=256\n" },
        { "full", "after 200 trials, or 12 h 00 min, or 500 GPU-hours, or 60 "
                  "trials without a better one\n" },
        { "full", "sentei-train {\"data\"" },
        { "full", "2 nodes x 4 tasks x 8 cores and 1 GPU; "
                  "64 GiB; at most 4 h 00 min\n" },
        { "full", "  local        2 workers\n" },
        { "full", "  retry        2 attempts a trial\n" },
        { "minimal", "1 parameter, infinitely many points\n" },
        { "minimal", "when the space is exhausted or you stop it\n" },
        { "minimal", "./train --lr {lr}\n" },
        { "minimal", "1 node x 1 task x 1 core and 0 GPUs\n" },
        { "corners", "(with several objectives nothing is pruned), seed 0\n" },
        { "corners", "val.loss, minimize, at the last step\n" },
        { "corners", "1 <= model/size@fp16 <= 1\n" },
        { "corners", "-1 .. 1, step 0.25\n" },
        { "corners", "1, 1.5, true, \"true\", \"1\", no (in this order)\n" },
        { "corners", ", when 5 <= depth and mixed is 1 or \"1\"\n" },
        { "folds", "after 40 trials, or when no trial is expected to be better "
                   "by more than 0.002, or than the results' noise\n" },
        { "folds", "accuracy, maximize, the mean over the steps\n" },
        { "simulated", "none: this study can only be simulated\n" },
    };
    char path[64];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text out = TEXT_INIT;

        snprintf(path, sizeof path, "tests/studies/good/%s.yaml", rows[i].file);
        describe(path, &out);
        if (!strstr(text_get(&out), rows[i].line))
            fail_msg("no '%s' in:\n%s", rows[i].line, text_get(&out));
        text_clear(&out);
    }
}

static void a_countable_space_is_counted(void **state)
{
    static const char text[] = "study: x\n"
                               "objective: {metric: m, direction: minimize}\n"
                               "trainer: {command: [./train]}\n"
                               "space:\n"
                               "  a: {type: int, low: 1, high: 5}\n"
                               "  b: {type: bool}\n"
                               "  c: {type: bool, when: {b: true}}\n";
    struct error err = ERROR_INIT;
    struct study *s = study_parse(text, strlen(text), "x.yaml", &err);
    struct text out = TEXT_INIT;

    (void)state;
    assert_non_null(s);
    study_describe(s, &out);
    assert_non_null(strstr(text_get(&out), "3 parameters, 15 points\n"));
    text_clear(&out);
    study_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plan_says_what_was_resolved),
        cmocka_unit_test(a_countable_space_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
