/* reader: take typed fields out of a map, strictly, with good messages.
 *
 * Used for study files, trainer configurations, data descriptions and API
 * requests alike. Order: reader_open(), any field calls, reader_close(). The
 * first error sticks: later calls do nothing and reader_close() returns it, so
 * a parser is a list of lines with one check at the end. A key nobody asked
 * for is an error that names the nearest key that was.
 * Messages: "studies/x.yaml:4:9: search.seed: expected a whole number from 0
 * to 10, found a string".
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_READER_H
#define BASE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"

enum { READER_MAX_KEYS = 64 };

struct reader {
    const struct tree *map; /* borrowed */
    const char *file;       /* borrowed; for messages */
    const char *path;       /* borrowed; "search", or "" at the top */
    struct error *err;      /* borrowed */
    bool failed;
    bool missing; /* failed for want of a key */
    bool open;    /* unknown keys allowed (reader_allow_unknown) */
    const char *known[READER_MAX_KEYS];
    size_t known_count;
};

/* Begin with 't', which must be a map (else an error; NULL counts as an empty
 * map). All arguments are borrowed until reader_close(). */
void reader_open(struct reader *r, const struct tree *t, const char *file,
                 const char *path, struct error *err);

/* Optional fields: '*out' keeps its value (the default) when the key is
 * absent; a value outside low..high is an error. Strings are borrowed from the
 * tree. Each returns true when the key was there and good. */
bool reader_bool(struct reader *r, const char *key, bool *out);
bool reader_int(struct reader *r, const char *key, int64_t low, int64_t high,
                int64_t *out);
bool reader_float(struct reader *r, const char *key, double low, double high,
                  double *out);
bool reader_string(struct reader *r, const char *key, const char **out);

/* One of 'names' (NULL-terminated); '*out' becomes its index. */
bool reader_enum(struct reader *r, const char *key, const char *const *names,
                 int *out);

/* A duration or a size with units (text_to_seconds, text_to_bytes) or a plain
 * number. */
bool reader_seconds(struct reader *r, const char *key, double *seconds);
bool reader_bytes(struct reader *r, const char *key, int64_t *bytes);

/* The subtree under 'key', or NULL; with the second it must be a list or a
 * map. Borrowed. */
const struct tree *reader_any(struct reader *r, const char *key);
const struct tree *reader_kind(struct reader *r, const char *key,
                               enum tree_kind kind);

/* Complain when 'key' is absent. (An unknown key is the better complaint when
 * there is one: it may be this one, misspelt.) */
void reader_need(struct reader *r, const char *key);

/* Put down an error of the caller's at the value under 'key' (or at the map
 * when absent): "file:line:col: path.key: <text>". */
void reader_fail(struct reader *r, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Let keys that nobody asked for pass. */
void reader_allow_unknown(struct reader *r);

/* Complain about unknown keys; 0 when all was good, else -1 with 'err'. */
int reader_close(struct reader *r);

/* An error at tree 't' of 'file': kind USAGE, where "file:line:column". For
 * values that are no map fields. Always returns -1. */
int reader_error_at(struct error *err, const char *file, const struct tree *t,
                    const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
