/* lstm: a long short-term memory read over sequences, one way.
 *
 * Matrices have a line for each of rows x positions. 'positions' is above every
 * length, so there is a place for the state before the first position and for
 * that after the last: with t the line of what is read, forwards the state goes
 * from line t to t + 1, backwards from t + 1 to t.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_MODEL_LSTM_H
#define TRAINER_MODEL_LSTM_H

#include "trainer/model/layout.h"
#include "trainer/model/pass.h"

/* What a tower over sequences looks at, in the backend's memory. */
struct sequences {
    size_t positions;      /* of each row, in this batch */
    size_t most_positions; /* of any batch */
    size_t channels;       /* of a position */
    uint32_t *length;      /* [rows] */
    float *x, *dx;         /* [rows x positions][stride(channels)] */
};

struct lstm {
    size_t in, units;
    bool backwards;
    size_t weight_in, weight_state, bias; /* [4 units][in], [4 units][units] */
    float *gates;                         /* lines of 4 units */
    float *h, *c;                         /* lines of 'units' */
    float *dh, *dc;                       /* [rows][stride(units)] */
};

/* Add the parameters "<name>.in.weight", "<name>.state.weight" and
 * "<name>.bias", and make room. Returns 0, or -1 with 'err'; lstm_clear() in
 * any case. */
int lstm_init(struct lstm *l, struct backend *b, const char *name,
              const struct sequences *s, size_t rows, size_t units,
              bool backwards, struct layout *dense, struct error *err);
void lstm_clear(struct lstm *l, struct backend *b);

/* The last state of each row to 'units' columns of 'out'. */
void lstm_forward(struct lstm *l, const struct pass *p,
                  const struct sequences *s, float *out, size_t step);

/* From the gradient of those columns to that of the parameters, and of s->x:
 * s->dx becomes it plus 'beta' times what was there. */
void lstm_backward(struct lstm *l, const struct pass *p,
                   const struct sequences *s, const float *dout, size_t step,
                   float beta);

#endif
