/* guard: who may call a controller, told from what stands in 'Authorization'.
 *
 * "Bearer" and one of two secrets: the token opens everything, the one that
 * reads a GET. Or, where the study says 'auth: munge', in place of the token
 * "MUNGE" and a credential (client/credential.h) of the run folder's owner.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_CONTROLLER_GUARD_H
#define LAUNCHER_CONTROLLER_GUARD_H

#include <sys/types.h>

enum access { ACCESS_NONE, ACCESS_READ, ACCESS_ALL };

/* All strings borrowed. */
struct guard {
    const char *token;      /* NULL: MUNGE is asked for */
    const char *read_token; /* NULL: there is none */
    const char *socket;     /* munged's; "": where it usually is */
    const char *url;        /* the controller's, which a credential must name */
    uid_t owner;            /* whose credential is good */
};

/* What 'authorization', the header's value (NULL: absent), opens. A credential
 * is good for one call: munged knows those it has seen. */
enum access guard_access(const struct guard *g, const char *authorization);

/* What to send, for whoever was refused. */
const char *guard_hint(const struct guard *g);

#endif
