/* optim: a step of the optimiser from the gradients of a model.
 *
 * Dense parameters move at every step. A table's rows move when a batch has
 * touched them (lazy Adam): their moments wait in between, and weight decay
 * applies to them at those steps only. Biases and batch norms do not decay.
 * LAMB brings each weight matrix's step to the matrix's length; biases, batch
 * norms and embeddings take Adam's.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_OPTIM_OPTIM_H
#define TRAINER_OPTIM_OPTIM_H

#include "trainer/model/model.h"
#include "trainer/optim/options.h"

/* The learning rate at a time of training: 'epoch' whole epochs and a part of
 * the next have passed, of 'epochs'. */
double optim_rate(const struct optim_options *o, double epoch, double epochs);

/* Apply the gradients of 'm' to 'w' with learning rate 'rate', after clipping
 * their norm over all parameters (Pascanu et al. 2013). */
void optim_step(const struct optim_options *o, const struct model *m,
                struct weights *w, double rate);

#endif
