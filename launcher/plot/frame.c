/* frame: see frame.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/plot/frame.h"

#include <string.h>

#define LETTER 6.0 /* about the width of one */
enum { MARGIN = 14, GAP = 6, LINE = 16 };

struct point frame_point(const struct frame *f, double x, double y)
{
    return (struct point){ f->left + f->width * axis_place(f->x, x),
                           f->top + f->height * (1 - axis_place(f->y, y)) };
}

/* The width of the longest label. */
static double room_for(const struct tick *ticks, size_t count)
{
    size_t longest = 0;

    for (size_t i = 0; i < count; i++)
        if (strlen(ticks[i].label) > longest)
            longest = strlen(ticks[i].label);
    return LETTER * (double)longest;
}

static void draw_x(const struct frame *f, struct canvas *c)
{
    struct tick ticks[AXIS_TICKS_MAX];
    size_t count = axis_ticks(f->x, ticks);
    double bottom = f->top + f->height;

    for (size_t i = 0; i < count; i++) {
        double x = f->left + f->width * axis_place(f->x, ticks[i].value);
        struct point line[] = { { x, f->top }, { x, bottom } };

        canvas_line(c, line, 2, INK_GRID, 0.7);
        canvas_text(c, (struct point){ x, bottom + LINE / 1.6 }, ALIGN_CENTER,
                    ticks[i].label, INK_SOFT);
    }
    canvas_text(c,
                (struct point){ f->left + f->width / 2, bottom + 1.8 * LINE },
                ALIGN_CENTER, f->x->title, INK_TEXT);
}

static void draw_y(const struct frame *f, struct canvas *c)
{
    struct tick ticks[AXIS_TICKS_MAX];
    size_t count = axis_ticks(f->y, ticks);

    for (size_t i = 0; i < count; i++) {
        double y = f->top + f->height * (1 - axis_place(f->y, ticks[i].value));
        struct point line[] = { { f->left, y }, { f->left + f->width, y } };

        canvas_line(c, line, 2, INK_GRID, 0.7);
        canvas_text(c, (struct point){ f->left - GAP, y }, ALIGN_RIGHT,
                    ticks[i].label, INK_SOFT);
    }
    canvas_text_upward(c, (struct point){ MARGIN, f->top + f->height / 2 },
                       f->y->title, INK_TEXT);
}

void frame_draw(struct frame *f, struct canvas *c, double width, double height,
                const struct axis *x, const struct axis *y)
{
    struct tick ticks[AXIS_TICKS_MAX];
    size_t count = axis_ticks(y, ticks);
    double labels = room_for(ticks, count);

    *f = (struct frame){ x, y, MARGIN + LINE + labels + GAP, MARGIN, 0, 0 };
    f->width = width - f->left - 2 * MARGIN;
    f->height = height - f->top - MARGIN - 2 * LINE;
    draw_x(f, c);
    draw_y(f, c);
}
