/* display: text as a terminal shows it, made safe first.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/format/display.h"

#include <string.h>

struct range {
    uint32_t low, high;
};

/* Unicode 15: marks that combine with the character before. */
static const struct range combining[] = {
    { 0x0300, 0x036f },   { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
    { 0x0610, 0x061a },   { 0x064b, 0x065f }, { 0x0900, 0x0902 },
    { 0x0e31, 0x0e31 },   { 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e },
    { 0x1ab0, 0x1aff },   { 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff },
    { 0x3099, 0x309a },   { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
    { 0xe0100, 0xe01ef },
};

enum { PLUS_MINUS = 0xb1 };

/* East Asian Width W and F, in blocks. */
static const struct range wide[] = {
    { 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0x4dbf },
    { 0x4e00, 0xa4cf },   { 0xa960, 0xa97f },   { 0xac00, 0xd7a3 },
    { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },
    { 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff },
    { 0x1f900, 0x1f9ff }, { 0x1fa70, 0x1faff }, { 0x20000, 0x3fffd },
};

/* Controls, and characters that are invisible or turn the direction. */
static const struct range unsafe[] = {
    { 0x0000, 0x001f },   { 0x007f, 0x009f }, { 0x00ad, 0x00ad },
    { 0x061c, 0x061c },   { 0x200b, 0x200f }, { 0x2028, 0x202e },
    { 0x2060, 0x206f },   { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
    { 0xe0000, 0xe007f },
};

#define IN(code, ranges) \
    in_ranges(code, ranges, sizeof(ranges) / sizeof *(ranges))

static bool in_ranges(uint32_t code, const struct range *ranges, size_t count)
{
    size_t low = 0;

    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (code < ranges[middle].low)
            count = middle;
        else if (code > ranges[middle].high)
            low = middle + 1;
        else
            return true;
    }
    return false;
}

/* Write out what may not reach the terminal. */
static void append_escape(uint32_t code, unsigned char byte, struct text *out)
{
    if (code == '\n')
        text_append(out, "\\n");
    else if (code == '\t')
        text_append(out, "\\t");
    else if (code == UINT32_MAX || code < 0x80)
        text_format(out, "\\x%02x", byte);
    else
        text_format(out, "\\u%04x", code);
}

void display_clean(const char *s, bool utf8, struct text *out)
{
    while (*s) {
        uint32_t code;
        size_t size = text_decode(s, &code);

        if (code == UINT32_MAX || IN(code, unsafe))
            append_escape(code, (unsigned char)*s, out);
        else if (code >= 0x80 && !utf8)
            text_append(out, code == PLUS_MINUS ? "+-" : "?");
        else
            text_append_bytes(out, s, size);
        s += size;
    }
}

static int code_width(uint32_t code)
{
    if (code < 0x300)
        return 1;
    return IN(code, combining) ? 0 : IN(code, wide) ? 2 : 1;
}

int display_width(const char *clean)
{
    int width = 0;

    while (*clean) {
        uint32_t code;
        clean += text_decode(clean, &code);
        width += code_width(code);
    }
    return width;
}

int display_cut(const char *clean, int width, bool utf8, struct text *out)
{
    const char *dots = utf8 ? "\u2026" : "..";
    int room = width - (utf8 ? 1 : 2), used = 0;

    if (display_width(clean) <= width) {
        text_append(out, clean);
        return display_width(clean);
    }
    if (room < 1) {
        dots = "";
        room = width;
    }
    while (*clean) {
        uint32_t code;
        size_t size = text_decode(clean, &code);
        if (used + code_width(code) > room)
            break;
        used += code_width(code);
        text_append_bytes(out, clean, size);
        clean += size;
    }
    text_append(out, dots);
    return used + display_width(dots);
}

void display_line(const char *raw, int width, bool utf8, struct text *out)
{
    struct text clean = TEXT_INIT;

    display_clean(raw, utf8, &clean);
    if (width > 0)
        display_cut(text_get(&clean), width, utf8, out);
    else
        text_append(out, text_get(&clean));
    text_append_char(out, '\n');
    out->failed |= clean.failed;
    text_clear(&clean);
}

/* Begin a new line in place of the spaces at the end of this one. */
static void break_line(int indent, struct text *out)
{
    while (out->size > 0 && out->data[out->size - 1] == ' ')
        out->data[--out->size] = '\0';
    text_append_char(out, '\n');
    display_pad(indent, out);
}

void display_wrap(const char *clean, int width, int indent, struct text *out)
{
    struct text piece = TEXT_INIT;
    int used = 0;

    while (*clean) {
        size_t word = strcspn(clean, " ,");
        size_t spaces, size;

        word += strspn(clean + word, ",");
        spaces = strspn(clean + word, " ");
        size = word + spaces;
        text_reset(&piece);
        text_append_bytes(&piece, clean, word);
        if (width > 0 && used > indent &&
            used + display_width(text_get(&piece)) > width) {
            break_line(indent, out);
            used = indent;
        }
        text_append_bytes(out, clean, size);
        used += display_width(text_get(&piece)) + (int)spaces;
        clean += size;
    }
    text_append_char(out, '\n');
    out->failed |= piece.failed;
    text_clear(&piece);
}

void display_pad(int count, struct text *out)
{
    while (count-- > 0)
        text_append_char(out, ' ');
}
