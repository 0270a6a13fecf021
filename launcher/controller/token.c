/* token: see token.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/controller/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/random.h"

enum {
    SECRET_BYTES = 32,
    TOKEN_CHARACTERS = 2 * SECRET_BYTES,
    TOKEN_MAX_BYTES = 4096
};

static int token_make(const char *path, char **token, struct error *err)
{
    unsigned char secret[SECRET_BYTES];
    char hex[TOKEN_CHARACTERS + 2];

    if (random_secret(secret, sizeof secret) < 0)
        return error_errno(err, "cannot get random numbers from the system");
    for (size_t i = 0; i < sizeof secret; i++)
        snprintf(hex + 2 * i, 3, "%02x", secret[i]);
    if (!(*token = strdup(hex)))
        return error_memory(err);
    hex[TOKEN_CHARACTERS] = '\n';
    return file_write(path, hex, TOKEN_CHARACTERS + 1, 0600, err);
}

int token_open(const char *path, char **token, struct error *err)
{
    struct stat status;
    size_t size;

    if (stat(path, &status) < 0)
        return token_make(path, token, err);
    if (status.st_mode & (S_IRWXG | S_IRWXO)) {
        error_set(err, "others may read the secret in '%s'", path);
        return error_hint(err, "remove it (a new one is made), or: chmod 600");
    }
    if (file_read(path, TOKEN_MAX_BYTES, token, &size, err) < 0)
        return -1;
    (*token)[strcspn(*token, " \t\r\n")] = '\0';
    if (strlen(*token) >= TOKEN_CHARACTERS)
        return 0;
    free(*token);
    return token_make(path, token, err);
}
