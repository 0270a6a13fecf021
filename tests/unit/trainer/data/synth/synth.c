/* Made-up listings: rare positives, odd prices, and the same set by either
 * way.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "trainer/data/pack/pack.h"
#include "trainer/data/pack/words.h"
#include "trainer/data/synth/listing.h"
#include "trainer/data/synth/synth.h"

static void listings_are_what_a_market_has(void **state)
{
    enum { ROWS = 20000 };
    struct listing l = { .title = TEXT_INIT };
    size_t positives = 0, one_yen = 0, negative = 0, huge = 0, risky[2] = { 0 },
           unknown_seller[2] = { 0 }, classes[2];
    (void)state;
    for (uint64_t i = 0; i < ROWS; i++) {
        listing_make(&l, 1, i);
        positives += l.counterfeit;
        one_yen += l.price == 1;
        negative += l.price < 0;
        huge += l.price > 9e7;
        risky[l.counterfeit] += l.kind < 4;
        unknown_seller[l.counterfeit] += l.sales < 2;
        assert_in_range(l.title.size, 1, 200);
        assert_true(words_valid(l.title.data));
    }
    classes[0] = ROWS - positives;
    classes[1] = positives;
    assert_in_range(positives, ROWS * 0.015, ROWS * 0.025);
    assert_in_range(one_yen, ROWS * 0.02, ROWS * 0.04);
    assert_true(negative > 0 && huge > 0);
    /* positives are where counterfeits are, by a factor, and not only there */
    assert_true(risky[1] * classes[0] > 3 * risky[0] * classes[1] / 2);
    assert_true(unknown_seller[1] * classes[0] >
                3 * unknown_seller[0] * classes[1]);
    assert_true(risky[1] < classes[1] && unknown_seller[1] < classes[1]);
    text_clear(&l.title);
}

static void a_listing_is_named_by_seed_and_number(void **state)
{
    enum { BYTES = 3 * LISTING_SIDE * LISTING_SIDE };
    struct listing a = { .title = TEXT_INIT }, b = { .title = TEXT_INIT };
    uint8_t first[BYTES], second[BYTES];
    (void)state;
    listing_make(&a, 5, 7);
    listing_make(&b, 6, 7);
    listing_make(&b, 5, 7);
    assert_string_equal(a.title.data, b.title.data);
    assert_true(a.price == b.price && a.seller == b.seller);
    listing_draw(&a, 5, 7, first);
    listing_draw(&b, 5, 7, second);
    assert_memory_equal(first, second, BYTES);
    listing_draw(&b, 6, 7, second);
    assert_memory_not_equal(first, second, BYTES);
    text_clear(&a.title);
    text_clear(&b.title);
}

static char *read_set(const char *folder, size_t *size)
{
    char path[128], *data = NULL;
    snprintf(path, sizeof path, "%s/dataset.json", folder);
    assert_int_equal(file_read(path, 1 << 24, &data, size, NULL), 0);
    return data;
}

/* Packed at once, or written as files and those packed: dataset.json, which
 * has the checksums of all shards, is the same. */
static void check_both_ways(const char *name)
{
    enum { ROWS = 300 };
    struct error err = ERROR_INIT;
    char folder[] = "/tmp/sentei-synth-XXXXXX", path[128], command[64];
    const struct pack_options one = { .threads = 1 }, two = { .threads = 2 };
    const struct synth_set *set = synth_find(name, &err);
    struct description d;
    size_t size[2], skipped;
    assert_non_null(set);
    assert_non_null(mkdtemp(folder));

    assert_int_equal(synth_describe(set, &d, &err), 0);
    struct source *source = synth_open(set, &d, ROWS, 3, &err);
    assert_non_null(source);
    snprintf(path, sizeof path, "%s/direct", folder);
    assert_int_equal(pack_run(&d, source, path, &two, &skipped, &err), 0);
    char *direct = read_set(path, &size[0]);
    source->destroy(source);
    description_clear(&d);

    snprintf(path, sizeof path, "%s/raw", folder);
    assert_int_equal(synth_write(set, path, ROWS, 3, &err), 0);
    snprintf(path, sizeof path, "%s/raw/%s.data.yaml", folder, name);
    assert_int_equal(description_read(&d, path, &err), 0);
    snprintf(path, sizeof path, "%s/raw", folder);
    source = source_open_files(&d, path, &err);
    assert_non_null(source);
    snprintf(path, sizeof path, "%s/packed", folder);
    assert_int_equal(pack_run(&d, source, path, &one, &skipped, &err), 0);
    char *packed = read_set(path, &size[1]);
    source->destroy(source);
    description_clear(&d);

    assert_int_equal(size[0], size[1]);
    assert_memory_equal(direct, packed, size[0]);
    free(direct);
    free(packed);
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    assert_int_equal(system(command), 0);
}

static void both_ways_give_the_same_bytes(void **state)
{
    struct error err = ERROR_INIT;
    (void)state;
    check_both_ways("listings");
    check_both_ways("kinds");
    check_both_ways("frames");
    assert_null(synth_find("frame", &err));
    assert_string_equal(err.what, "no set is called 'frame'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listings_are_what_a_market_has),
        cmocka_unit_test(a_listing_is_named_by_seed_and_number),
        cmocka_unit_test(both_ways_give_the_same_bytes),
    };
    return cmocka_run_group_tests_name("synth", tests, NULL, NULL);
}
