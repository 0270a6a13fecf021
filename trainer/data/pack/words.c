/* words: a text as hashes of its words.
 *
 * Tables of code points stand here rather than the C library's locale, so
 * that every machine cuts the same words.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/pack/words.h"

#include "trainer/data/hash.h"

enum kind { SEPARATES, IN_WORD, WHOLE_WORD, APOSTROPHE };

/* What the characters from 'first' on are, up to the next row's. */
static const struct {
    uint32_t first;
    enum kind kind;
} kinds[] = {
    { 0, SEPARATES },       { '\'', APOSTROPHE },   { '(', SEPARATES },
    { '0', IN_WORD },       { ':', SEPARATES },     { 'A', IN_WORD },
    { '[', SEPARATES },     { 'a', IN_WORD },       { '{', SEPARATES },
    { 0xAA, IN_WORD },      { 0xAB, SEPARATES },    { 0xB5, IN_WORD },
    { 0xB6, SEPARATES },    { 0xBA, IN_WORD },      { 0xBB, SEPARATES },
    { 0xC0, IN_WORD },      { 0xD7, SEPARATES },    { 0xD8, IN_WORD },
    { 0xF7, SEPARATES },    { 0xF8, IN_WORD },      { 0x2C2, SEPARATES },
    { 0x300, IN_WORD },     { 0x37E, SEPARATES },   { 0x386, IN_WORD },
    { 0x387, SEPARATES },   { 0x388, IN_WORD },     { 0x482, SEPARATES },
    { 0x483, IN_WORD },     { 0x55A, SEPARATES },   { 0x561, IN_WORD },
    { 0x589, SEPARATES },   { 0x591, IN_WORD },     { 0x5F3, SEPARATES },
    { 0x610, IN_WORD },     { 0x61B, SEPARATES },   { 0x620, IN_WORD },
    { 0x66A, SEPARATES },   { 0x66E, IN_WORD },     { 0x6D4, SEPARATES },
    { 0x6D5, IN_WORD },     { 0x700, SEPARATES },   { 0x900, IN_WORD },
    { 0x964, SEPARATES },   { 0x966, IN_WORD },     { 0x2000, SEPARATES },
    { 0x2019, APOSTROPHE }, { 0x201A, SEPARATES },  { 0x3005, WHOLE_WORD },
    { 0x3008, SEPARATES },  { 0x3041, WHOLE_WORD }, { 0x30A0, SEPARATES },
    { 0x30A1, IN_WORD },    { 0x30FB, SEPARATES },  { 0x30FC, IN_WORD },
    { 0x3100, WHOLE_WORD }, { 0x3200, SEPARATES },  { 0x3400, WHOLE_WORD },
    { 0xA000, IN_WORD },    { 0xD800, SEPARATES },  { 0xF900, WHOLE_WORD },
    { 0xFB00, IN_WORD },    { 0xFE10, SEPARATES },  { 0xFE70, IN_WORD },
    { 0xFEFF, SEPARATES },  { 0xFF66, IN_WORD },    { 0xFFE0, SEPARATES },
    { 0x10000, IN_WORD },   { 0x1D400, SEPARATES }, { 0x20000, WHOLE_WORD },
    { 0xE0000, SEPARATES },
};

static enum kind kind_of(uint32_t c)
{
    size_t low = 0, high = sizeof kinds / sizeof *kinds;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (kinds[middle].first <= c)
            low = middle;
        else
            high = middle;
    }
    return kinds[low].kind;
}

/* Lower case: characters first..last, each or every second of them, are
 * 'distance' below their small form. */
static const struct {
    uint32_t first, last;
    uint8_t step;
    uint8_t distance;
} capitals[] = {
    { 'A', 'Z', 1, 32 },     { 0xC0, 0xDE, 1, 32 },   { 0x100, 0x12E, 2, 1 },
    { 0x132, 0x136, 2, 1 },  { 0x139, 0x147, 2, 1 },  { 0x14A, 0x176, 2, 1 },
    { 0x179, 0x17D, 2, 1 },  { 0x391, 0x3AB, 1, 32 }, { 0x400, 0x40F, 1, 80 },
    { 0x410, 0x42F, 1, 32 }, { 0x460, 0x480, 2, 1 },  { 0x48A, 0x4BE, 2, 1 },
};

static uint32_t lower(uint32_t c)
{
    if (c >= 0xFF01 && c <= 0xFF5E) /* full-width forms of ASCII */
        c -= 0xFEE0;
    for (size_t i = 0; i < sizeof capitals / sizeof *capitals; i++)
        if (c >= capitals[i].first && c <= capitals[i].last)
            return (c - capitals[i].first) % capitals[i].step == 0
                       ? c + capitals[i].distance
                       : c;
    return c;
}

/* Not a character: a lone surrogate. */
static const uint32_t NO_UTF8 = 0xD800;

/* The next character, stepping '*at' over it; NO_UTF8, which separates, for a
 * byte that is no UTF-8 (overlong forms and surrogates among them). */
static uint32_t next_character(const unsigned char **at)
{
    static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
    const unsigned char *p = *at;
    const int more = *p < 0x80             ? 0
                     : (*p & 0xE0) == 0xC0 ? 1
                     : (*p & 0xF0) == 0xE0 ? 2
                     : (*p & 0xF8) == 0xF0 ? 3
                                           : -1;
    *at = p + 1;
    if (more < 0)
        return NO_UTF8;
    uint32_t c = more ? *p & (0x3Fu >> more) : *p;
    for (int i = 1; i <= more; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return NO_UTF8;
        c = c << 6 | (p[i] & 0x3F);
    }
    if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        return NO_UTF8;
    *at = p + 1 + more;
    return c;
}

static void append_character(struct text *out, uint32_t c)
{
    if (c < 0x80) {
        text_append_char(out, (char)c);
        return;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    text_append_char(out, (char)(0xFF00u >> (more + 1) | c >> (6 * more)));
    while (more-- > 0)
        text_append_char(out, (char)(0x80 | (c >> (6 * more) & 0x3F)));
}

/* Cut the next word from '*at' into 'word'; false when there is none. */
static bool next_word(const unsigned char **at, struct text *word)
{
    text_reset(word);
    while (**at) {
        const unsigned char *here = *at;
        const uint32_t c = lower(next_character(at));
        const enum kind kind = kind_of(c);
        if (kind == WHOLE_WORD && word->size > 0) {
            *at = here;
            return true;
        }
        if (kind == APOSTROPHE && word->size > 0) {
            const unsigned char *after = *at;
            if (kind_of(lower(next_character(&after))) != IN_WORD)
                return true;
            text_append_char(word, '\'');
            continue;
        }
        if (kind == IN_WORD || kind == WHOLE_WORD)
            append_character(word, c);
        else if (word->size > 0)
            return true;
        if (kind == WHOLE_WORD)
            return true;
    }
    return word->size > 0;
}

uint32_t words_hash(const char *word, size_t size)
{
    const uint32_t hash = (uint32_t)hash_bytes(word, size, 0);
    return hash ? hash : 1;
}

void words_append(const char *string, struct text *out)
{
    const unsigned char *at = (const unsigned char *)string;
    struct text word = TEXT_INIT;
    while (next_word(&at, &word)) {
        const uint32_t hash = words_hash(word.data, word.size);
        text_append_bytes(out, &hash, sizeof hash);
    }
    out->failed |= word.failed;
    text_clear(&word);
}

/* Where the character after 'at' begins. */
static size_t next_start(const struct text *word, size_t at)
{
    for (at++;
         at < word->size && ((unsigned char)word->data[at] & 0xC0) == 0x80;)
        at++;
    return at;
}

static void append_ngrams(const struct text *word, int low, int high,
                          struct text *out)
{
    for (size_t first = 0; first < word->size;
         first = next_start(word, first)) {
        size_t end = first;
        for (int n = 1; n <= high && end < word->size; n++) {
            end = next_start(word, end);
            if (n < low)
                continue;
            const uint32_t hash = words_hash(word->data + first, end - first);
            text_append_bytes(out, &hash, sizeof hash);
        }
    }
}

void words_append_characters(const char *string, int low, int high,
                             struct text *out)
{
    const unsigned char *at = (const unsigned char *)string;
    struct text word = TEXT_INIT, marked = TEXT_INIT;
    while (next_word(&at, &word)) {
        text_reset(&marked);
        text_format(&marked, "<%s>", word.data);
        append_ngrams(&marked, low, high, out);
    }
    out->failed |= word.failed | marked.failed;
    text_clear(&word);
    text_clear(&marked);
}

void words_format(const char *string, struct text *out)
{
    const unsigned char *at = (const unsigned char *)string;
    struct text word = TEXT_INIT;
    for (bool first = true; next_word(&at, &word); first = false)
        text_format(out, "%s%s", first ? "" : " ", word.data);
    out->failed |= word.failed;
    text_clear(&word);
}

bool words_valid(const char *string)
{
    const unsigned char *at = (const unsigned char *)string;
    while (*at)
        if (next_character(&at) == NO_UTF8)
            return false;
    return true;
}
