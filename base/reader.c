/* reader: see reader.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/reader.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

int reader_error_at(struct error *err, const char *file, const struct tree *t,
                    const char *format, ...)
{
    char what[512];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    error_usage(err, "%s", what);
    if (tree_line(t))
        return error_where(err, "%s:%u:%u", file, tree_line(t), tree_column(t));
    return error_where(err, "%s", file);
}

/* "search.seed", or "seed" at the top. */
static const char *full_name(const struct reader *r, const char *key,
                             char *buffer, size_t size)
{
    snprintf(buffer, size, "%s%s%s", r->path, r->path[0] && key[0] ? "." : "",
             key);
    return buffer;
}

/* Put "name: complaint" down at 't', unless an error is there already. */
static void complain(struct reader *r, const struct tree *t, const char *key,
                     const char *complaint)
{
    char name[256];

    if (r->failed)
        return;
    r->failed = true;
    full_name(r, key, name, sizeof name);
    reader_error_at(r->err, r->file, t, "%s%s%s", name, name[0] ? ": " : "",
                    complaint);
}

void reader_open(struct reader *r, const struct tree *t, const char *file,
                 const char *path, struct error *err)
{
    char complaint[128];

    *r = (struct reader){ .map = t, .file = file, .path = path, .err = err };
    if (tree_kind(t) != TREE_NULL && tree_kind(t) != TREE_MAP) {
        snprintf(complaint, sizeof complaint, "expected a map, found %s",
                 tree_kind_name(tree_kind(t)));
        complain(r, t, "", complaint);
    }
}

/* Note that 'key' is known; its value, or NULL. A null value counts as
 * absent. */
static const struct tree *take(struct reader *r, const char *key)
{
    const struct tree *t = tree_get(r->map, key);

    assert(r->known_count < READER_MAX_KEYS);
    r->known[r->known_count++] = key;
    return r->failed || tree_kind(t) == TREE_NULL ? NULL : t;
}

static bool expected(struct reader *r, const char *key, const struct tree *t,
                     const char *what)
{
    struct text complaint = TEXT_INIT;

    text_format(&complaint, "expected %s, found ", what);
    if (tree_kind(t) == TREE_INT)
        text_format(&complaint, "%jd", (intmax_t)tree_integer(t));
    else if (tree_kind(t) == TREE_FLOAT)
        text_append_double(&complaint, tree_number(t));
    else if (tree_kind(t) == TREE_STRING)
        text_format(&complaint, "'%.60s'", tree_text(t));
    else if (tree_kind(t) == TREE_BOOL)
        text_append(&complaint, tree_truth(t) ? "true" : "false");
    else
        text_append(&complaint, tree_kind_name(tree_kind(t)));
    complain(r, t, key, text_get(&complaint));
    text_clear(&complaint);
    return false;
}

bool reader_bool(struct reader *r, const char *key, bool *out)
{
    const struct tree *t = take(r, key);

    if (!t)
        return false;
    if (tree_kind(t) != TREE_BOOL)
        return expected(r, key, t, "true or false");
    *out = tree_truth(t);
    return true;
}

/* "a whole number from 1 to 10", with the open ends left out. */
static void range_words(struct text *out, const char *what, double low,
                        double high, double least, double most)
{
    text_append(out, what);
    if (low > least) {
        text_append(out, high < most ? " from " : " of at least ");
        text_append_double(out, low);
    }
    if (high < most) {
        text_append(out, low > least ? " to " : " of at most ");
        text_append_double(out, high);
    }
}

bool reader_int(struct reader *r, const char *key, int64_t low, int64_t high,
                int64_t *out)
{
    const struct tree *t = take(r, key);
    struct text words = TEXT_INIT;
    int64_t value = tree_integer(t);

    if (!t)
        return false;
    if (tree_kind(t) == TREE_FLOAT && fabs(tree_number(t)) < 0x1p53 &&
        tree_number(t) == floor(tree_number(t)))
        value = (int64_t)tree_number(t); /* 2.0e7 is a whole number */
    else if (tree_kind(t) != TREE_INT)
        goto wrong;
    if (value < low || value > high)
        goto wrong;
    *out = value;
    return true;
wrong:
    range_words(&words, "a whole number", (double)low, (double)high,
                (double)INT64_MIN, (double)INT64_MAX);
    expected(r, key, t, text_get(&words));
    text_clear(&words);
    return false;
}

bool reader_float(struct reader *r, const char *key, double low, double high,
                  double *out)
{
    const struct tree *t = take(r, key);
    struct text words = TEXT_INIT;
    double value = tree_number(t);

    if (!t)
        return false;
    if (tree_kind(t) != TREE_STRING && value >= low && value <= high) {
        *out = value;
        return true;
    }
    range_words(&words, "a number", low, high, -DBL_MAX, DBL_MAX);
    expected(r, key, t, text_get(&words));
    text_clear(&words);
    return false;
}

bool reader_string(struct reader *r, const char *key, const char **out)
{
    const struct tree *t = take(r, key);

    if (!t)
        return false;
    if (tree_kind(t) != TREE_STRING)
        return expected(r, key, t, "a string");
    *out = tree_text(t);
    return true;
}

bool reader_enum(struct reader *r, const char *key, const char *const *names,
                 int *out)
{
    const struct tree *t = take(r, key);
    struct text words = TEXT_INIT;
    const char *near;
    size_t count = 0;

    if (!t)
        return false;
    text_append(&words, "one of ");
    for (; names[count]; count++) {
        if (tree_kind(t) == TREE_STRING &&
            strcmp(tree_text(t), names[count]) == 0) {
            *out = (int)count;
            text_clear(&words);
            return true;
        }
        text_format(&words, "%s%s", count ? ", " : "", names[count]);
    }
    expected(r, key, t, text_get(&words));
    near = text_nearest(tree_text(t), names, count);
    if (near)
        error_hint(r->err, "did you mean '%s'?", near);
    text_clear(&words);
    return false;
}

bool reader_seconds(struct reader *r, const char *key, double *seconds)
{
    const struct tree *t = take(r, key);
    double value = tree_number(t);

    if (!t)
        return false;
    if (tree_kind(t) == TREE_STRING ? text_to_seconds(tree_text(t), &value) != 0
                                    : !(value >= 0 && isfinite(value)))
        return expected(r, key, t,
                        "a time such as \"04:00:00\", 90s, 15m, 4h or 2d");
    *seconds = value;
    return true;
}

bool reader_bytes(struct reader *r, const char *key, int64_t *bytes)
{
    const struct tree *t = take(r, key);
    int64_t value = tree_integer(t);

    if (!t)
        return false;
    if (tree_kind(t) == TREE_STRING ? text_to_bytes(tree_text(t), &value) != 0
                                    : tree_kind(t) != TREE_INT || value < 0)
        return expected(r, key, t, "a size such as 64G, 512M or 1000000");
    *bytes = value;
    return true;
}

const struct tree *reader_any(struct reader *r, const char *key)
{
    return take(r, key);
}

const struct tree *reader_kind(struct reader *r, const char *key,
                               enum tree_kind kind)
{
    const struct tree *t = take(r, key);

    if (t && tree_kind(t) != kind) {
        expected(r, key, t, tree_kind_name(kind));
        return NULL;
    }
    return t;
}

void reader_need(struct reader *r, const char *key)
{
    if (r->failed || tree_kind(tree_get(r->map, key)) != TREE_NULL)
        return;
    complain(r, r->map, key, "missing");
    r->missing = true;
}

void reader_fail(struct reader *r, const char *key, const char *format, ...)
{
    const struct tree *t = tree_get(r->map, key);
    char complaint[512];
    va_list args;

    va_start(args, format);
    vsnprintf(complaint, sizeof complaint, format, args);
    va_end(args);
    complain(r, t ? t : r->map, key, complaint);
}

void reader_allow_unknown(struct reader *r)
{
    r->open = true;
}

static bool is_known(const struct reader *r, const char *key)
{
    for (size_t i = 0; i < r->known_count; i++)
        if (strcmp(r->known[i], key) == 0)
            return true;
    return false;
}

/* The error for key number 'i' of the map, which nobody asked for. */
static void refuse_unknown(struct reader *r, size_t i)
{
    const char *key = tree_key(r->map, i);
    const char *near = text_nearest(key, r->known, r->known_count);

    r->failed = true;
    r->missing = false;
    error_usage(r->err, "unknown key '%.100s'%s%s", key,
                r->path[0] ? " in " : "", r->path);
    if (tree_key_line(r->map, i))
        error_where(r->err, "%s:%u:%u", r->file, tree_key_line(r->map, i),
                    tree_key_column(r->map, i));
    else
        error_where(r->err, "%s", r->file);
    if (near)
        error_hint(r->err, "did you mean '%s'?", near);
}

int reader_close(struct reader *r)
{
    bool look = !r->open && (!r->failed || r->missing);

    for (size_t i = 0; look && i < tree_count(r->map); i++)
        if (!is_known(r, tree_key(r->map, i))) {
            refuse_unknown(r, i);
            break;
        }
    return r->failed ? -1 : 0;
}
