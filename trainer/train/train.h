/* train: the loop: epochs of steps, judged after each, reported, checkpointed.
 *
 * Order of calls: train_open(), train_resume() where there may be a
 * checkpoint, train_run(), train_close(). All ranks make the same calls; rank
 * 0 alone writes files, prints, and talks to the study. Opening and closing are
 * in open.c.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_TRAIN_TRAIN_H
#define TRAINER_TRAIN_TRAIN_H

#include <signal.h>
#include <stdbool.h>

#include "base/report.h"
#include "client/sentei.h"
#include "trainer/comm/wireup.h"
#include "trainer/config.h"
#include "trainer/fold/fold.h"
#include "trainer/train/trace.h"

/* How a run ended. */
enum train_end {
    TRAIN_COMPLETE,    /* all epochs, or the loss is no number any more */
    TRAIN_PRUNED,      /* the study has seen enough */
    TRAIN_INTERRUPTED, /* a signal or the study asked; the checkpoint is there
                          if there is a folder */
    TRAIN_STALE        /* another attempt has taken over */
};

struct helper;

/* Of a step whose gradient is not applied yet. */
struct due {
    double rate;
    double sent; /* when its gradient went on its way, as trace_now() */
};

struct training {
    const struct config *config;
    struct comm *comm;
    struct sentei *client; /* NULL on ranks other than 0 */
    const char *folder;    /* for checkpoints; NULL: none are kept */
    const char *parent;    /* the folder of another training, begin from its
                              checkpoint where ours is not there; or NULL */
    struct trace *trace;   /* or NULL */
    const volatile sig_atomic_t *stop; /* not 0: checkpoint and end */

    struct backend *backend;
    struct comm device; /* about the backend's memory, where 'comm' is not */
    struct dataset *data;
    struct inputs inputs;
    struct model *model;
    struct batch batch;
    struct fold *fold;
    size_t fold_count;
    char *digest;          /* names this training in checkpoints */
    struct helper *helper; /* who judges beside the training, or NULL */

    /* the place: in 'epoch' (from 0), folds before 'turn' have done theirs,
     * fold 'turn' has done 'step' batches */
    int64_t epoch;
    size_t turn, step;
    struct due due;       /* late gradients: of the step before */
    double best;          /* highest metrics_main() so far; NaN: none */
    struct report report; /* of the last epoch done; step 0: none */
    double seconds;       /* spent training in this epoch, by this process */
    size_t rows;          /* trained in this time */
    bool patient;         /* the study answers: wait for its decision */
};

/* Open the data and make the model and folds. Everything given is borrowed
 * until train_close(). Returns 0, or -1 with 'err'; train_close() in any
 * case. */
int train_open(struct training *t, const struct config *c,
               const struct wireup *up, struct sentei *client,
               const char *folder, const volatile sig_atomic_t *stop,
               struct error *err);
void train_close(struct training *t);

/* Go on from the folder's checkpoint or from the parent's, if there is one, else begin with the
 * weights of init_from, if there are any. Returns 1 when there was a
 * checkpoint, 0 when not, -1 with 'err'. */
int train_resume(struct training *t, struct error *err);

/* Train until the end or until asked to stop. Returns 0 with '*end', or -1
 * with 'err'. */
int train_run(struct training *t, enum train_end *end, struct error *err);

#endif
