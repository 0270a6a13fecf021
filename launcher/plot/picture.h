/* picture: the kinds of pictures 'sentei plot' can draw of a study.
 *
 * A pure function of a reply of GET /v1/changes (docs/api.md) onto a canvas.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_PLOT_PICTURE_H
#define LAUNCHER_PLOT_PICTURE_H

#include "base/error.h"
#include "launcher/plot/scene.h"

/* What of the scene a picture needs beside study, trials and space. */
enum {
    PICTURE_OF_ONE = 1,       /* 'parameter' */
    PICTURE_OF_TWO = 2,       /* 'parameter' and 'with' */
    PICTURE_OF_IMPORTANCE = 4 /* 'importance' */
};

struct picture {
    const char *name, *summary;
    int needs;
    void (*draw)(const struct scene *s);
};

/* All of them; ends with a NULL name. */
extern const struct picture pictures[];

/* The kind called 'name', or NULL with 'err' (kind USAGE, nearest named). */
const struct picture *picture_find(const char *name, struct error *err);

#endif
