/* query: see query.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/service/query.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Copy what stands under 'key'. Returns whether it is there. */
static bool find(const char *query, const char *key, char *value, size_t size)
{
    size_t length = strlen(key);

    for (const char *at = query; at && *at;
         at = strchr(at, '&') ? strchr(at, '&') + 1 : NULL)
        if (strncmp(at, key, length) == 0 && at[length] == '=') {
            snprintf(value, size, "%.*s", (int)strcspn(at + length + 1, "&"),
                     at + length + 1);
            return true;
        }
    return false;
}

int query_int(const char *query, const char *key, int64_t otherwise,
              int64_t *out, struct error *err)
{
    char value[32];

    *out = otherwise;
    if (find(query, key, value, sizeof value) &&
        (text_to_int(value, out) < 0 || *out < 0))
        return error_usage(err, "%s: expected a whole number, found '%s'", key,
                           value);
    return 0;
}

int query_float(const char *query, const char *key, double otherwise,
                double *out, struct error *err)
{
    char value[40];

    *out = otherwise;
    if (find(query, key, value, sizeof value) &&
        (text_to_double(value, out) < 0 || !isfinite(*out)))
        return error_usage(err, "%s: expected a number, found '%s'", key,
                           value);
    return 0;
}
