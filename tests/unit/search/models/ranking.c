/* ranking: who stands before whom.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "search/models/ranking.h"

static const struct space nothing;

/* A trial in 'state' that reported 'loss' at 'step' and ended with it. */
static void add(struct history *h, enum trial_state state, int64_t step,
                double loss, double constraint)
{
    int64_t number = history_add(h, NULL);

    history_report(h, number, step, loss, 0);
    if (state == TRIAL_COMPLETE || state == TRIAL_PRUNED)
        history_finish(h, number, &loss, &constraint);
    history_set_state(h, number, state);
}

/* The trials stand in the order best to worst when asked pairwise. */
static void in_order(const struct ranking *r, const size_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            if (ranking_before(r, order[i], order[j]) != (i < j))
                fail_msg("trials %zu and %zu", order[i], order[j]);
}

static void the_order_is_as_told(void **unused)
{
    static const size_t order[] = { 5, 0, 6, 7, 3, 2, 1, 8, 9, 4, 10 };
    struct ranking r = RANKING_INIT;
    struct history h;

    (void)unused;
    history_init(&h, &nothing, 1, 1);
    add(&h, TRIAL_COMPLETE, 9, 0.5, 0);  /* 0 */
    add(&h, TRIAL_PRUNED, 3, 0.4, -1);   /* 1 */
    add(&h, TRIAL_PRUNED, 3, 0.1, -1);   /* 2 */
    add(&h, TRIAL_PRUNED, 6, 0.9, -1);   /* 3: got further */
    add(&h, TRIAL_RUNNING, 9, 0.01, 0);  /* 4 */
    add(&h, TRIAL_COMPLETE, 9, 0.2, -1); /* 5 */
    add(&h, TRIAL_COMPLETE, 9, 0.5, 0);  /* 6: equal to 0 */
    add(&h, TRIAL_COMPLETE, 9, NAN, 0);  /* 7: diverged */
    add(&h, TRIAL_COMPLETE, 9, 0.1, 3);  /* 8: infeasible */
    add(&h, TRIAL_FAILED, 2, 0.1, 0);    /* 9 */
    add(&h, TRIAL_WAITING, 2, 0.1, 0);   /* 10 */
    assert_int_equal(ranking_update(&r, &h), 0);
    in_order(&r, order, 11);
    for (size_t i = 0; i < 11; i++)
        assert_int_equal(ranking_finished(&r, i), i != 4 && i != 9 && i != 10);

    static const size_t later[] = { 4, 5, 0, 6, 7, 3, 2, 1, 8, 9, 10 };
    double loss = 0.01, fine = 0;
    history_finish(&h, 4, &loss, &fine); /* the running one ends as the best */
    history_set_state(&h, 4, TRIAL_COMPLETE);
    assert_int_equal(ranking_update(&r, &h), 0);
    in_order(&r, later, 11);
    ranking_clear(&r);
    history_clear(&h);
}

static void several_objectives_rank_by_front_then_room(void **unused)
{
    static const double losses[][2] = { { 0, 10 }, { 4, 4 },  { 9, 9 },
                                        { 5, 3 },  { 10, 0 }, { NAN, NAN },
                                        { 5, 9 },  { 9, 5 } };
    static const size_t order[] = { 0, 4, 1, 3, 6, 7, 2, 5 };
    struct ranking r = RANKING_INIT;
    struct history h;

    (void)unused;
    history_init(&h, &nothing, 2, 0);
    for (int i = 0; i < 8; i++) {
        int64_t number = history_add(&h, NULL);
        history_finish(&h, number, losses[i], NULL);
        history_set_state(&h, number, TRIAL_COMPLETE);
    }
    assert_int_equal(ranking_update(&r, &h), 0);
    in_order(&r, order, 8);
    ranking_clear(&r);
    history_clear(&h);
}

/* The reference point is (11, 11): trials 0 and 2 add 5 x 1 each, the one
 * between them 5 x 5 less 4 x 4. */
static void weights_are_what_each_adds(void **unused)
{
    static const double losses[4][2] = {
        { 0, 10 }, { 5, 5 }, { 10, 0 }, { 6, 6 }
    };
    static const size_t members[5] = { 0, 1, 2, 3, 4 };
    struct ranking r = RANKING_INIT;
    double weights[5];
    struct history h;

    (void)unused;
    history_init(&h, &nothing, 2, 0);
    for (int i = 0; i < 5; i++) {
        int64_t number = history_add(&h, NULL);
        history_finish(&h, number, losses[i % 4], NULL);
        history_set_state(&h, number, i < 4 ? TRIAL_COMPLETE : TRIAL_PRUNED);
    }
    assert_int_equal(ranking_update(&r, &h), 0);
    assert_int_equal(ranking_weigh(&r, &h, members, 5, weights), 0);
    assert_true(weights[1] == 1);
    assert_true(fabs(weights[0] - 5. / 9) < 1e-12);
    assert_true(fabs(weights[2] - 5. / 9) < 1e-12);
    assert_true(weights[3] < 1e-9 && weights[4] < 1e-9);
    assert_int_equal(ranking_weigh(&r, &h, members + 4, 1, weights), 0);
    assert_true(weights[0] == 1); /* none completed: all alike */
    ranking_clear(&r);
    history_clear(&h);
}

/* Of one objective: what each gains on the next, 1 on average. */
static void gains_are_what_the_next_one_lacks(void **unused)
{
    static const double losses[] = { 1, 3, 4, INFINITY };
    static const size_t members[] = { 0, 1, 2, 3 };
    struct ranking r = RANKING_INIT;
    double weights[3];
    struct history h;

    (void)unused;
    history_init(&h, &nothing, 1, 0);
    for (int i = 0; i < 4; i++)
        add(&h, TRIAL_COMPLETE, 1, losses[i], 0);
    assert_int_equal(ranking_update(&r, &h), 0);
    ranking_weigh_gains(&r, members, 2, 2, weights);
    assert_true(fabs(weights[0] - 1.5) < 1e-12);
    assert_true(fabs(weights[1] - 0.5) < 1e-12);
    ranking_weigh_gains(&r, members, 3, 3, weights); /* endless gains */
    for (int i = 0; i < 3; i++)
        assert_true(weights[i] == 1);
    ranking_clear(&r);
    history_clear(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_is_as_told),
        cmocka_unit_test(several_objectives_rank_by_front_then_room),
        cmocka_unit_test(weights_are_what_each_adds),
        cmocka_unit_test(gains_are_what_the_next_one_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
