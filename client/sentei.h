/* sentei.h: what a trial links to ask for its parameters and to report.
 *
 *     struct sentei *s = sentei_open(message, sizeof message);
 *     double lr = sentei_float(s, "optimizer.lr", 1e-3);
 *     for (step = my_checkpoint(sentei_folder(s)) + 1; step <= 30; step++) {
 *         ... train ...
 *         sentei_metric(s, "val.pr_auc", value);
 *         sentei_report(s, step);
 *         decision = sentei_settle(s, 5);
 *         ... checkpoint into sentei_folder(s), by rename ...
 *         if (decision != SENTEI_CONTINUE) break;
 *     }
 *     return sentei_close(s);
 *
 * First the report, then the checkpoint: a trial that is killed in between
 * trains and reports that step once more, which does no harm; the other way
 * round the report might be missing for ever.
 *
 * Never waits for the network, but in sentei_settle(): reports go through a
 * queue and a thread; when nobody answers they are tried again and kept in the
 * trial's folder (spool.jsonl), which the worker delivers later. Outside a
 * study (no SENTEI_TRIAL in the environment) everything works with the
 * defaults and nothing is sent. This header needs nothing else of sentei's.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SENTEI_H
#define SENTEI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sentei;

/* What the study wants of this trial. */
enum sentei_decision {
    SENTEI_CONTINUE = 0,
    SENTEI_PRUNE = 1, /* stop: this trial will not win; sentei_close(), exit */
    SENTEI_PAUSE = 2, /* checkpoint, then exit with SENTEI_EXIT_PAUSED */
    SENTEI_STALE = 3  /* another attempt has taken over: exit, write nothing */
};

/* The exit status of a trial that checkpointed and wants to be resumed
 * (EX_TEMPFAIL of sysexits.h). */
#define SENTEI_EXIT_PAUSED 75

/* Open from the environment (SENTEI_URL, SENTEI_TOKEN_FILE, SENTEI_STUDY,
 * SENTEI_TRIAL, SENTEI_ATTEMPT, SENTEI_LEASE, SENTEI_PARAMS, SENTEI_DIR,
 * SENTEI_RUN). Returns NULL with the reason in 'message' when the environment is broken
 * or memory is out. */
struct sentei *sentei_open(char *message, size_t size);

/* Parameters of this trial, or 'fallback' where it has none of this name (or,
 * for numbers, none that is a number). Strings live until sentei_close(). */
double sentei_float(const struct sentei *s, const char *name, double fallback);
int64_t sentei_int(const struct sentei *s, const char *name, int64_t fallback);
const char *sentei_string(const struct sentei *s, const char *name,
                          const char *fallback);

/* All parameters as JSON text ("{}" outside a study). */
const char *sentei_params(const struct sentei *s);

/* Whether this runs inside a study; trial number and attempt (from 1), or -1
 * and 0 outside. */
int sentei_in_study(const struct sentei *s);
int64_t sentei_trial(const struct sentei *s);
int64_t sentei_attempt(const struct sentei *s);

/* The trial's own folder for checkpoints ("." outside a study). */
const char *sentei_folder(const struct sentei *s);

/* The folder of the trial whose checkpoint this one is to begin from when it has
 * none of its own (SENTEI_INIT_FROM; population-based training), or NULL. It is
 * to be read only, and may be replaced meanwhile: by rename, as yours. */
const char *sentei_init_from(const struct sentei *s);

/* Put a metric into the next report; a name given twice keeps the last value.
 * Returns 0, or -1 when the name cannot be a metric's or 64 are there. */
int sentei_metric(struct sentei *s, const char *name, double value);

/* Send the metrics put in so far as those of 'step', without waiting. The
 * same step again is harmless. Returns the newest decision known. */
enum sentei_decision sentei_report(struct sentei *s, int64_t step);

/* The newest decision known, without reporting; asks nothing. */
enum sentei_decision sentei_decision(struct sentei *s);

/* Wait up to 'seconds' until every report so far was answered, so that the
 * decision is the one on the last of them. Returns the decision. */
enum sentei_decision sentei_settle(struct sentei *s, double seconds);

/* Deliver what is queued (a few seconds at most, the rest is spooled) and free
 * 's'. Returns the exit status to end with: 0, or SENTEI_EXIT_PAUSED when the
 * last decision was a pause. */
int sentei_close(struct sentei *s);

#ifdef __cplusplus
}
#endif
#endif
