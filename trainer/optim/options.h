/* options: which optimiser, and its numbers.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_OPTIM_OPTIONS_H
#define TRAINER_OPTIM_OPTIONS_H

#include <stdint.h>

enum optim_kind { OPTIM_ADAM, OPTIM_ADAMW, OPTIM_LAMB, OPTIM_SGD };

/* In the order of the enum, ends with NULL. */
extern const char *const optim_names[];

enum rate_kind { RATE_CONSTANT, RATE_COSINE, RATE_LINEAR, RATE_STEP };
extern const char *const rate_names[];

struct optim_options {
    enum optim_kind kind;
    double lr;
    double
        weight_decay; /* adam, sgd: added to the gradient; adamw, lamb: apart */
    double momentum;  /* sgd */
    double beta1, beta2; /* all but sgd */
    double epsilon;
    double clip;             /* largest norm of the gradient; 0: any */
    double warmup;           /* epochs in which the rate rises from 0 */
    enum rate_kind schedule; /* after the warm-up: constant, or to 0 in the
                                last epoch by a cosine or a line, or times
                                'drop' every 'drop_every' epochs */
    double drop, drop_every;
};

#endif
