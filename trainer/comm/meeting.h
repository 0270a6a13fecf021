/* meeting: how the other ranks' watchdogs get a connection to rank 0's.
 *
 * Rank 0 listens at a free port and publishes it with all addresses its node
 * has, since nobody knows which of its networks a peer is on, and a secret, so
 * that whoever answers there is known to be rank 0.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_COMM_MEETING_H
#define TRAINER_COMM_MEETING_H

#include <netinet/in.h>

#include "base/error.h"

enum { MEETING_ADDRESSES = 8, MEETING_SECRET = 16 };

/* What rank 0 publishes; plain bytes. */
struct meeting {
    in_port_t port; /* in network order, as the addresses are */
    struct in_addr address[MEETING_ADDRESSES];
    int addresses;
    unsigned char secret[MEETING_SECRET];
};

/* Rank 0: listen. Returns the socket, or -1 with 'err'. */
int meeting_open(struct meeting *m, struct error *err);

/* Another rank: the connection to rank 0, which knows now that it is from
 * 'rank'; or -1. */
int meeting_join(const struct meeting *m, int rank);

/* Rank 0: take a connection from 'listener'. Returns it with '*rank', or -1
 * when nobody of ours came. */
int meeting_accept(const struct meeting *m, int listener, int *rank);

#endif
