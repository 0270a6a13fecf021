/* picture: the kinds of pictures 'sentei plot' can draw of a study.
 *
 * A pure function of a reply of GET /v1/changes (docs/api.md) onto a canvas.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_PLOT_PICTURE_H
#define LAUNCHER_PLOT_PICTURE_H

#include "base/error.h"
#include "base/tree.h"
#include "launcher/plot/canvas.h"

/* What is drawn of what. Trees are borrowed. */
struct scene {
    const struct tree *study, *trials; /* SUMMARY; a list of ROWs */
    const struct tree *space;          /* a list of parameters */
    const struct tree *parameter;      /* of 'slice': an item of 'space' */
    struct canvas *canvas;
    double width, height;
};

struct picture {
    const char *name, *summary;
    bool of_parameter; /* needs 'parameter' */
    void (*draw)(const struct scene *s);
};

/* All of them; ends with a NULL name. */
extern const struct picture pictures[];

/* The kind called 'name', or NULL with 'err' (kind USAGE, nearest named). */
const struct picture *picture_find(const char *name, struct error *err);

#endif
