/* A shard whose checksums are right and whose header lies is refused: sums that
 * wrap around point rows outside of the file.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trainer/data/shard.h"

static char path[] = "/tmp/sentei-shard-XXXXXX";

/* Write a shard of 'h' whose sections have the bytes that 'h' asks for, modulo
 * 2^64, and whose last token start is 'tokens'; then open it. */
static int open_with(struct shard_header h, uint64_t tokens, struct error *err)
{
    struct text sections[SHARD_SECTIONS] = { { 0 } };
    const uint64_t rows = h.row_count,
                   pixels = (uint64_t)h.image_height * h.image_width;
    const uint64_t sizes[SHARD_SECTIONS] = {
        [SHARD_LABEL] = 2 * rows,
        [SHARD_SPLIT] = rows,
        [SHARD_FOLD] = 4 * rows,
        [SHARD_VECTOR] = 4 * rows * h.vector_size,
        [SHARD_TOKEN_START] = 8 * (rows + 1),
        [SHARD_CHARACTER_START] = 8 * (rows + 1),
        [SHARD_FRAME_START] = 8 * (rows + 1),
        [SHARD_TOKEN] = tokens * 4,
        [SHARD_HASH] = 8 * rows,
        [SHARD_IMAGE] = 3 * rows * pixels,
    };
    struct shard s = { 0 };
    int rc;

    for (int i = 0; i < SHARD_SECTIONS; i++) {
        char *zeros = calloc(1, (size_t)sizes[i] + 1);

        assert_non_null(zeros);
        if (i == SHARD_TOKEN_START)
            memcpy(zeros + 8 * rows, &tokens, sizeof tokens);
        text_append_bytes(&sections[i], zeros, (size_t)sizes[i]);
        free(zeros);
    }
    assert_int_equal(shard_write(path, &h, sections, err), 0);
    rc = shard_open(&s, path, h.checksum, err);
    shard_close(&s);
    for (int i = 0; i < SHARD_SECTIONS; i++)
        text_clear(&sections[i]);
    return rc;
}

static void an_honest_one_opens(void **state)
{
    const struct shard_header h = {
        .row_count = 4, .image_height = 2, .image_width = 3, .vector_size = 5
    };
    struct error err = ERROR_INIT;

    (void)state;
    if (open_with(h, 7, &err) < 0)
        fail_msg("%s", err.what);
}

static void counts_that_wrap_around_are_refused(void **state)
{
    const struct shard_header image = { .row_count = 4,
                                        .image_height = 1u << 31,
                                        .image_width = 1u << 31 };
    struct error err = ERROR_INIT;

    (void)state;
    assert_int_equal(open_with(image, 0, &err), -1);
    assert_non_null(strstr(err.what, "impossible counts"));
}

static void starts_that_wrap_around_are_refused(void **state)
{
    const struct shard_header h = { .row_count = 1 };
    struct error err = ERROR_INIT;

    (void)state;
    assert_int_equal(open_with(h, UINT64_C(1) << 62, &err), -1);
    assert_non_null(strstr(err.what, "section token_start"));
}

static int make_file(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_honest_one_opens),
        cmocka_unit_test(counts_that_wrap_around_are_refused),
        cmocka_unit_test(starts_that_wrap_around_are_refused),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
