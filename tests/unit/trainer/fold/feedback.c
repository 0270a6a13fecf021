/* Weights from validation: a category with a high loss weighs more, one with
 * few rows little else than 1, and none more than the limit.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trainer/data/writer.h"
#include "trainer/fold/feedback.h"
#include "trainer/fold/fold.h"

/* Categories: 0 has no rows, 1 is judged well, 2 badly, 3 badly by one row. */
enum { ROWS = 201 };

static struct dataset *make(const char *folder)
{
    struct category_field field = { (char[]){ "kind" }, 4 };
    struct dataset shape = { .name = (char[]){ "made" },
                             .category_count = 1,
                             .category = &field,
                             .classes = 2 };
    struct error err = ERROR_INIT;
    struct writer *w = writer_open(folder, &shape, &err);
    uint32_t i;

    assert_non_null(w);
    for (i = 0; i < ROWS; i++) {
        uint32_t category = i < 100 ? 1 : i < 200 ? 2 : 3;
        struct row row = { .label = (float)(i % 2), .category = &category };

        assert_int_equal(writer_append(w, &row, &err), 0);
    }
    assert_int_equal(writer_finish(w, NULL, &err), 0);
    writer_close(w);
    return dataset_open(folder, &err);
}

static void test_weights_follow_the_loss(void **state)
{
    char folder[] = "/tmp/sentei-feedback-XXXXXX";
    struct config c = { .sampling = { .by = "kind" },
                        .feedback = { 2, 3, 20, NULL } };
    uint32_t rows[ROWS];
    float label[ROWS], logit[ROWS];
    struct part part = { rows, label, logit, ROWS };
    struct error err = ERROR_INIT;
    struct dataset *data;
    struct feedback f;
    char command[64];
    size_t i;

    (void)state;
    assert_non_null(mkdtemp(folder));
    data = make(folder);
    assert_non_null(data);
    for (i = 0; i < ROWS; i++) {
        rows[i] = (uint32_t)i;
        label[i] = (float)(i % 2);
        logit[i] = (i < 100 ? 3.0f : 0.1f) * (label[i] > 0 ? 1 : -1);
    }
    logit[0] = -logit[0];
    assert_int_equal(feedback_init(&f, &c, data, &part, &err), 0);
    assert_int_equal(f.count, 4);
    assert_int_equal(f.score[2].trained_positives, 50);
    assert_int_equal(feedback_learn(&f, &c, data, &part, 1, &err), 0);
    for (i = 0; i < 4; i++)
        assert_true(f.now[i] == 1);
    assert_true(f.next[0] > 0.999 && f.next[0] < 1.001);
    assert_true(f.next[1] > 0.33 && f.next[1] < 0.5);
    assert_true(f.next[2] > 2 && f.next[2] <= 3);
    assert_true(f.next[3] > 1 && f.next[3] < 1.3);
    assert_int_equal(f.score[1].right, 99);
    assert_int_equal(f.score[2].positive_right, 50);
    assert_int_equal(feedback_learn(&f, &c, data, &part, 1, &err), 0);
    assert_true(f.now[2] > 2);
    feedback_clear(&f);
    dataset_close(data);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights_follow_the_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
