/* See moment.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/pack/moment.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

/* Hours, minutes and, if they are there, seconds. Returns what is behind, or
 * NULL. */
static const char *read_clock(const char *at, struct tm *t, double *fraction)
{
    char *end;

    at = strptime(at, "%H:%M", t);
    if (!at || *at != ':')
        return at;
    at = strptime(at, ":%S", t);
    if (!at || *at != '.')
        return at;
    if (!isdigit((unsigned char)at[1]))
        return NULL;
    *fraction = strtod(at, &end);
    return end;
}

/* strptime() takes the 31st of each month, and one digit for two. */
static enum moment_kind read_date(const char *text, double *value)
{
    struct tm t = { 0 }, same;
    double fraction = 0;
    const char *at = strptime(text, "%Y-%m-%d", &t);
    time_t seconds;
    long zone = 0;

    if (!at || at - text != 10)
        return MOMENT_NONE;
    if (*at == 'T' || *at == ' ')
        at = read_clock(at + 1, &t, &fraction);
    if (at && *at) {
        at = strptime(at, "%z", &t);
        zone = t.tm_gmtoff;
    }
    if (!at || *at)
        return MOMENT_NONE;
    same = t;
    seconds = timegm(&same);
    if (same.tm_mday != t.tm_mday)
        return MOMENT_NONE;
    *value = (double)(seconds - zone) + fraction;
    return MOMENT_DATE;
}

enum moment_kind moment_read(const char *text, double *value)
{
    if (text_to_double(text, value) == 0)
        return isfinite(*value) ? MOMENT_NUMBER : MOMENT_NONE;
    return read_date(text, value);
}

/* IEEE 754: the bits of positive numbers grow with them, those of negative
 * ones the other way. */
uint64_t moment_key(double value)
{
    const uint64_t sign = UINT64_C(1) << 63;
    uint64_t bits;

    value += 0.0; /* -0 is 0 */
    memcpy(&bits, &value, sizeof bits);
    return bits & sign ? ~bits : bits | sign;
}
