/* error: see error.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static void begin(struct error *err, enum error_kind kind)
{
    err->kind = kind;
    err->where[0] = '\0';
    err->what[0] = '\0';
    err->hint[0] = '\0';
}

#define PRINT_INTO(field, format)                               \
    do {                                                        \
        va_list args;                                           \
        va_start(args, format);                                 \
        vsnprintf(err->field, sizeof err->field, format, args); \
        va_end(args);                                           \
    } while (0)

int error_set(struct error *err, const char *format, ...)
{
    if (err) {
        begin(err, ERROR_FAILURE);
        PRINT_INTO(what, format);
    }
    return -1;
}

int error_usage(struct error *err, const char *format, ...)
{
    if (err) {
        begin(err, ERROR_USAGE);
        PRINT_INTO(what, format);
    }
    return -1;
}

int error_errno(struct error *err, const char *format, ...)
{
    int code = errno;
    size_t size;

    if (!err)
        return -1;
    begin(err, ERROR_FAILURE);
    PRINT_INTO(what, format);
    size = strlen(err->what);
    snprintf(err->what + size, sizeof err->what - size, ": %s", strerror(code));
    return -1;
}

int error_memory(struct error *err)
{
    error_set(err, "out of memory");
    return error_hint(err, "close other programs or ask for more memory");
}

int error_where(struct error *err, const char *format, ...)
{
    if (err)
        PRINT_INTO(where, format);
    return -1;
}

int error_hint(struct error *err, const char *format, ...)
{
    if (err)
        PRINT_INTO(hint, format);
    return -1;
}

int error_prefix(struct error *err, const char *format, ...)
{
    char what[sizeof err->what];
    size_t size;

    if (!err)
        return -1;
    memcpy(what, err->what, sizeof what);
    PRINT_INTO(what, format);
    size = strlen(err->what);
    snprintf(err->what + size, sizeof err->what - size, ": %.*s",
             (int)(sizeof what - 1), what);
    return -1;
}

int error_print(const struct error *err, const char *program)
{
    struct error plain = *err; /* no memory is asked for: it may be out */

    text_make_plain(plain.where);
    text_make_plain(plain.what);
    text_make_plain(plain.hint);
    fprintf(stderr, "%s: %s%s%s\n", program, plain.where,
            plain.where[0] ? ": " : "",
            plain.what[0] ? plain.what : "unknown error");
    if (plain.hint[0])
        fprintf(stderr, "  hint: %s\n", plain.hint);
    return err->kind == ERROR_NONE ? ERROR_FAILURE : (int)err->kind;
}
