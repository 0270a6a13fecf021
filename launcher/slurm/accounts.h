/* accounts: how a run's jobs that are gone have ended, where Slurm keeps
 * accounts (slurmdbd); one sacct.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SLURM_ACCOUNTS_H
#define LAUNCHER_SLURM_ACCOUNTS_H

/* "12 completed, 2 timeout": each life of a job counts. "" where Slurm keeps no
 * accounts. A new string; NULL when out of memory. */
char *accounts_ended(const char *run);

/* The same from what sacct printed, a state a line. */
char *accounts_count(const char *printed);

#endif
