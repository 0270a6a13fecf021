/* error: one sentence about what went wrong, where, and what to do next.
 *
 * A function that can fail takes a 'struct error *err' last, fills it and
 * returns -1. Only a program's main prints it, once, with error_print().
 * Messages are lower case without a full stop: "cannot open 'x': why".
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/* Whose fault it was; the value is the program's exit status. */
enum error_kind {
    ERROR_NONE = 0,
    ERROR_FAILURE = 1, /* the world's: a full disk, a dead controller */
    ERROR_USAGE = 2    /* the user's: a wrong file, a wrong option */
};

struct error {
    enum error_kind kind;
    char where[512]; /* "file:line:column", a URL, or "" */
    char what[1024];
    char hint[512]; /* the remedy, or "" */
};

/* The empty error: 'struct error err = ERROR_INIT;'. */
#define ERROR_INIT             \
    {                          \
        ERROR_NONE, "", "", "" \
    }

/* Say what failed. Clears 'where' and 'hint', kind FAILURE. 'err' may be NULL
 * when the caller does not care. Always returns -1. */
int error_set(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same with kind USAGE: the input was wrong, the program exits with 2. */
int error_usage(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same, followed by ": " and the text of the present errno. */
int error_errno(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Out of memory: error_set() with the usual sentence. Always returns -1. */
int error_memory(struct error *err);

/* Add where it happened ("studies/x.yaml:3:7"). Always returns -1. */
int error_where(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Add what to do next ("did you mean 'lr'?"). Always returns -1. */
int error_hint(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Put "prefix: " before the sentence, as a caller who knows more.
 * Always returns -1. */
int error_prefix(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Print "program: where: what" and, if any, "  hint: ..." to stderr.
 * Returns the exit status (err->kind, at least 1). */
int error_print(const struct error *err, const char *program);

#endif
