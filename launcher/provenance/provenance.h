/* provenance: under what a study was run, written down in its run folder.
 *
 * RUN/environment.json, a list with an entry for each 'sentei run' or 'sentei
 * submit': [{"time": 1700000000.0, "host": "login1", "user": "me", "study":
 * "/home/me/x.yaml", "commit": "1a2b...-dirty", "sentei": "0.1.0", "slurm":
 * "slurm 22.05.8", "mpi": "...", "cuda": "...", "driver": "...", "modules":
 * "cuda/12:gcc/12", "PATH": "...", "LD_LIBRARY_PATH": "..."}]. What is not
 * there is left out.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_PROVENANCE_PROVENANCE_H
#define LAUNCHER_PROVENANCE_PROVENANCE_H

#include "base/text.h"

/* Look around and add an entry to 'run' for the study file 'study'. A study
 * runs without it, too: what goes wrong is a warning. */
void provenance_record(const char *run, const char *study);

/* Append the last entry as a line, "sentei 0.1.0, commit 1a2b3c4d-dirty, slurm
 * 22.05.8, ...", without its end; nothing when there is none. */
void provenance_line(const char *run, struct text *out);

#endif
