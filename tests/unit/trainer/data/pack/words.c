/* Words: what a title is cut into, whatever its script.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "trainer/data/hash.h"
#include "trainer/data/pack/words.h"

static void texts_are_cut_into_words(void **state)
{
    const struct {
        const char *text, *words;
    } rows[] = {
        { "", "" },
        { " .,!? ", "" },
        { "Hello, World", "hello world" },
        { "so pretty!love it", "so pretty love it" },
        { "I don't 'quote' dogs'", "i don't quote dogs" },
        { "don\xE2\x80\x99t", "don't" }, /* typographic apostrophe */
        { "100% new 5-inch", "100 new 5 inch" },
        { "ÉCLAIR Ünïte Ğ ĲSSEL", "éclair ünïte ğ ĳssel" },
        { "ΑΘΗΝΑ МОСКВА Ёлка", "αθηνα москва ёлка" },
        { "新品バッグ", "新 品 バッグ" },
        { "即購入OK", "即 購 入 ok" },
        { "あり 1円", "あ り 1 円" },
        { "ＡＢＣ　１２３", "abc 123" }, /* full-width */
        { "안녕하세요 세계", "안녕하세요 세계" },
        { "a\xFF"
          "b",
          "a b" },        /* no UTF-8 */
        { "a\xC3", "a" }, /* cut off */
        { "a\xE3\x81", "a" },
        { "\xC0\xAFx\xED\xA0\x80y", "x y" }, /* overlong, surrogate */
        { "x'", "x" },
        { "a''b", "a b" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text out = TEXT_INIT;
        words_format(rows[i].text, &out);
        assert_string_equal(text_get(&out), rows[i].words);
        text_clear(&out);
    }
}

static void hashes_follow_the_words(void **state)
{
    struct text a = TEXT_INIT, b = TEXT_INIT;
    (void)state;
    words_append("Fun AND Flirty", &a);
    words_append("fun, and: flirty...", &b);
    assert_int_equal(a.size, 3 * sizeof(uint32_t));
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, a.size);
    const uint32_t fun = words_hash("fun", 3);
    assert_memory_equal(a.data, &fun, sizeof fun);
    assert_int_equal(fun, (uint32_t)hash_bytes("fun", 3, 0));
    assert_int_not_equal(fun, words_hash("fur", 3));
    text_clear(&a);
    text_clear(&b);
}

/* XXH3's own test vectors: the empty input, seeds 0 and PRIME64. */
static void the_hash_is_xxh3(void **state)
{
    (void)state;
    assert_true(hash_bytes(NULL, 0, 0) == 0x2D06800538D394C2ULL);
    assert_true(hash_bytes("", 0, 0x9E3779B185EBCA8DULL) ==
                0xA8A6B918B2F0364AULL);
    assert_true(hash_string("abc", 7) == hash_bytes("abc", 3, 7));
    assert_true(hash_string("abc", 7) != hash_string("abc", 8));
}

static void validity(void **state)
{
    (void)state;
    assert_true(words_valid(""));
    assert_true(words_valid("plain, 新品, Ünïte \xF0\x9F\x98\x80"));
    assert_false(words_valid("\x8A\x7E")); /* Shift JIS */
    assert_false(words_valid("caf\xE9"));  /* Latin-1 */
    assert_false(words_valid("\xF4\x90\x80\x80"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_cut_into_words),
        cmocka_unit_test(hashes_follow_the_words),
        cmocka_unit_test(the_hash_is_xxh3),
        cmocka_unit_test(validity),
    };
    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
