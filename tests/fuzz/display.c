/* Any bytes on a terminal: nothing that moves the cursor, no line too wide.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "launcher/format/display.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No control character, and every byte part of a character. */
static void assert_clean(const char *s, bool utf8)
{
    while (*s) {
        uint32_t code;
        s += text_decode(s, &code);
        assert(code != UINT32_MAX && code >= 0x20 && code != 0x7f);
        assert(code < 0x80 || (utf8 && code >= 0xa0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text raw = TEXT_INIT;

    text_append_bytes(&raw, data, size);
    for (int utf8 = 0; utf8 <= 1; utf8++) {
        struct text clean = TEXT_INIT;

        display_clean(text_get(&raw), utf8, &clean);
        assert_clean(text_get(&clean), utf8);
        for (int width = 0; width < 12; width++) {
            struct text cut = TEXT_INIT;
            int taken = display_cut(text_get(&clean), width, utf8, &cut);

            assert(taken <= width);
            assert(taken == display_width(text_get(&cut)));
            text_clear(&cut);
        }
        text_clear(&clean);
    }
    text_clear(&raw);
    return 0;
}
