/* parameters: see parameters.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/plot/parameters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/plot/frame.h"

enum { CELLS = 48, NEAR = 300, LINES_MOST = 1000, AXES_MOST = 12 };

static double value_on(const struct axis *a, const struct tree *trial)
{
    return axis_value(a, tree_get(tree_get(trial, "params"), a->title));
}

/* ---- slice ---------------------------------------------------------------- */

void parameters_draw_slice(const struct scene *s)
{
    const char *name = tree_text(tree_get(s->parameter, "name"));
    struct axis x, y;
    struct frame f;

    axis_of_parameter(&x, s->parameter);
    scene_value_axis(s, 0, &y);
    frame_draw(&f, s->canvas, s->width, s->height, &x, &y);
    for (size_t i = 0; i < tree_count(s->trials); i++) {
        const struct tree *trial = tree_at(s->trials, i);
        const struct tree *value = tree_get(tree_get(trial, "params"), name);

        canvas_dot(
            s->canvas,
            frame_point(&f, axis_value(&x, value), scene_value(trial, 0)),
            SCENE_DOT, scene_ink(trial));
    }
}

/* ---- contour -------------------------------------------------------------- */

/* The mean of how good trials are, by their distance from a place. */
static double ground_at(const struct ranked *trials, size_t count,
                        const struct axis *x, const struct axis *y, double u,
                        double v)
{
    double sum = 0, weights = 0;

    for (size_t i = 0; i < count && i < NEAR; i++) {
        double a = axis_place(x, value_on(x, trials[i].trial)) - u;
        double b = axis_place(y, value_on(y, trials[i].trial)) - v;
        double weight = 1 / pow(a * a + b * b + 1e-3, 2);

        if (isnan(weight)) /* one of them does not apply */
            continue;
        sum += weight * trials[i].good;
        weights += weight;
    }
    return weights > 0 ? sum / weights : 0.5;
}

static void draw_ground(const struct scene *s, const struct frame *f,
                        const struct ranked *trials, size_t count)
{
    double width = f->width / CELLS, height = f->height / CELLS;

    for (int i = 0; i < CELLS; i++)
        for (int j = 0; j < CELLS; j++) {
            struct point corner = { f->left + i * width,
                                    f->top + f->height - (j + 1) * height };
            double good = ground_at(trials, count, f->x, f->y,
                                    (i + 0.5) / CELLS, (j + 0.5) / CELLS);

            canvas_box(s->canvas, corner, width + 0.5, height + 0.5,
                       ink_shade(good, true));
        }
}

void parameters_draw_contour(const struct scene *s)
{
    size_t count;
    struct ranked *trials = scene_ranked(s, &count);
    struct axis x, y;
    struct frame f;

    if (!trials)
        return;
    axis_of_parameter(&x, s->parameter);
    axis_of_parameter(&y, s->with);
    frame_draw(&f, s->canvas, s->width, s->height, &x, &y);
    if (count > 0)
        draw_ground(s, &f, trials, count);
    for (size_t i = count; i-- > 0;) {
        struct point at = frame_point(&f, value_on(&x, trials[i].trial),
                                      value_on(&y, trials[i].trial));

        canvas_dot(s->canvas, at, 1.3 * SCENE_DOT, INK_TEXT);
        canvas_dot(s->canvas, at, SCENE_DOT, ink_shade(trials[i].good, false));
    }
    free(trials);
}

/* ---- parallel coordinates ------------------------------------------------- */

/* Where the axes stand; the last is the rank. */
struct rails {
    struct axis axes[AXES_MOST];
    size_t count;
    double left, right, top, bottom;
};

static struct point on_rail(const struct rails *r, size_t i, double share)
{
    double step = (r->right - r->left) / (double)(r->count ? r->count : 1);

    return (struct point){ r->left + step * (double)i,
                           r->bottom - share * (r->bottom - r->top) };
}

/* An axis with its name below, on two levels in turn, and its ends. */
static void draw_rail(const struct scene *s, const struct rails *r, size_t i)
{
    const struct axis *a = i < r->count ? &r->axes[i] : NULL;
    struct point ends[] = { on_rail(r, i, 0), on_rail(r, i, 1) };
    struct tick ticks[AXIS_TICKS_MAX] = { { 0 } };
    size_t count = a ? axis_ticks(a, ticks) : 0;
    struct point name = { ends[0].x, ends[0].y + (i % 2 ? 34 : 20) };

    canvas_line(s->canvas, ends, 2, INK_SOFT, 1);
    for (size_t t = 0; t < count; t++) {
        struct point at = on_rail(r, i, axis_place(a, ticks[t].value));

        at.x += 3;
        canvas_text(s->canvas, at, ALIGN_LEFT, ticks[t].label, INK_SOFT);
    }
    canvas_text(s->canvas, name, ALIGN_CENTER, a ? a->title : "rank", INK_TEXT);
}

/* A trial's line; over a parameter that does not apply it goes on to the next. */
static void draw_trial(const struct scene *s, const struct rails *r,
                       const struct ranked *trial)
{
    struct point line[AXES_MOST + 1];
    bool best = trial->good >= 0.9;
    size_t n = 0;

    for (size_t i = 0; i < r->count; i++) {
        const struct axis *a = &r->axes[i];
        double share = axis_place(a, value_on(a, trial->trial));

        if (isfinite(share))
            line[n++] = on_rail(r, i, share);
    }
    line[n++] = on_rail(r, r->count, trial->good);
    canvas_line(s->canvas, line, n, ink_shade(trial->good, !best),
                best ? 1.6 : 0.8);
}

void parameters_draw_parallel(const struct scene *s)
{
    struct rails r = {
        .left = 64, .right = s->width - 50, .top = 14, .bottom = s->height - 46
    };
    size_t count;
    struct ranked *trials = scene_ranked(s, &count);

    for (; r.count < tree_count(s->space) && r.count < AXES_MOST; r.count++)
        axis_of_parameter(&r.axes[r.count], tree_at(s->space, r.count));
    for (size_t t = count < LINES_MOST ? count : LINES_MOST; trials && t-- > 0;)
        draw_trial(s, &r, &trials[t]);
    for (size_t i = 0; i <= r.count; i++)
        draw_rail(s, &r, i);
    free(trials);
}

/* ---- importance ----------------------------------------------------------- */

void parameters_draw_importance(const struct scene *s)
{
    const struct tree *list = tree_get(s->importance, "importance");
    size_t count = tree_count(list);
    struct tree *names = tree_list();
    struct axis x, y;
    struct frame f;

    axis_init(&x, "importance: the share of who is among the best");
    axis_take(&x, 0);
    for (size_t i = count; i-- > 0;) { /* the first on top */
        tree_append(names, tree_copy(tree_get(tree_at(list, i), "parameter")));
        axis_take(&x, tree_number(tree_get(tree_at(list, i), "importance")));
    }
    axis_finish(&x);
    axis_init(&y, "parameter");
    y.choices = names;
    y.low = -0.5;
    y.high = (double)count - 0.5;
    frame_draw(&f, s->canvas, s->width, s->height, &x, &y);
    for (size_t i = 0; i < count; i++) {
        double height = 0.7 * f.height / (double)count;
        double value = tree_number(tree_get(tree_at(list, i), "importance"));
        struct point corner = frame_point(&f, 0, (double)(count - 1 - i));
        struct point end = frame_point(&f, value, 0);

        corner.y -= height / 2;
        canvas_box(s->canvas, corner, end.x - corner.x, height, INK_RUNNING);
    }
    tree_destroy(names);
}
