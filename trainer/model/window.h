/* window: filters over windows of a sequence, and the largest answer of each.
 *
 * For each window of 'shortest' to 'longest' positions 'width' filters; of a
 * filter's answers along a row the largest, plus a bias, through ReLU (Kim
 * 2014). A row shorter than a window is seen once, filled up with zeros.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_MODEL_WINDOW_H
#define TRAINER_MODEL_WINDOW_H

#include "trainer/model/lstm.h"

struct windows {
    size_t in, width, shortest, count;
    size_t *weight;      /* [count]: place of [window][width][in] */
    size_t bias;         /* [count x width] */
    float *y, *dy;       /* answers at all positions, of one window */
    float *peak, *dpeak; /* [rows][stride(count x width)] */
    uint32_t *where;     /* [count][rows][width] */
    size_t rows;
};

/* As lstm_init(); the parameters are "<name>.<window>.weight" and
 * "<name>.bias". The features are count x width. */
int windows_init(struct windows *w, struct backend *b, const char *name,
                 const struct sequences *s, size_t rows, size_t width,
                 size_t shortest, size_t longest, struct layout *dense,
                 struct error *err);
void windows_clear(struct windows *w, struct backend *b);

/* As lstm_forward() and lstm_backward(), but that s->dx is overwritten. */
void windows_forward(struct windows *w, const struct pass *p,
                     const struct sequences *s, float *out, size_t step);
void windows_backward(struct windows *w, const struct pass *p,
                      const struct sequences *s, const float *dout,
                      size_t step);

#endif
