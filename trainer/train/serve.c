/* See serve.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/train/serve.h"

#include "trainer/train/best.h"
#include "trainer/train/helper.h"
#include "trainer/train/judge.h"

/* The same training, on a processor and without what is for steps. */
static struct config config_of_helper(const struct config *c)
{
    struct config mine = *c;

    mine.backend = "cpu";
    if (!backend_has(mine.backend, mine.precision))
        mine.precision = PRECISION_FP32;
    mine.late = false;
    return mine;
}

int serve(const struct config *c, const char *folder, struct error *err)
{
    static const volatile sig_atomic_t never; /* the team decides when to end */
    struct config mine = config_of_helper(c);
    struct comm alone;
    const struct wireup up = { .comm = &alone, .local_size = 1, .nodes = 1 };
    struct training t;
    int rc;

    comm_self(&alone);
    rc = train_open(&t, &mine, &up, NULL, folder, &never, err);
    while (rc == 0 && helper_await(&t)) {
        if (judge_rows(&t, err) < 0 || best_keep(&t, err) < 0)
            rc = -1;
        else
            helper_answer(&t);
    }
    train_close(&t);
    return rc;
}
