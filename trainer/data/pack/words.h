/* words: a text as hashes of its words.
 *
 * A word is a run of letters, digits and apostrophes between letters, lower-
 * cased (Latin, Greek, Cyrillic; full-width forms become plain ones). Scripts
 * that do not space their words (Han, Hiragana) give a word for each
 * character: the trainer's n-grams put them together; a run of Katakana or
 * Hangul is one word. All else, and bytes that are no UTF-8, separates.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_PACK_WORDS_H
#define TRAINER_DATA_PACK_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* Append the hashes of the words of 'string' (uint32_t each, never 0) to
 * 'out'. */
void words_append(const char *string, struct text *out);

/* Append the hashes of the character n-grams of each word, 'low' to 'high'
 * characters long, the word's ends marked by < and > (Bojanowski et al. 2017). */
void words_append_characters(const char *string, int low, int high,
                             struct text *out);

/* The hash of one word, already lower-case. */
uint32_t words_hash(const char *word, size_t size);

/* Append the words themselves, a space between; for people and tests. */
void words_format(const char *string, struct text *out);

/* Whether all of 'string' is UTF-8. */
bool words_valid(const char *string);

#endif
