/* sentei enqueue RUN NAME=VALUE...: a point to be tried next.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/text.h"
#include "base/yaml.h"
#include "launcher/cli/find.h"
#include "launcher/cli/trial.h"
#include "launcher/cli/verb.h"

/* Put "name=value" into 'params'; the value is read as in a study file. */
static int add_word(struct tree *params, const char *word, struct error *err)
{
    const char *sign = strchr(word, '=');
    char *name = NULL;
    struct tree *value = NULL;
    int rc = -1;

    if (!sign || sign == word || !sign[1]) {
        error_usage(err, "expected NAME=VALUE, found '%s'", word);
        return error_hint(err, "for example: optimizer.lr=0.001");
    }
    if (!(name = text_print("%.*s", (int)(sign - word), word)))
        return error_memory(err);
    value = yaml_parse(sign + 1, strlen(sign + 1), name, err);
    if (value && tree_get(params, name))
        error_usage(err, "'%s' is given twice", name);
    else if (value)
        rc = 0;
    if (rc == 0)
        tree_set(params, name, value);
    else
        tree_destroy(value);
    free(name);
    return rc;
}

static int enqueue(const char *run, const char *runs, char **words, int count,
                   struct error *err)
{
    struct tree *params = tree_map(), *body, *reply = NULL;
    int rc = 0;

    for (int i = 0; rc == 0 && i < count; i++)
        rc = add_word(params, words[i], err);
    if (rc < 0) {
        tree_destroy(params);
        return -1;
    }
    body = tree_map();
    tree_set(body, "params", params);
    rc = trial_post(run, runs, "/v1/enqueue", body, &reply, err);
    if (rc == 0)
        printf("%" PRId64 "\n", tree_integer(tree_get(reply, "trial")));
    tree_destroy(reply);
    return rc;
}

static int run(int argc, char **argv, struct error *err)
{
    const char *runs = "runs";
    const struct option_row rows[] = {
        FIND_RUNS_OPTION(&runs),
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options o = {
        .command = "sentei enqueue",
        .usage = "RUN NAME=VALUE... [options]",
        .description = "Puts a point at the head of the queue and prints its "
                       "trial's number. What it leaves out\nthe sampler "
                       "chooses. Values are written as in a study file. "
                       "'sentei run' goes on with a study\nthat has ended.",
        .examples = "  sentei enqueue quickstart optimizer.lr=0.001 "
                    "batch.schedule=natural",
        .rows = rows,
    };
    char **rest;
    int count, rc = options_parse(&o, argc, argv, &rest, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (count < 1) {
        error_usage(err, "expected a run");
        return error_hint(err, "for example: sentei enqueue quickstart "
                               "optimizer.lr=0.001");
    }
    return enqueue(rest[0], runs, rest + 1, count - 1, err);
}

const struct verb verb_enqueue = { "enqueue", "adds a point to be tried next",
                                   run };
