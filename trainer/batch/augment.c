/* See augment.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/batch/augment.h"

#include <stdbool.h>
#include <string.h>

#include "base/random.h"

enum { SHIFT_PART = 8 }; /* of a side */

const char *const augment_names[] = { "none", "flip", "shift", NULL };

/* Where the pixels of an image come from. */
struct change {
    bool mirrored;
    ptrdiff_t down, right;
};

static ptrdiff_t draw_shift(struct random *random, size_t side)
{
    ptrdiff_t most = (ptrdiff_t)(side / SHIFT_PART);

    return (ptrdiff_t)random_below(random, 2 * (uint64_t)most + 1) - most;
}

static struct change draw_change(enum augment how, uint64_t key, size_t height,
                                 size_t width)
{
    struct change c = { false, 0, 0 };
    struct random random;

    random_seed(&random, key, 0);
    c.mirrored = random_below(&random, 2) == 1;
    if (how == AUGMENT_SHIFT) {
        c.down = draw_shift(&random, height);
        c.right = draw_shift(&random, width);
    }
    return c;
}

/* Place 'at' moved by 'shift', kept inside 'side'. */
static size_t source_of(size_t at, ptrdiff_t shift, size_t side)
{
    ptrdiff_t place = (ptrdiff_t)at - shift, last = (ptrdiff_t)side - 1;

    return (size_t)(place < 0 ? 0 : place > last ? last : place);
}

static void copy_line(const struct change *c, size_t width, const uint8_t *from,
                      uint8_t *to)
{
    size_t x, place;

    for (x = 0; x < width; x++) {
        place = source_of(x, c->right, width);
        to[x] = from[c->mirrored ? width - 1 - place : place];
    }
}

void augment_image(enum augment how, uint64_t key, size_t channels,
                   size_t height, size_t width, const uint8_t *from,
                   uint8_t *to)
{
    size_t plane = height * width, channel, y;
    struct change c;

    if (how == AUGMENT_NONE) {
        memcpy(to, from, channels * plane);
        return;
    }
    c = draw_change(how, key, height, width);
    for (channel = 0; channel < channels; channel++)
        for (y = 0; y < height; y++)
            copy_line(&c, width,
                      from + channel * plane +
                          source_of(y, c.down, height) * width,
                      to + channel * plane + y * width);
}
