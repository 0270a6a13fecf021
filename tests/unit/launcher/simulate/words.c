/* words: commands cut into words.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "launcher/simulate/words.h"

static const struct {
    const char *string;
    const char *words[4]; /* none: an error */
} cases[] = {
    { "cat", { "cat" } },
    { "  a\tb \n c ", { "a", "b", "c" } },
    { "awk 'a b' x", { "awk", "a b", "x" } },
    { "p \"it's\" 'say \"x\"'", { "p", "it's", "say \"x\"" } },
    { "p a\\ b \"c\\\"d\"", { "p", "a b", "c\"d" } },
    { "p '' \"\"", { "p", "", "" } },
    { "p a'b'c 'x\\y'", { "p", "abc", "x\\y" } },
    { "p $HOME;ls", { "p", "$HOME;ls" } },
    { "p \\", { "p", "\\" } },
    { "", { NULL } },
    { " \n", { NULL } },
    { "p 'open", { NULL } },
    { "p \"open", { NULL } },
};

static void commands_are_cut_into_words(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = ERROR_INIT;
        char **words = words_split(cases[i].string, &err);
        size_t k = 0;

        if (!cases[i].words[0]) {
            assert_null(words);
            assert_int_equal(err.kind, ERROR_USAGE);
            continue;
        }
        assert_non_null(words);
        for (; k < 4 && cases[i].words[k]; k++) {
            assert_non_null(words[k]);
            assert_string_equal(words[k], cases[i].words[k]);
        }
        assert_null(words[k]);
        words_free(words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_cut_into_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
