/* version: what a program says of itself to --version.
 *
 *     sentei 0.1.0 (commit 1a2b3c4d5e6f)
 *       sqlite         3.40.1
 *
 * The versions are those of the libraries it runs with, asked from them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#include <stddef.h>

/* A library, and its door's function that tells its version (a string that
 * stays). */
struct library {
    const char *name;
    const char *(*version)(void);
};

/* Print 'program', its version and commit, and the libraries of base/ and the
 * 'count' others to stdout. Returns 0. */
int version_print(const char *program, const struct library *libraries,
                  size_t count);

#endif
