/* sparkline: a curve in one line of text.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_FORMAT_SPARKLINE_H
#define LAUNCHER_FORMAT_SPARKLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* Append 'count' values as at most 'width' characters of eight heights, lowest
 * to highest value; more values than characters are averaged. NAN and
 * infinities are left blank. Block characters with 'utf8', else ASCII. */
void sparkline_print(const double *values, size_t count, size_t width,
                     bool utf8, struct text *out);

#endif
