/* comeback: elements that go back into the queue, because their time is up or
 * they are preempted, need not wait two minutes.
 *
 * Slurm gives a requeued job a begin time 121 s ahead. Its owner may set it to
 * now, but only once all of the job's processes have ended, so the job cannot
 * do it itself: it leaves a note, RUN/slurm/back/ELEMENT, and the pilot beside
 * the study's controller sees to it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SLURM_COMEBACK_H
#define LAUNCHER_SLURM_COMEBACK_H

#include <stddef.h>

/* Note that 'element' ("5_3", "7") is about to go back into the queue. Without a note,
 * where none can be written, it comes back later. */
void comeback_note(const char *run, const char *element);

/* It is back, or will not come. */
void comeback_forget(const char *run, const char *element);

/* Let those noted start that are in the queue by now. Asks Slurm, once for all,
 * only where there are notes, and not before '*next' (clock_monotonic()), which
 * is then COMEBACK_S later. Returns how many are still on their way. */
#define COMEBACK_S 10.0
size_t comeback_hasten(const char *run, double *next);

/* Forget all of them. */
void comeback_forget_all(const char *run);

#endif
