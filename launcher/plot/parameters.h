/* parameters: pictures of how the value depends on the parameters.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_PLOT_PARAMETERS_H
#define LAUNCHER_PLOT_PARAMETERS_H

#include "launcher/plot/scene.h"

/* The value over 's->parameter'. */
void parameters_draw_slice(const struct scene *s);

/* The rank over 's->parameter' and 's->with': a dot a trial on a ground whose
 * colour at each place is the mean of the trials near it, weighed by distance
 * (Shepard 1968). Warm colours are good. */
void parameters_draw_contour(const struct scene *s);

/* A line a trial across an axis a parameter, its rank last; the best on top. */
void parameters_draw_parallel(const struct scene *s);

/* A bar a parameter, by 's->importance'. */
void parameters_draw_importance(const struct scene *s);

#endif
