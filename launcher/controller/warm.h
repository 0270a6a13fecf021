/* warm: what a study takes over from earlier runs before its first trial
 * ('warm_start:' of the study file).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_CONTROLLER_WARM_H
#define LAUNCHER_CONTROLLER_WARM_H

#include "base/error.h"
#include "launcher/service/service.h"

/* Import into 'service' what the runs that 'study' names hold and it has not
 * yet; says how many trials were taken. 'run': this one's folder; a name
 * without a '/' is looked for beside it. Returns 0 with all committed, or -1
 * with 'err'. */
int warm_start(struct service *service, const struct study *study,
               const char *run, double now, struct error *err);

#endif
