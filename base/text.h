/* text: strings that grow, and words and quantities read strictly.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing string; start with TEXT_INIT, end with text_clear(). An append
 * that runs out of memory sets 'failed' and later ones do nothing, so a writer
 * checks once, at the end. 'data' is NUL-terminated or NULL when empty. */
struct text {
    char *data;
    size_t size; /* bytes without the NUL */
    size_t capacity;
    bool failed;
};

#define TEXT_INIT         \
    {                     \
        NULL, 0, 0, false \
    }

/* Free the memory and make 't' empty again. */
void text_clear(struct text *t);

/* Empty 't' but keep its memory and forget a failure. */
void text_reset(struct text *t);

/* Append a string, 'size' bytes, one character, or a formatted string. */
void text_append(struct text *t, const char *string);
void text_append_bytes(struct text *t, const void *bytes, size_t size);
void text_append_char(struct text *t, char c);
void text_format(struct text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void text_vformat(struct text *t, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* The string so far, never NULL; owned by 't', valid until the next call. */
const char *text_get(const struct text *t);

/* The string, now the caller's to free(); 't' is empty again.
 * NULL when an append had failed. */
char *text_take(struct text *t);

/* Like strdup(), NULL on NULL or out of memory; the caller frees. */
char *text_copy(const char *string);

/* A new formatted string; NULL when out of memory; the caller frees. */
char *text_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Make 's' safe for a terminal or a log, in place: each byte of a control
 * character, or of what is no UTF-8, becomes '?'. */
void text_make_plain(char *s);

/* Decode one UTF-8 character of 's', which is not empty. Returns its bytes and
 * sets '*code'; an invalid byte counts as one with code UINT32_MAX. */
size_t text_decode(const char *s, uint32_t *code);

/* Append 'word' so that a POSIX shell reads it as this one word. */
void text_append_quoted(struct text *t, const char *word);

/* Append 'value' so that reading it back gives the same double, in the
 * shortest of %.15g, %.16g, %.17g; "nan", "inf", "-inf" as words. */
void text_append_double(struct text *t, double value);

/* The same for a finite value, "1.0" in place of "1": read back, it is no whole
 * number. */
void text_append_float(struct text *t, double value);

/* Read a whole string as a number; spaces, trailing characters, overflow and
 * the empty string are refused. Returns 0, or -1 with '*out' untouched. */
int text_to_int(const char *string, int64_t *out);
int text_to_double(const char *string, double *out); /* accepts nan, inf */

/* Read "64G", "512M", "10k", "123" (powers of 1024) as bytes.
 * Returns 0, or -1 when it is none of these. */
int text_to_bytes(const char *string, int64_t *bytes);

/* Read "04:00:00", "30:00" (minutes:seconds), "2-12:00:00" (days),
 * "90s", "15m", "4h", "2d" or plain seconds. Returns 0 or -1. */
int text_to_seconds(const char *string, double *seconds);

/* Append seconds as people read them: "0.8 s", "42 s", "3 min 20 s",
 * "2 h 05 min", "3 d 4 h". */
void text_append_duration(struct text *t, double seconds);

/* The candidate nearest to 'word' by edits (Damerau-Levenshtein, optimal
 * string alignment), or NULL when none is near (over a third of the word's
 * length, at least 2 edits). Returned pointer is one of 'candidates'. */
const char *text_nearest(const char *word, const char *const *candidates,
                         size_t count);

#endif
