/* A set of made-up acoustic frames: which of ten sounds is the middle one?
 *
 * A row is what a frame classifier of a speech recogniser looks at: eleven
 * frames of thirteen numbers, cut out of a stream in which sounds follow each
 * other, each lasting some frames. A frame is its sound's middle, moved by the
 * speaker and by noise, and half of it is the frame before: so the neighbours
 * help to tell sounds apart.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "base/random.h"
#include "trainer/data/synth/set.h"

enum { SOUNDS = 10, FRAMES = 11, VALUES = 13 };
#define CHANGE  0.15 /* chance of another sound in the next frame */
#define SPEAKER 0.5  /* deviations */
#define NOISE   1.0
#define SPREAD  0.8 /* of the sounds' middles */

enum { STREAM_SOUND = 11, STREAM_ROW = 12 };

struct window {
    unsigned sound; /* of the middle frame */
    double value[FRAMES][VALUES];
};

/* The middle of a sound: the same in every set. */
static void find_middle(unsigned sound, double middle[VALUES])
{
    struct random r;
    int k;

    random_seed(&r, STREAM_SOUND, sound);
    for (k = 0; k < VALUES; k++)
        middle[k] = SPREAD * random_normal(&r);
}

static int make(void *row, uint64_t seed, uint64_t number)
{
    struct window *w = row;
    double speaker[VALUES], middle[VALUES], before;
    struct random r;
    unsigned sound;
    int i, k;

    random_seed(&r, random_mix(seed) + STREAM_ROW, number);
    for (k = 0; k < VALUES; k++)
        speaker[k] = SPEAKER * random_normal(&r);
    sound = (unsigned)random_below(&r, SOUNDS);
    for (i = 0; i < FRAMES; i++) {
        if (random_uniform(&r) < CHANGE)
            sound = (unsigned)random_below(&r, SOUNDS);
        find_middle(sound, middle);
        for (k = 0; k < VALUES; k++) {
            before = i > 0 ? w->value[i - 1][k] : middle[k];
            w->value[i][k] = (before + middle[k] + speaker[k]) / 2 +
                             NOISE * random_normal(&r);
        }
        if (i == FRAMES / 2)
            w->sound = sound;
    }
    return 0;
}

static void clear(void *row)
{
    (void)row;
}

static void say_sound(const void *row, uint64_t number, struct text *t)
{
    const struct window *w = row;

    (void)number;
    text_format(t, "s%u", w->sound);
}

static void say_frames(const void *row, uint64_t number, struct text *t)
{
    const struct window *w = row;
    int i, k;

    (void)number;
    for (i = 0; i < FRAMES; i++)
        for (k = 0; k < VALUES; k++)
            text_format(t, "%s%.3f",
                        k > 0   ? " "
                        : i > 0 ? "; "
                                : "",
                        w->value[i][k]);
}

static const struct synth_column columns[] = {
    { "sound", say_sound },
    { "frames", say_frames },
};

const struct synth_set synth_frames = {
    .name = "frames",
    .table = "frames.csv",
    .description =
        "# Made-up acoustic frames; which sound is the middle one?\n"
        "dataset: frames\n"
        "files: frames.csv\n"
        "label: {column: sound, classes: [s0, s1, s2, s3, s4, s5, s6, s7, s8, "
        "s9]}\n"
        "sequence: {column: frames, size: 13}\n"
        "split: {validation: 0.25, test: 0.1}\n",
    .columns = columns,
    .column_count = sizeof columns / sizeof *columns,
    .row_bytes = sizeof(struct window),
    .make = make,
    .clear = clear,
};
