/* serve: a helper's life: it judges what the team has trained; see helper.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_TRAIN_SERVE_H
#define TRAINER_TRAIN_SERVE_H

#include "trainer/config.h"

/* Judge until the team has no more. The best weights, and the tables for people,
 * go into 'folder' (NULL: nowhere) from here. Returns 0, or -1 with 'err'. */
int serve(const struct config *c, const char *folder, struct error *err);

#endif
