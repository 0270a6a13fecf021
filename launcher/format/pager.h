/* pager: what is longer than the terminal, a screen at a time.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_FORMAT_PAGER_H
#define LAUNCHER_FORMAT_PAGER_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"

/* What verbs say of their --no-pager. */
#define PAGER_HELP "what is longer than the terminal as it is, not by $PAGER"

/* Write 'words' to stdout. Where that is a terminal that shows fewer lines, and
 * 'paged', they go through the environment's PAGER, a shell's command; without
 * one through 'less -RS'. A PAGER that is empty, 'cat' or not there shows them
 * as they are. Returns 0, or -1 with 'err': words that lack memory or cannot be
 * written. */
int pager_print(const struct text *words, bool paged, struct error *err);

#endif
