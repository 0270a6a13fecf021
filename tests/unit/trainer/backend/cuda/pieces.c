/* How spans are cut into pieces for a launch. The file is not in a library that
 * tests link; what it asks of the device stands here.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "trainer/backend/cuda/pieces.c"

static size_t uploads;

void *gpu_allocate(size_t bytes, struct error *e)
{
    (void)e;
    return malloc(bytes + 1);
}

static void give_back(struct backend *b, void *memory)
{
    (void)b;
    free(memory);
}

static void copy(struct backend *b, void *to, const void *from, size_t bytes)
{
    (void)b;
    uploads++;
    memcpy(to, from, bytes);
}

static const struct span spans[] = {
    { 0, 3, true },
    { 3, PIECE_VALUES, false },
    { 3 + PIECE_VALUES, 2 * PIECE_VALUES + 1, true },
};
enum { SPANS = 3, PIECES = 5 };

static void test_each_value_is_in_one_piece_of_its_span(void **state)
{
    struct piece piece[PIECES];
    uint32_t start[SPANS + 1];
    size_t at = 0, i;

    (void)state;
    assert_int_equal(pieces_cut(SPANS, spans, NULL, NULL), PIECES);
    assert_int_equal(pieces_cut(SPANS, spans, piece, start), PIECES);
    for (i = 0; i < PIECES; i++) {
        const struct span *s = &spans[piece[i].span];

        assert_int_equal(piece[i].first, at);
        assert_in_range(piece[i].end - piece[i].first, 1, PIECE_VALUES);
        assert_true(piece[i].first >= s->first &&
                    piece[i].end <= s->first + s->count);
        assert_int_equal(piece[i].decay, s->decay);
        assert_true(start[piece[i].span] <= i && i < start[piece[i].span + 1]);
        at = piece[i].end;
    }
    assert_int_equal(at, spans[2].first + spans[2].count);
    assert_int_equal(start[SPANS], PIECES);
}

static void test_the_same_spans_are_cut_once(void **state)
{
    const struct backend_ops ops = { .upload = copy, .release = give_back };
    struct backend b = { .ops = &ops };
    struct span others[SPANS];
    struct pieces p = { 0 };

    (void)state;
    memcpy(others, spans, sizeof others);
    assert_int_equal(pieces_make(&p, &b, SPANS, spans), 0);
    assert_int_equal(pieces_make(&p, &b, SPANS, others), 0);
    assert_int_equal(uploads, 2);
    assert_int_equal(p.count, PIECES);
    others[1].decay = true;
    assert_int_equal(pieces_make(&p, &b, SPANS, others), 0);
    assert_int_equal(uploads, 4);
    assert_int_equal(pieces_make(&p, &b, SPANS - 1, others), 0);
    assert_int_equal(p.count, 2);
    pieces_clear(&p, &b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_value_is_in_one_piece_of_its_span),
        cmocka_unit_test(test_the_same_spans_are_cut_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
