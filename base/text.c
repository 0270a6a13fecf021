/* text: see text.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- growing ---------------------------------------------------------- */

void text_clear(struct text *t)
{
    free(t->data);
    *t = (struct text)TEXT_INIT;
}

void text_reset(struct text *t)
{
    t->size = 0;
    t->failed = false;
    if (t->data)
        t->data[0] = '\0';
}

/* Room for 'more' bytes and a NUL. */
static bool reserve(struct text *t, size_t more)
{
    size_t capacity = t->capacity ? t->capacity : 64;
    char *data;

    if (t->failed || more > SIZE_MAX / 4 || t->size > SIZE_MAX / 4) {
        t->failed = true;
        return false;
    }
    while (capacity < t->size + more + 1)
        capacity *= 2;
    if (capacity == t->capacity)
        return true;
    data = realloc(t->data, capacity);
    if (!data) {
        t->failed = true;
        return false;
    }
    t->data = data;
    t->capacity = capacity;
    return true;
}

void text_append_bytes(struct text *t, const void *bytes, size_t size)
{
    if (!reserve(t, size))
        return;
    if (size > 0)
        memcpy(t->data + t->size, bytes, size);
    t->size += size;
    t->data[t->size] = '\0';
}

void text_append(struct text *t, const char *string)
{
    text_append_bytes(t, string, strlen(string));
}

void text_append_char(struct text *t, char c)
{
    text_append_bytes(t, &c, 1);
}

void text_vformat(struct text *t, const char *format, va_list args)
{
    va_list again;
    int size;

    va_copy(again, args);
    size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (size < 0) {
        t->failed = true;
        return;
    }
    if (!reserve(t, (size_t)size))
        return;
    vsnprintf(t->data + t->size, (size_t)size + 1, format, args);
    t->size += (size_t)size;
}

void text_format(struct text *t, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    text_vformat(t, format, args);
    va_end(args);
}

const char *text_get(const struct text *t)
{
    return t->data ? t->data : "";
}

void text_append_quoted(struct text *t, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_./:@%+,=-";

    if (*word && strspn(word, plain) == strlen(word)) {
        text_append(t, word);
        return;
    }
    text_append_char(t, '\'');
    for (; *word; word++)
        if (*word == '\'')
            text_append(t, "'\\''");
        else
            text_append_char(t, *word);
    text_append_char(t, '\'');
}

char *text_take(struct text *t)
{
    char *data;

    text_append_bytes(t, "", 0); /* an empty string is a string, too */
    data = t->data;
    if (t->failed) {
        text_clear(t);
        return NULL;
    }
    *t = (struct text)TEXT_INIT;
    return data;
}

char *text_copy(const char *string)
{
    return string ? strdup(string) : NULL;
}

char *text_print(const char *format, ...)
{
    struct text t = TEXT_INIT;
    va_list args;

    va_start(args, format);
    text_vformat(&t, format, args);
    va_end(args);
    return text_take(&t);
}

/* ---- characters ------------------------------------------------------- */

size_t text_decode(const char *s, uint32_t *code)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *u = (const unsigned char *)s;
    size_t size = u[0] < 0x80             ? 1
                  : (u[0] & 0xe0) == 0xc0 ? 2
                  : (u[0] & 0xf0) == 0xe0 ? 3
                  : (u[0] & 0xf8) == 0xf0 ? 4
                                          : 0;
    uint32_t value = size > 1 ? u[0] & (0x7fu >> size) : u[0];

    *code = UINT32_MAX;
    if (size == 0)
        return 1;
    for (size_t i = 1; i < size; i++) {
        if ((u[i] & 0xc0) != 0x80)
            return 1;
        value = value << 6 | (u[i] & 0x3f);
    }
    if (value < least[size] || value > 0x10ffff ||
        (value >= 0xd800 && value <= 0xdfff))
        return 1;
    *code = value;
    return size;
}

void text_make_plain(char *s)
{
    while (*s) {
        uint32_t code;
        size_t size = text_decode(s, &code);

        if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code == UINT32_MAX)
            memset(s, '?', size);
        s += size;
    }
}

/* ---- numbers ---------------------------------------------------------- */

void text_append_double(struct text *t, double value)
{
    char digits[40];

    if (isnan(value)) {
        text_append(t, "nan");
        return;
    }
    if (isinf(value)) {
        text_append(t, value > 0 ? "inf" : "-inf");
        return;
    }
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value)
            break;
    }
    text_append(t, digits);
}

void text_append_float(struct text *t, double value)
{
    size_t before = t->size;

    text_append_double(t, value);
    if (!t->failed && !strpbrk(t->data + before, ".e"))
        text_append(t, ".0");
}

int text_to_int(const char *string, int64_t *out)
{
    char *end;
    long long value;

    if (!isdigit((unsigned char)string[0]) &&
        !((string[0] == '-' || string[0] == '+') &&
          isdigit((unsigned char)string[1])))
        return -1;
    errno = 0;
    value = strtoll(string, &end, 10);
    if (errno || *end)
        return -1;
    *out = value;
    return 0;
}

int text_to_double(const char *string, double *out)
{
    char *end;
    double value;

    if (!string[0] || isspace((unsigned char)string[0]))
        return -1;
    errno = 0;
    value = strtod(string, &end);
    if (*end || (errno == ERANGE && isinf(value)))
        return -1;
    *out = value;
    return 0;
}

int text_to_bytes(const char *string, int64_t *bytes)
{
    static const char units[] = "kmgtp";
    char *end;
    double value, factor = 1;
    const char *unit;

    if (!isdigit((unsigned char)string[0]))
        return -1;
    value = strtod(string, &end);
    if (*end) {
        unit = strchr(units, tolower((unsigned char)*end));
        if (!unit || end[1])
            return -1;
        factor = pow(1024, (double)(unit - units + 1));
    }
    if (!(value * factor < 0x1p62))
        return -1;
    *bytes = (int64_t)(value * factor);
    return 0;
}

/* "days-hours:minutes:seconds" and its shorter forms, as Slurm writes time. */
static int clock_to_seconds(const char *string, double *seconds)
{
    const char *dash = strchr(string, '-');
    double total = 0, days = 0, part;
    int parts = 0;
    char *end;

    if (dash) {
        if (!isdigit((unsigned char)string[0]))
            return -1;
        days = strtod(string, &end);
        if (end != dash)
            return -1;
        string = dash + 1;
    }
    for (;; string = end + 1) {
        if (!isdigit((unsigned char)string[0]))
            return -1;
        part = (double)strtoul(string, &end, 10);
        if (parts++ > 0 && part >= 60)
            return -1;
        total = total * 60 + part;
        if (*end != ':')
            break;
    }
    if (*end || parts < 2 || parts > 3 || (dash && parts != 3))
        return -1;
    *seconds = days * 86400 + total;
    return 0;
}

int text_to_seconds(const char *string, double *seconds)
{
    static const struct {
        char unit;
        double factor;
    } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
    char *end;
    double value;

    if (!isdigit((unsigned char)string[0]))
        return -1;
    if (strchr(string, ':'))
        return clock_to_seconds(string, seconds);
    value = strtod(string, &end);
    if (!isfinite(value))
        return -1;
    if (!*end) {
        *seconds = value;
        return 0;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (end[0] == units[i].unit && !end[1]) {
            *seconds = value * units[i].factor;
            return 0;
        }
    return -1;
}

void text_append_duration(struct text *t, double seconds)
{
    long s = lround(seconds);

    if (!isfinite(seconds))
        text_append(t, "?");
    else if (seconds < 9.95)
        text_format(t, "%.1f s", seconds);
    else if (s < 60)
        text_format(t, "%ld s", s);
    else if (s < 3600)
        text_format(t, "%ld min %02ld s", s / 60, s % 60);
    else if (s < 86400)
        text_format(t, "%ld h %02ld min", s / 3600, s / 60 % 60);
    else
        text_format(t, "%ld d %ld h", s / 86400, s / 3600 % 24);
}

/* ---- nearest word ----------------------------------------------------- */

enum { NEAREST_MAX = 64 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edits from 'a' to 'b': insert, delete, replace, swap of neighbours. */
static size_t distance(const char *a, const char *b)
{
    size_t m = strlen(a), n = strlen(b);
    size_t row[3][NEAREST_MAX + 1];

    if (m > NEAREST_MAX || n > NEAREST_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= m; i++) {
        size_t *now = row[i % 3], *last = row[(i + 2) % 3];
        size_t *before = row[(i + 1) % 3];

        now[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t cost = a[i - 1] != b[j - 1];

            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return row[m % 3][n];
}

const char *text_nearest(const char *word, const char *const *candidates,
                         size_t count)
{
    size_t limit = strlen(word) / 3;
    const char *best = NULL;

    if (limit < 2)
        limit = 2;
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(word, candidates[i]);

        if (d <= limit && d < strlen(word)) {
            best = candidates[i];
            if (d == 0)
                break;
            limit = d - 1;
        }
    }
    return best;
}
