/* guard: see guard.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/controller/guard.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "client/credential.h"

/* Takes as long whichever character differs. */
static bool same_secret(const char *given, const char *secret)
{
    size_t given_length = strlen(given), length = strlen(secret);
    unsigned difference = given_length != length;

    for (size_t i = 0; i < length; i++)
        difference |= (unsigned)(given[i < given_length ? i : 0] ^ secret[i]);
    return difference == 0;
}

/* What follows the word 'scheme' and a space; NULL when another one stands
 * there. */
static const char *after_scheme(const char *value, const char *scheme)
{
    size_t length = strlen(scheme);

    return value && strncasecmp(value, scheme, length) == 0 &&
                   value[length] == ' '
               ? value + length + 1
               : NULL;
}

static enum access judge_credential(const struct guard *g,
                                    const char *credential)
{
    struct error err = ERROR_INIT;
    uid_t uid;

    if (credential_check(g->socket, credential, g->url, &uid, &err) < 0) {
        log_trace("http", "%s", err.what);
        return ACCESS_NONE;
    }
    return uid == g->owner ? ACCESS_ALL : ACCESS_NONE;
}

enum access guard_access(const struct guard *g, const char *authorization)
{
    const char *secret = after_scheme(authorization, "Bearer");
    const char *credential = after_scheme(authorization, "MUNGE");

    if (credential && !g->token)
        return judge_credential(g, credential);
    if (secret && g->token && same_secret(secret, g->token))
        return ACCESS_ALL;
    if (secret && g->read_token && same_secret(secret, g->read_token))
        return ACCESS_READ;
    return ACCESS_NONE;
}

const char *guard_hint(const struct guard *g)
{
    return g->token ? "send 'Authorization: Bearer' with the content of the "
                      "run folder's file 'token'"
                    : "send 'Authorization: MUNGE' with a credential of the "
                      "run folder's owner that holds this address";
}
