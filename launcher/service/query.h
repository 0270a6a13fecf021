/* query: numbers out of "top=3&share=0.1" behind a path.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SERVICE_QUERY_H
#define LAUNCHER_SERVICE_QUERY_H

#include <stdint.h>

#include "base/error.h"

/* The whole number, 0 or more, or the finite number under 'key', or
 * 'otherwise' where there is none. Returns 0, or -1 with 'err' when it is
 * something else. */
int query_int(const char *query, const char *key, int64_t otherwise,
              int64_t *out, struct error *err);
int query_float(const char *query, const char *key, double otherwise,
                double *out, struct error *err);

#endif
