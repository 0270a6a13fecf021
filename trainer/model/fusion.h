/* fusion: the towers' features side by side to the logits.
 *
 * 'depth' times linear, batch norm or bias, ReLU, dropout (Srivastava et al.
 * 2014); then one linear unit an output.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_MODEL_FUSION_H
#define TRAINER_MODEL_FUSION_H

#include "trainer/model/layout.h"
#include "trainer/model/norm.h"
#include "trainer/model/options.h"
#include "trainer/model/pass.h"

struct fusion_layer {
    size_t in, out;
    size_t weight; /* place of its weights [out][in] */
    struct norm norm;
    float *x; /* after linear; only with batch norm */
    float *y; /* after norm or bias, ReLU and dropout */
};

struct fusion {
    struct fusion_layer *layer;
    size_t count;        /* hidden layers */
    size_t in;           /* width of what the last unit looks at */
    size_t outputs;      /* 1, or one a class */
    size_t weight, bias; /* of the last units */
    double dropout;
    float *logit; /* [rows][stride(outputs)] */
    float *gradient[2];
};

/* Make it for 'features' inputs and up to 'rows' rows. Returns 0, or -1 with
 * 'err'; fusion_clear() in any case. */
int fusion_init(struct fusion *f, struct backend *b,
                const struct fusion_options *o, size_t rows, size_t features,
                size_t outputs, struct layout *dense, struct layout *running,
                struct error *err);
void fusion_clear(struct fusion *f, struct backend *b);

/* Fill f->logit from p->rows rows of features. */
void fusion_forward(struct fusion *f, const struct pass *p,
                    const float *features);

/* From the logits' gradient to that of the parameters and of the features. */
void fusion_backward(struct fusion *f, const struct pass *p,
                     const float *features, float *dlogit, float *dfeatures);

#endif
