/* How sure a rank is: from the folds' deviations to ranks a trial may have.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/results/confidence.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#define HEAD                                                     \
    "study: folds\nspace: {x: {type: float, low: 0, high: 1}}\n" \
    "trainer: {command: [\"true\"]}\n"
#define MEAN "objective: {metric: v, direction: maximize, value: mean}\n"
#define BEST "objective: {metric: v, direction: maximize}\n"

struct given {
    double value, std;
    int64_t folds;
};

static struct study *read_study(const char *text)
{
    struct error err = ERROR_INIT;
    struct study *s = study_parse(text, strlen(text), "test.yaml", &err);

    if (!s)
        fail_msg("%s", err.what);
    return s;
}

static struct store_trial trial_of(const struct given *g, int64_t number)
{
    struct store_trial t;

    store_trial_init(&t, number, NULL, 1, 0);
    t.state = TRIAL_COMPLETE;
    t.known = 1;
    t.results[0] = g->value;
    t.std = g->std;
    t.reports = g->folds;
    return t;
}

/* The ranks of each as "1..2 1..2 3..3 -". */
static void ranks_of(const char *text, const struct given *given, size_t count,
                     char *words, size_t size)
{
    struct study *s = read_study(text);
    struct confidence c = { .study = s };
    int64_t first, last;
    size_t used = 0;

    *words = '\0';
    for (size_t i = 0; i < count; i++) {
        struct store_trial t = trial_of(&given[i], (int64_t)i);

        assert_int_equal(confidence_add(&c, &t, NULL), 0);
    }
    for (size_t i = 0; i < count; i++) {
        struct store_trial t = trial_of(&given[i], (int64_t)i);
        struct standing standing = results_standing(s, &t);
        const char *space = i ? " " : "";

        if (confidence_ranks(&c, &standing, &first, &last))
            used += (size_t)snprintf(words + used, size - used, "%s%jd..%jd",
                                     space, (intmax_t)first, (intmax_t)last);
        else
            used += (size_t)snprintf(words + used, size - used, "%s-", space);
    }
    confidence_clear(&c);
    study_destroy(s);
}

/* By hand, with the t of scipy.stats.ttest_ind_from_stats(..., equal_var=False):
 * .90 and .89 with .02 over 5 folds: t = .79, p = .23; .90 and .86: t = 3.16, p
 * = .007; .89 and .86: t = 2.37, p = .023; .86 and .85: t = .79. */
static void of_folds(void **state)
{
    static const struct given given[] = {
        { 0.90, 0.02, 5 }, { 0.86, 0.02, 5 }, { 0.89, 0.02, 5 },
        { 0.85, 0.02, 5 }, { 0.10, 0.02, 5 },
    };
    char words[256];

    (void)state;
    ranks_of(HEAD MEAN, given, 5, words, sizeof words);
    assert_string_equal(words, "1..2 3..4 1..2 3..4 5..5");
}

/* Two folds say little, p = .14; twenty much, p = .00001. */
static void few_folds_are_unsure(void **state)
{
    static const struct given two[] = { { 0.9, 0.02, 2 }, { 0.87, 0.02, 2 } };
    static const struct given many[] = { { 0.9, 0.02, 20 },
                                         { 0.87, 0.02, 20 } };
    char words[256];

    (void)state;
    ranks_of(HEAD MEAN, two, 2, words, sizeof words);
    assert_string_equal(words, "1..2 1..2");
    ranks_of(HEAD MEAN, many, 2, words, sizeof words);
    assert_string_equal(words, "1..1 2..2");
}

/* A deviation that the trial reports is the value's error. */
static void of_reported_deviations(void **state)
{
    static const struct given given[] = { { 0.90, 0.01, 30 },
                                          { 0.89, 0.01, 30 },
                                          { 0.80, 0.01, 30 },
                                          { 0.70, NAN, 30 } };
    char words[256];

    (void)state;
    ranks_of(HEAD BEST, given, 4, words, sizeof words);
    assert_string_equal(words, "1..2 1..2 3..3 -");
}

static void nothing_is_known_without_one(void **state)
{
    static const struct given given[] = { { 0.9, NAN, 3 }, { 0.8, NAN, 3 } };
    char words[256];

    (void)state;
    ranks_of(HEAD BEST, given, 2, words, sizeof words);
    assert_string_equal(words, "- -");
    ranks_of(HEAD "objective: [{metric: v, direction: maximize}, "
                  "{metric: w, direction: minimize}]\n",
             given, 2, words, sizeof words);
    assert_string_equal(words, "- -");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_folds),
        cmocka_unit_test(few_folds_are_unsure),
        cmocka_unit_test(of_reported_deviations),
        cmocka_unit_test(nothing_is_known_without_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
