/* moment: when a row was, as a number that grows with time.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_PACK_MOMENT_H
#define TRAINER_DATA_PACK_MOMENT_H

#include <stdint.h>

enum moment_kind { MOMENT_NONE, MOMENT_NUMBER, MOMENT_DATE };

/* Read a finite number as it is (a year, a serial number), or a date of ISO
 * 8601 as seconds since 1970: "2026-11-24", "2026-11-24T22:53:42.5+09:00", a
 * space for the T, seconds and zone may be left out (then it is UTC). Returns
 * which, MOMENT_NONE when the text is neither. */
enum moment_kind moment_read(const char *text, double *value);

/* A key that orders as the values do. */
uint64_t moment_key(double value);

#endif
