/* sentei: what a trial links to ask for its parameters and to report.
 *
 * The public face: the environment, the parameters, the metrics of the step;
 * sender.c does the talking.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/sentei.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/report.h"
#include "base/text.h"
#include "client/sender.h"

#define CLOSE_S 5.0

struct sentei {
    struct tree *params; /* a map */
    char *params_text, *folder, *spool;
    struct lease lease; /* trial -1 outside a study */
    struct sender *sender;
    struct report report; /* of the step to come */
};

/* A variable that must be there and a whole number. */
static int read_int(const char *name, int64_t *out, struct error *err)
{
    const char *value = getenv(name);

    if (!value)
        return error_usage(err, "%s is not set, though SENTEI_TRIAL is", name);
    if (text_to_int(value, out) < 0 || *out < 0)
        return error_usage(err, "%s is not a whole number: '%s'", name, value);
    return 0;
}

static int read_lease(struct lease *l, struct error *err)
{
    const char *token = getenv("SENTEI_LEASE");

    if (read_int("SENTEI_TRIAL", &l->trial, err) < 0 ||
        read_int("SENTEI_ATTEMPT", &l->attempt, err) < 0)
        return -1;
    if (!token || !*token || strlen(token) >= sizeof l->token)
        return error_usage(err, "SENTEI_LEASE is not set or too long");
    snprintf(l->token, sizeof l->token, "%s", token);
    return 0;
}

static int read_params(struct sentei *s, const char *json, struct error *err)
{
    struct text text = TEXT_INIT;

    s->params = json_parse(json, strlen(json), "SENTEI_PARAMS", err);
    if (!s->params)
        return -1;
    if (tree_kind(s->params) != TREE_MAP)
        return error_usage(err, "SENTEI_PARAMS is not a map");
    json_format(s->params, &text);
    s->params_text = text_take(&text);
    return s->params_text ? 0 : error_memory(err);
}

static int open_study(struct sentei *s, struct error *err)
{
    struct sender_options o = { .run = getenv("SENTEI_RUN"),
                                .url = getenv("SENTEI_URL"),
                                .token_file = getenv("SENTEI_TOKEN_FILE"),
                                .lease = &s->lease,
                                .wake_fd = -1 };

    if (read_lease(&s->lease, err) < 0)
        return -1;
    if (!o.run && !o.url)
        return error_usage(err, "neither SENTEI_URL nor SENTEI_RUN is set");
    o.spool = s->spool;
    s->sender = sender_create(&o, err);
    return s->sender ? 0 : -1;
}

static void sentei_free(struct sentei *s)
{
    tree_destroy(s->params);
    free(s->params_text);
    free(s->folder);
    free(s->spool);
    free(s);
}

struct sentei *sentei_open(char *message, size_t size)
{
    bool in_study = getenv("SENTEI_TRIAL") != NULL;
    const char *params = getenv("SENTEI_PARAMS");
    const char *folder = getenv("SENTEI_DIR");
    struct sentei *s = calloc(1, sizeof *s);
    struct error err = ERROR_INIT;

    if (!s) {
        error_memory(&err);
        goto error;
    }
    s->lease.trial = -1;
    s->folder = text_copy(in_study && folder ? folder : ".");
    s->spool = s->folder ? file_join(s->folder, "spool.jsonl") : NULL;
    if (!s->spool) {
        error_memory(&err);
        goto error;
    }
    if (read_params(s, in_study && params ? params : "{}", &err) < 0 ||
        (in_study && open_study(s, &err) < 0))
        goto error;
    return s;
error:
    snprintf(message, size, "%s", err.what);
    if (s)
        sentei_free(s);
    return NULL;
}

double sentei_float(const struct sentei *s, const char *name, double fallback)
{
    const struct tree *value = tree_find(s->params, name);

    return tree_is_number(value) ? tree_number(value) : fallback;
}

int64_t sentei_int(const struct sentei *s, const char *name, int64_t fallback)
{
    const struct tree *value = tree_find(s->params, name);
    double number = tree_is_number(value) ? tree_number(value) : NAN;

    if (tree_kind(value) == TREE_INT)
        return tree_integer(value);
    return fabs(number) < 9e18 ? llround(number) : fallback;
}

const char *sentei_string(const struct sentei *s, const char *name,
                          const char *fallback)
{
    const struct tree *value = tree_find(s->params, name);

    return tree_kind(value) == TREE_STRING ? tree_text(value) : fallback;
}

const char *sentei_params(const struct sentei *s)
{
    return s->params_text;
}

int sentei_in_study(const struct sentei *s)
{
    return s->sender != NULL;
}

int64_t sentei_trial(const struct sentei *s)
{
    return s->lease.trial;
}

int64_t sentei_attempt(const struct sentei *s)
{
    return s->lease.attempt;
}

const char *sentei_init_from(const struct sentei *s)
{
    return sentei_in_study(s) ? getenv("SENTEI_INIT_FROM") : NULL;
}

const char *sentei_folder(const struct sentei *s)
{
    return s->folder;
}

int sentei_metric(struct sentei *s, const char *name, double value)
{
    return report_add(&s->report, name, value, NULL);
}

enum sentei_decision sentei_report(struct sentei *s, int64_t step)
{
    s->report.step = step;
    if (s->sender && s->report.count > 0)
        sender_push(s->sender, report_to_tree(&s->report));
    s->report.count = 0;
    return sentei_decision(s);
}

enum sentei_decision sentei_decision(struct sentei *s)
{
    return s->sender ? sender_decision(s->sender) : SENTEI_CONTINUE;
}

enum sentei_decision sentei_settle(struct sentei *s, double seconds)
{
    if (s->sender)
        sender_settle(s->sender, seconds);
    return sentei_decision(s);
}

int sentei_close(struct sentei *s)
{
    enum sentei_decision decision;

    if (!s)
        return 0;
    if (s->sender)
        sender_settle(s->sender, CLOSE_S);
    decision = sentei_decision(s);
    sender_destroy(s->sender, 0);
    sentei_free(s);
    return decision == SENTEI_PAUSE ? SENTEI_EXIT_PAUSED : 0;
}
