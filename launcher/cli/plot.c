/* plot: 'sentei plot KIND [RUN] -o FILE' draws one picture of a study.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/text.h"
#include "launcher/cli/changes.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/source.h"
#include "launcher/plot/picture.h"

struct plot {
    const struct picture *picture;
    const char *file, *parameter, *with;
    double width, height;
};

/* The parameter a person calls 'name' or by the end of its name; the first one
 * without a name. NULL with 'err'. */
static const struct tree *find_parameter(const struct tree *space,
                                         const char *name, struct error *err)
{
    for (size_t i = 0; i < tree_count(space); i++) {
        const char *whole = tree_text(tree_get(tree_at(space, i), "name"));
        size_t length = strlen(whole), size = name ? strlen(name) : 0;

        if (!name || strcmp(whole, name) == 0 ||
            (length > size && strcmp(whole + length - size, name) == 0 &&
             whole[length - size - 1] == '.'))
            return tree_at(space, i);
    }
    error_usage(err, "the space has no parameter '%s'", name ? name : "");
    error_hint(err, "'sentei leaderboard' shows them all");
    return NULL;
}

/* The parameters that the picture is of. */
static int set_parameters(struct scene *s, const struct plot *plot,
                          struct error *err)
{
    int needs = plot->picture->needs;

    if (needs & (PICTURE_OF_ONE | PICTURE_OF_TWO) &&
        !(s->parameter = find_parameter(s->space, plot->parameter, err)))
        return -1;
    if (!(needs & PICTURE_OF_TWO))
        return 0;
    if (plot->with)
        s->with = find_parameter(s->space, plot->with, err);
    else if (tree_count(s->space) < 2)
        error_usage(err, "the space has one parameter: no contour");
    else
        s->with = tree_at(s->space, s->parameter == tree_at(s->space, 0));
    return s->with ? 0 : -1;
}

/* Point the scene at a study; what cannot be drawn is refused. */
static int set_scene(struct scene *s, const struct plot *plot,
                     const struct tree *changes, struct error *err)
{
    *s = (struct scene){ .study = tree_get(changes, "study"),
                         .trials = tree_get(changes, "trials"),
                         .space = tree_get(changes, "space"),
                         .width = plot->width,
                         .height = plot->height };
    if (strcmp(plot->picture->name, "pareto") == 0 &&
        tree_count(tree_get(s->study, "objectives")) < 2)
        return error_usage(err, "this study has one objective: no front");
    return set_parameters(s, plot, err);
}

static int draw(const struct plot *plot, const char *run, struct error *err)
{
    struct tree *changes = NULL, *importance = NULL;
    struct scene scene;
    int rc = changes_read(run, &changes, err);

    if (rc == 0)
        rc = set_scene(&scene, plot, changes, err);
    if (rc == 0 && plot->picture->needs & PICTURE_OF_IMPORTANCE)
        rc = source_read(run, "/v1/importance", &importance, err);
    scene.importance = importance;
    if (rc == 0)
        rc = canvas_open(&scene.canvas, plot->file, scene.width, scene.height,
                         err);
    if (rc == 0) {
        plot->picture->draw(&scene);
        rc = canvas_close(scene.canvas, err);
    }
    tree_destroy(importance);
    tree_destroy(changes);
    return rc;
}

/* KIND [RUN] */
static int read_words(struct plot *plot, char **words, int count,
                      struct error *err)
{
    if (count < 1 || count > 2) {
        error_usage(err, "expected a kind of picture, then perhaps a run");
        return error_hint(err, "for example: sentei plot history -o x.svg");
    }
    plot->picture = picture_find(words[0], err);
    if (!plot->picture)
        return -1;
    if (!(plot->width >= 100 && plot->width <= 10000 && plot->height >= 100 &&
          plot->height <= 10000))
        return error_usage(err, "a picture is 100 to 10000 points a side");
    if (!plot->file)
        return error_usage(err, "where to? for example: -o %s.svg", words[0]);
    return 0;
}

/* What the kinds are, for --help. */
static void describe(struct text *out)
{
    text_append(out, "Draws one picture of a study as an SVG or a PNG file. "
                     "RUN is a run folder or a study's name; without one it "
                     "is the newest run. KIND is");
    for (const struct picture *p = pictures; p->name; p++)
        text_format(out, "%s %s (%s)", p == pictures ? "" : ",", p->name,
                    p->summary);
    text_append(out, ".");
}

static int run_plot(int argc, char **argv, struct error *err)
{
    struct plot plot = { .width = 720, .height = 400 };
    struct text description = TEXT_INIT;
    const char *runs = "runs";
    const struct option_row rows[] = {
        { "output", 'o', OPTION_STRING, &plot.file, "FILE",
          "where to draw: its name ends in .svg or .png" },
        { "parameter", 'p', OPTION_STRING, &plot.parameter, "NAME",
          "of a slice or a contour (default: the first)" },
        { "with", 0, OPTION_STRING, &plot.with, "NAME",
          "the other one of a contour (default: the next)" },
        { "width", 0, OPTION_FLOAT, &plot.width, "POINTS", "(default: 720)" },
        { "height", 0, OPTION_FLOAT, &plot.height, "POINTS", "(default: 400)" },
        FIND_RUNS_OPTION(&runs),
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    struct options options = {
        .command = "sentei plot",
        .usage = "KIND [RUN] -o FILE",
        .examples =
            "  sentei plot history -o history.svg\n"
            "  sentei plot slice quickstart -p optimizer.lr -o lr.png\n",
        .rows = rows,
    };
    char **words;
    int count, rc;

    describe(&description);
    options.description = text_get(&description);
    rc = options_parse(&options, argc, argv, &words, &count, err);
    text_clear(&description);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (read_words(&plot, words, count, err) < 0)
        return -1;
    char *run = find_run(count == 2 ? words[1] : NULL, runs, err);

    rc = run ? draw(&plot, run, err) : -1;
    free(run);
    return rc;
}

const struct verb verb_plot = {
    .name = "plot",
    .summary = "one picture of a study, as SVG or PNG",
    .run = run_plot,
};
