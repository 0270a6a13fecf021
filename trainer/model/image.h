/* image: the convolution tower: pixels to one feature a channel.
 *
 * Stages of 'blocks' times 3x3 convolution, batch norm and ReLU; each stage
 * doubles the width; 2x2 maximum pooling between stages, the mean over places
 * at the end (Simonyan & Zisserman 2015 with the head of Lin et al. 2014). A
 * residual tower (He et al. 2016) begins with one such convolution; its blocks
 * are two, around which the input goes as it is, the missing channels zero.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_MODEL_IMAGE_H
#define TRAINER_MODEL_IMAGE_H

#include "trainer/model/layout.h"
#include "trainer/model/norm.h"
#include "trainer/model/options.h"
#include "trainer/model/pass.h"

struct image_layer {
    struct conv *conv;
    struct shape in, out; /* rows: as many as there may be */
    size_t weight;        /* place of its weights */
    struct norm norm;
    float *x, *y;   /* after the convolution, after the norm */
    bool closes;    /* the second of a block: what the first one looked at is
                       added before the last ReLU */
    bool pooled;    /* the last of a stage but the last stage */
    float *smaller; /* after pooling */
    uint8_t *where;
};

struct image_tower {
    struct image_layer *layer;
    size_t count;
    size_t features;
    float *pixels;      /* the input as floats */
    uint8_t *bytes;     /* the input as it came */
    float *gradient[3]; /* of the activation at hand, of the next, and of a
                           block's end until its beginning is reached */
};

/* Make the tower for images of height x width and up to 'rows' rows. Returns
 * 0, or -1 with 'err' (too many stages for the image, memory);
 * image_clear() in any case. */
int image_init(struct image_tower *t, struct backend *b,
               const struct image_options *o, size_t rows, size_t height,
               size_t width, struct layout *dense, struct layout *running,
               struct error *err);
void image_clear(struct image_tower *t, struct backend *b);

/* Pixels (host memory) of p->rows images to t->features columns of 'out'. */
void image_forward(struct image_tower *t, const struct pass *p,
                   const uint8_t *pixels, float *out, size_t stride);

/* From the gradient of those columns to that of the parameters. */
void image_backward(struct image_tower *t, const struct pass *p,
                    const float *dout, size_t stride);

#endif
