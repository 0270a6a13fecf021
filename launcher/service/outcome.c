/* outcome: see outcome.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/service/outcome.h"

#include <stddef.h>

const char *const outcome_names[] = { "complete",    "pruned", "paused",
                                      "interrupted", "failed", "invalid",
                                      "lost",        NULL };
