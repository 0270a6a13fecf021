/* Augmentation: what an image may become, and that chance is by name alone.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <string.h>

#include "trainer/batch/augment.h"

enum { CHANNELS = 2, HEIGHT = 8, WIDTH = 16, TRIES = 2000 };
enum { DOWN = HEIGHT / 8, RIGHT = WIDTH / 8, PIXELS = HEIGHT * WIDTH };

static uint8_t image[CHANNELS * PIXELS], changed[CHANNELS * PIXELS];

/* Every pixel of the picture is another. */
static int fill_image(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof image; i++)
        image[i] = (uint8_t)i;
    return 0;
}

static void test_none_is_a_copy(void **state)
{
    (void)state;
    augment_image(AUGMENT_NONE, 1, CHANNELS, HEIGHT, WIDTH, image, changed);
    assert_memory_equal(changed, image, sizeof image);
}

static bool is_mirrored(void)
{
    size_t line, x;

    for (line = 0; line < CHANNELS * HEIGHT; line++)
        for (x = 0; x < WIDTH; x++)
            if (changed[line * WIDTH + x] !=
                image[line * WIDTH + WIDTH - 1 - x])
                return false;
    return true;
}

static void test_half_are_mirrored(void **state)
{
    int mirrored = 0;
    uint64_t key;

    (void)state;
    for (key = 0; key < TRIES; key++) {
        augment_image(AUGMENT_FLIP, key, CHANNELS, HEIGHT, WIDTH, image,
                      changed);
        if (memcmp(changed, image, sizeof image) == 0)
            continue;
        assert_true(is_mirrored());
        mirrored++;
    }
    /* 1000, and five deviations of it */
    assert_in_range(mirrored, 888, 1112);
}

/* Where the middle of the first channel went to, from -DOWN, -RIGHT. */
static bool find_middle(uint8_t middle, size_t *down, size_t *right)
{
    const uint8_t *at = memchr(changed, middle, PIXELS);
    size_t place;

    if (!at)
        return false;
    place = (size_t)(at - changed);
    *down = place / WIDTH + DOWN - HEIGHT / 2;
    *right = place % WIDTH + RIGHT - WIDTH / 2;
    return true;
}

static void test_shifts_reach_all_places_and_no_other(void **state)
{
    bool seen[2 * DOWN + 1][2 * RIGHT + 1] = { 0 };
    uint8_t middle = image[HEIGHT / 2 * WIDTH + WIDTH / 2];
    size_t down = 0, right = 0, places = 0;
    uint64_t key;

    (void)state;
    for (key = 0; key < TRIES; key++) {
        augment_image(AUGMENT_SHIFT, key, CHANNELS, HEIGHT, WIDTH, image,
                      changed);
        assert_int_equal((uint8_t)(changed[0] + PIXELS), changed[PIXELS]);
        if (changed[0] > changed[WIDTH - 1])
            continue; /* mirrored */
        assert_true(find_middle(middle, &down, &right));
        assert_in_range(down, 0, 2 * DOWN);
        assert_in_range(right, 0, 2 * RIGHT);
        places += !seen[down][right];
        seen[down][right] = true;
    }
    assert_int_equal(places, (2 * DOWN + 1) * (2 * RIGHT + 1));
}

static void test_the_border_is_repeated(void **state)
{
    static const uint8_t line[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    static const uint8_t moved[2][8] = { { 1, 1, 2, 3, 4, 5, 6, 7 },
                                         { 2, 3, 4, 5, 6, 7, 8, 8 } };
    bool seen[2] = { false, false };
    uint8_t out[8];
    uint64_t key;
    int i;

    (void)state;
    for (key = 0; key < 100; key++) {
        augment_image(AUGMENT_SHIFT, key, 1, 1, 8, line, out);
        for (i = 0; i < 2; i++)
            seen[i] |= memcmp(out, moved[i], sizeof out) == 0;
    }
    assert_true(seen[0] && seen[1]);
}

static void test_the_same_key_gives_the_same_image(void **state)
{
    uint8_t again[sizeof image];

    (void)state;
    augment_image(AUGMENT_SHIFT, 77, CHANNELS, HEIGHT, WIDTH, image, changed);
    augment_image(AUGMENT_SHIFT, 77, CHANNELS, HEIGHT, WIDTH, image, again);
    assert_memory_equal(again, changed, sizeof again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none_is_a_copy),
        cmocka_unit_test(test_half_are_mirrored),
        cmocka_unit_test(test_shifts_reach_all_places_and_no_other),
        cmocka_unit_test(test_the_border_is_repeated),
        cmocka_unit_test(test_the_same_key_gives_the_same_image),
    };
    return cmocka_run_group_tests(tests, fill_image, NULL);
}
