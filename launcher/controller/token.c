/* token: see token.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/controller/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/random.h"
#include "base/text.h"

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

/* Whether the opened file is one that only its owner, this user, can read. */
static int check_file(int fd, const char *path, struct error *err)
{
    struct stat status;

    if (fstat(fd, &status) < 0)
        return error_errno(err, "cannot read '%s'", path);
    if (!S_ISREG(status.st_mode))
        error_set(err, "the secret '%s' is no regular file", path);
    else if (status.st_uid != geteuid())
        error_set(err, "the secret in '%s' belongs to somebody else", path);
    else if (status.st_mode & (S_IRWXG | S_IRWXO))
        error_set(err, "others may read the secret in '%s'", path);
    else
        return 0;
    return error_hint(err, "remove it (a new one is made), or: chmod 600");
}

/* The word in it, "" when it is too short to be one of ours. */
static int read_word(int fd, const char *path, char **token, struct error *err)
{
    char word[TOKEN_MAX_BYTES + 1];
    ssize_t size = read(fd, word, TOKEN_MAX_BYTES);

    if (size < 0)
        return error_errno(err, "cannot read '%s'", path);
    word[size] = '\0';
    word[strcspn(word, " \t\r\n")] = '\0';
    if (strlen(word) < TOKEN_CHARACTERS)
        word[0] = '\0';
    *token = strdup(word);
    return *token ? 0 : error_memory(err);
}

int token_open(const char *path, char **token, struct error *err)
{
    /* not blocking, in case it is a pipe; a link leads who knows where */
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int rc;

    if (fd < 0 && errno == ENOENT)
        return token_make(path, token, err);
    if (fd < 0) {
        error_errno(err, "cannot open the secret '%s'", path);
        return error_hint(err, "remove it: a new one is made");
    }
    *token = NULL;
    rc = check_file(fd, path, err);
    if (rc == 0)
        rc = read_word(fd, path, token, err);
    close(fd);
    if (rc == 0 && !**token) {
        free(*token);
        rc = token_make(path, token, err);
    }
    return rc;
}

int token_name_munge(const char *path, const char *socket, struct error *err)
{
    char *line = text_print("munge%s%s\n", *socket ? ":" : "", socket);
    int rc = line ? file_write(path, line, strlen(line), 0600, err)
                  : error_memory(err);

    free(line);
    return rc;
}
