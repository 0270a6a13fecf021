/* wilcoxon: p-values against those of scipy.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "search/math/wilcoxon.h"
#include "tests/unit/search/math/wilcoxon_reference.h"

static void as_scipy(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof reference / sizeof *reference; i++) {
        double p = wilcoxon_above(reference[i].d, reference[i].count);

        if (!(fabs(p - reference[i].p) <= 1e-12 * reference[i].p))
            fail_msg("case %zu, %zu differences: %.17g, not %.17g", i,
                     reference[i].count, p, reference[i].p);
    }
}

static void corners(void **unused)
{
    static const double infinite[] = { INFINITY, INFINITY, -1 };
    static const double huge[] = { 1e308, -1e-308, 0 };
    double zeros[100] = { 0 };

    (void)unused;
    assert_true(isnan(wilcoxon_above(infinite, 0)));
    assert_true(wilcoxon_above(infinite, 3) == 0.25); /* 5 of 6: 2 of 8 */
    assert_true(wilcoxon_above(huge, 3) == 0.5);
    assert_true(wilcoxon_above(zeros, 20) == 1);
    assert_true(wilcoxon_above(zeros, 100) == 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_scipy),
        cmocka_unit_test(corners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
