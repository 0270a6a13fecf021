/* credential: the door to libmunge; who a process is, as munged vouches for.
 *
 * A credential is a line of text that says which user made it and holds some
 * text of his. Each host of a cluster that runs Slurm has a munged that makes
 * and checks them; each is good once, for five minutes. The library is opened
 * when it is first needed: nothing else wants it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CREDENTIAL_H
#define CLIENT_CREDENTIAL_H

#include <sys/types.h>

#include "base/error.h"

/* One of this process's user that holds 'text', made by the munged at 'socket'
 * ("": where it usually is). Returns it, the caller frees it; or NULL with
 * 'err': no library, no munged, ... */
char *credential_make(const char *socket, const char *text, struct error *err);

/* Whether 'credential' is good, new and holds 'text'; '*uid' is then whose it is.
 * Returns 0, or -1 with 'err'. */
int credential_check(const char *socket, const char *credential,
                     const char *text, uid_t *uid, struct error *err);

#endif
