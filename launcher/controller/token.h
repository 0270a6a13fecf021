/* token: the secret that lets a client talk to the controller.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_CONTROLLER_TOKEN_H
#define LAUNCHER_CONTROLLER_TOKEN_H

#include "base/error.h"

/* Read the token in 'path', or write a new one (256 random bits as hex, mode
 * 0600) when there is none. An old one is kept because trials that outlived a
 * controller know it. '*token' is the caller's to free. Returns 0, or -1 with
 * 'err', also when others may read the file, it is another user's, or a link. */
int token_open(const char *path, char **token, struct error *err);

/* Put into 'path', in place of a token, that clients are to show a credential
 * of the munged at 'socket' ("": the usual one). Returns 0, or -1 with 'err'. */
int token_name_munge(const char *path, const char *socket, struct error *err);

#endif
