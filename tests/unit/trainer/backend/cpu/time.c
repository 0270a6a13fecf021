/* Operations along positions against their definition in double precision, and
 * their gradients against its central differences.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/random.h"
#include "trainer/backend/backend.h"

enum { ROWS = 3, UNITS = 5, STRIDE = 16 };

static struct backend *b;

static void expect_close(const char *what, double got, double want,
                         double tolerance)
{
    if (!(fabs(got - want) <= tolerance * (1 + fabs(want))))
        fail_msg("%s: %.9g, not %.9g", what, got, want);
}

/* What one unit of one row reads, its four sums and its state. */
struct cell {
    double sum[4], c;
};

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double weighed(const struct cell *s, double dh, double dc)
{
    double c =
        sigmoid(s->sum[1] + 1) * s->c + sigmoid(s->sum[0]) * tanh(s->sum[2]);

    return dh * sigmoid(s->sum[3]) * tanh(c) + dc * c;
}

static double slope(struct cell *s, double *value, double dh, double dc)
{
    double kept = *value, up, down;

    *value = kept + 1e-5;
    up = weighed(s, dh, dc);
    *value = kept - 1e-5;
    down = weighed(s, dh, dc);
    *value = kept;
    return (up - down) / 2e-5;
}

static void draw(struct random *r, float *to, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        to[i] = (float)random_normal(r);
}

/* Row 1 has ended: its state goes on, and no gradient comes of it. */
static void test_lstm_cell(void **state)
{
    const uint32_t length[ROWS] = { 3, 2, 9 };
    float gates[ROWS * 32], sums[ROWS * 32], c0[ROWS * STRIDE];
    float h0[ROWS * STRIDE], c1[ROWS * STRIDE], h1[ROWS * STRIDE];
    float dh[ROWS * STRIDE], dc[ROWS * STRIDE], dh_was[ROWS * STRIDE];
    float dc_was[ROWS * STRIDE];
    struct random r;
    size_t row, k, g;

    (void)state;
    random_seed(&r, 4, 0);
    draw(&r, gates, ROWS * 32);
    draw(&r, c0, ROWS * STRIDE);
    draw(&r, h0, ROWS * STRIDE);
    draw(&r, dh, ROWS * STRIDE);
    draw(&r, dc, ROWS * STRIDE);
    memcpy(sums, gates, sizeof sums);
    memcpy(dh_was, dh, sizeof dh);
    memcpy(dc_was, dc, sizeof dc);
    b->ops->lstm_forward(b, ROWS, UNITS, 2, length, gates, 32, c0, h0, c1, h1,
                         STRIDE);
    b->ops->lstm_backward(b, ROWS, UNITS, 2, length, gates, 32, c0, c1, STRIDE,
                          dh, dc);
    for (row = 0; row < ROWS; row++)
        for (k = 0; k < UNITS; k++) {
            size_t at = row * STRIDE + k;
            double h = (double)dh_was[at], c = (double)dc_was[at];
            struct cell s = { .c = (double)c0[at] };

            if (row == 1) {
                assert_true(h1[at] == h0[at] && c1[at] == c0[at]);
                assert_true(dh[at] == dh_was[at] && dc[at] == dc_was[at]);
                assert_true(gates[row * 32 + k] == 0);
                continue;
            }
            for (g = 0; g < 4; g++)
                s.sum[g] = (double)sums[row * 32 + g * UNITS + k];
            expect_close("h", (double)h1[at], weighed(&s, 1, 0), 1e-5);
            expect_close("c", (double)c1[at], weighed(&s, 0, 1), 1e-5);
            for (g = 0; g < 4; g++)
                expect_close("gate", (double)gates[row * 32 + g * UNITS + k],
                             slope(&s, &s.sum[g], h, c), 1e-4);
            expect_close("dc", (double)dc[at], slope(&s, &s.c, h, c), 1e-4);
            assert_true(dh[at] == 0);
        }
}

static void test_peaks(void **state)
{
    enum { POSITIONS = 4, COLUMNS = 2 };
    const uint32_t length[] = { 4, 1 };
    float x[2 * POSITIONS * STRIDE] = { 0 }, dx[2 * POSITIONS * STRIDE];
    const float line[POSITIONS] = { 1, 3, 3, 7 };
    float out[2 * 3], dout[2 * 3] = { 10, 20, 0, 30, 40, 0 };
    uint32_t where[2 * COLUMNS];
    size_t t, i;
    double sum = 0;

    (void)state;
    for (t = 0; t < POSITIONS; t++) {
        x[t * STRIDE] = line[t];
        x[t * STRIDE + 1] = -line[t];
        x[(POSITIONS + t) * STRIDE] = line[t] - 5;
    }
    /* windows of two positions: at 0, 1, 2; of the short row at 0 alone */
    b->ops->peak_forward(b, 2, POSITIONS, 2, length, COLUMNS, x, out, 3, where);
    assert_true(out[0] == 3 && out[1] == -1 && out[3] == -4);
    assert_int_equal(where[0], 1);
    assert_int_equal(where[1], 0);
    assert_int_equal(where[2], 0);
    b->ops->peak_backward(b, 2, POSITIONS, COLUMNS, where, dout, 3, dx);
    assert_true(dx[STRIDE] == 10 && dx[1] == 20);
    assert_true(dx[POSITIONS * STRIDE] == 30);
    for (i = 0; i < 2 * POSITIONS * STRIDE; i++)
        sum += (double)dx[i];
    assert_true(sum == 100);
}

static int start(void **state)
{
    struct error err = ERROR_INIT;

    (void)state;
    b = backend_cpu(&(struct backend_options){ .threads = 1 }, &err);
    return b ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    backend_destroy(b);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lstm_cell),
        cmocka_unit_test(test_peaks),
    };
    return cmocka_run_group_tests(tests, start, end);
}
