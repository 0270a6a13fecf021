/* picture: see picture.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/plot/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "launcher/plot/frame.h"
#include "launcher/plot/parameters.h"

/* ---- history -------------------------------------------------------------- */

static int by_number(const void *left, const void *right)
{
    const struct tree *a = *(const struct tree *const *)left;
    const struct tree *b = *(const struct tree *const *)right;
    int64_t x = tree_integer(tree_get(a, "trial"));
    int64_t y = tree_integer(tree_get(b, "trial"));

    return (x > y) - (x < y);
}

/* The best value so far as steps: two points a trial. */
static void draw_best_so_far(const struct scene *s, const struct frame *f,
                             const struct tree *const *order, size_t count)
{
    struct point *line = calloc(2 * count + 1, sizeof *line);
    double best = INFINITY, sign = scene_sign(s, 0);

    for (size_t i = 0; line && i < count; i++) {
        double x = (double)tree_integer(tree_get(order[i], "trial"));
        double loss = sign * scene_value(order[i], 0);

        line[2 * i] = frame_point(f, x, isinf(best) ? NAN : sign * best);
        if (loss < best && tree_truth(tree_get(order[i], "feasible")))
            best = loss;
        line[2 * i + 1] = frame_point(f, x, isinf(best) ? NAN : sign * best);
    }
    if (line)
        canvas_line(s->canvas, line, 2 * count, INK_BEST, 1.8);
    free(line);
}

static void draw_history(const struct scene *s)
{
    size_t count = tree_count(s->trials);
    const struct tree **order = calloc(count + 1, sizeof *order);
    struct axis x, y;
    struct frame f;

    if (!order)
        return;
    axis_init(&x, "trial");
    for (size_t i = 0; i < count; i++) {
        order[i] = tree_at(s->trials, i);
        axis_take(&x, (double)tree_integer(tree_get(order[i], "trial")));
    }
    qsort(order, count, sizeof *order, by_number);
    axis_finish(&x);
    scene_value_axis(s, 0, &y);
    frame_draw(&f, s->canvas, s->width, s->height, &x, &y);
    for (size_t i = 0; i < count; i++)
        canvas_dot(
            s->canvas,
            frame_point(&f, (double)tree_integer(tree_get(order[i], "trial")),
                        scene_value(order[i], 0)),
            SCENE_DOT, scene_ink(order[i]));
    draw_best_so_far(s, &f, order, count);
    free(order);
}

/* ---- curves ---------------------------------------------------------------- */

static double at(const struct tree *point, size_t i)
{
    const struct tree *number = tree_at(point, i);

    return tree_kind(number) == TREE_NULL ? NAN : tree_number(number);
}

static void draw_curve(const struct scene *s, const struct frame *f,
                       const struct tree *trial, enum ink ink, double width)
{
    const struct tree *curve = tree_get(trial, "curve");
    size_t count = tree_count(curve);
    struct point *line = calloc(count + 1, sizeof *line);

    for (size_t i = 0; line && i < count; i++)
        line[i] =
            frame_point(f, at(tree_at(curve, i), 0), at(tree_at(curve, i), 1));
    if (line)
        canvas_line(s->canvas, line, count, ink, width);
    free(line);
}

static void draw_curves(const struct scene *s)
{
    const struct tree *best = NULL;
    struct axis x, y;
    struct frame f;

    axis_init(&x, "step");
    axis_init(&y, scene_metric(s, 0));
    for (size_t t = 0; t < tree_count(s->trials); t++) {
        const struct tree *trial = tree_at(s->trials, t);
        const struct tree *curve = tree_get(trial, "curve");

        if (tree_integer(tree_get(trial, "trial")) == scene_best(s))
            best = trial;
        for (size_t i = 0; i < tree_count(curve); i++) {
            axis_take(&x, at(tree_at(curve, i), 0));
            axis_take(&y, at(tree_at(curve, i), 1));
        }
    }
    axis_finish(&x);
    axis_finish(&y);
    frame_draw(&f, s->canvas, s->width, s->height, &x, &y);
    for (size_t t = 0; t < tree_count(s->trials); t++)
        draw_curve(s, &f, tree_at(s->trials, t), INK_STOPPED, 0.7);
    if (best)
        draw_curve(s, &f, best, INK_BEST, 2.2);
}

/* ---- Pareto front ------------------------------------------------------------ */

/* Whether no other trial is better in one of the first two objectives and as
 * good in the other. */
static bool is_on_front(const struct scene *s, const struct tree *trial)
{
    double a = scene_sign(s, 0), b = scene_sign(s, 1);
    double x = a * scene_value(trial, 0), y = b * scene_value(trial, 1);

    for (size_t i = 0; i < tree_count(s->trials); i++) {
        double u = a * scene_value(tree_at(s->trials, i), 0);
        double v = b * scene_value(tree_at(s->trials, i), 1);

        if (u <= x && v <= y && (u < x || v < y))
            return false;
    }
    return isfinite(x) && isfinite(y);
}

static void draw_pareto(const struct scene *s)
{
    struct axis x, y;
    struct frame f;

    scene_value_axis(s, 0, &x);
    scene_value_axis(s, 1, &y);
    frame_draw(&f, s->canvas, s->width, s->height, &x, &y);
    for (int front = 0; front < 2; front++)
        for (size_t i = 0; i < tree_count(s->trials); i++) {
            const struct tree *trial = tree_at(s->trials, i);

            if (is_on_front(s, trial) == (front == 1))
                canvas_dot(s->canvas,
                           frame_point(&f, scene_value(trial, 0),
                                       scene_value(trial, 1)),
                           front ? 1.5 * SCENE_DOT : SCENE_DOT,
                           front ? INK_BEST : INK_STOPPED);
        }
}

/* ---- timeline ---------------------------------------------------------------- */

static enum ink ink_of_outcome(const char *outcome)
{
    return strcmp(outcome, "complete") == 0 ? INK_DONE
           : strcmp(outcome, "failed") == 0 || strcmp(outcome, "lost") == 0
               ? INK_FAILED
           : *outcome == '\0' ? INK_RUNNING
                              : INK_STOPPED;
}

static double row_of(const struct tree *workers, const char *worker)
{
    for (size_t i = 0; i < tree_count(workers); i++)
        if (strcmp(tree_text(tree_at(workers, i)), worker) == 0)
            return (double)i;
    return NAN;
}

/* Every worker once, in the order met. */
static struct tree *list_workers(const struct scene *s)
{
    struct tree *list = tree_list();

    for (size_t t = 0; t < tree_count(s->trials); t++) {
        const struct tree *work = tree_get(tree_at(s->trials, t), "work");

        for (size_t i = 0; i < tree_count(work); i++) {
            const char *worker = tree_text(tree_at(tree_at(work, i), 0));

            if (isnan(row_of(list, worker)))
                tree_append(list, tree_string(worker));
        }
    }
    return list;
}

static void draw_work(const struct scene *s, const struct frame *f,
                      const struct tree *workers, double from, double now)
{
    double height = 0.8 * f->height / (double)tree_count(workers);

    for (size_t t = 0; t < tree_count(s->trials); t++) {
        const struct tree *work = tree_get(tree_at(s->trials, t), "work");

        for (size_t i = 0; i < tree_count(work); i++) {
            const struct tree *w = tree_at(work, i);
            double end = isnan(at(w, 2)) ? now : at(w, 2);
            double row = row_of(workers, tree_text(tree_at(w, 0)));
            struct point left = frame_point(f, (at(w, 1) - from) / 60, row);
            struct point right = frame_point(f, (end - from) / 60, row);

            left.y -= height / 2;
            canvas_box(s->canvas, left, fmax(0.7, right.x - left.x - 0.7),
                       height, ink_of_outcome(tree_text(tree_at(w, 3))));
        }
    }
}

static void draw_timeline(const struct scene *s)
{
    double from = tree_number(tree_get(s->study, "started"));
    double now = from + tree_number(tree_get(s->study, "elapsed_s"));
    struct tree *workers = list_workers(s);
    struct axis x, y;
    struct frame f;

    if (tree_count(workers) == 0)
        tree_append(workers, tree_string("nobody yet"));
    axis_init(&x, "minutes since the study began");
    axis_take(&x, 0);
    axis_take(&x, (now - from) / 60);
    axis_finish(&x);
    axis_init(&y, "worker");
    y.choices = workers;
    y.low = -0.5;
    y.high = (double)tree_count(workers) - 0.5;
    frame_draw(&f, s->canvas, s->width, s->height, &x, &y);
    draw_work(s, &f, workers, from, now);
    tree_destroy(workers);
}

/* ---- all of them --------------------------------------------------------------- */

const struct picture pictures[] = {
    { "history", "the best value so far, and every trial's", 0, draw_history },
    { "curves", "all learning curves, the best one's marked", 0, draw_curves },
    { "slice", "the value over one parameter", PICTURE_OF_ONE,
      parameters_draw_slice },
    { "contour", "the value over two parameters", PICTURE_OF_TWO,
      parameters_draw_contour },
    { "parallel", "every trial across all parameters", 0,
      parameters_draw_parallel },
    { "importance", "which parameters decide", PICTURE_OF_IMPORTANCE,
      parameters_draw_importance },
    { "pareto", "two objectives and their front", 0, draw_pareto },
    { "timeline", "who worked when, and what came of it", 0, draw_timeline },
    { NULL, NULL, 0, NULL },
};

const struct picture *picture_find(const char *name, struct error *err)
{
    const char *names[sizeof pictures / sizeof *pictures];
    size_t count = 0;
    const char *near;

    for (const struct picture *p = pictures; p->name; p++) {
        if (strcmp(p->name, name) == 0)
            return p;
        names[count++] = p->name;
    }
    near = text_nearest(name, names, count);
    error_usage(err, "there is no picture '%s'", name);
    if (near)
        error_hint(err, "did you mean '%s'?", near);
    else
        error_hint(err, "'sentei plot --help' lists them");
    return NULL;
}
