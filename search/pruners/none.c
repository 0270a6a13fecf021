/* none: every trial runs to its end.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/pruner.h"

static int none_create(void **state, struct reader *options, struct error *err)
{
    (void)state, (void)options, (void)err;
    return 0;
}

static enum decision none_judge(void *state, const struct history *h,
                                int64_t number)
{
    (void)state, (void)h, (void)number;
    return DECISION_CONTINUE;
}

static void none_describe(const void *state, struct text *out)
{
    (void)state;
    text_append(out, "every trial runs to its end");
}

static void none_destroy(void *state)
{
    (void)state;
}

const struct pruner pruner_none = {
    .name = "none",
    .create = none_create,
    .judge = none_judge,
    .describe = none_describe,
    .destroy = none_destroy,
};
