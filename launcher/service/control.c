/* control: what people say to a study: stop, pause, go on; try a trial again, a
 * note on it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/reader.h"
#include "launcher/service/budget.h"
#include "launcher/service/calls.h"

static int read_reason(const struct call *c, const char **reason,
                       struct error *err)
{
    struct reader reader;

    reader_open(&reader, c->body, "request", "", err);
    reader_allow_unknown(&reader);
    reader_string(&reader, "reason", reason);
    return reader_close(&reader);
}

/* Note a person's word about the study under 'key', in '*kept', too; NULL takes
 * it away. */
static int keep_word(struct service *s, char **kept, const char *key,
                     const char *word, double now, struct error *err)
{
    struct store_event event = { now, -1, word ? key : "resume",
                                 word ? word : "" };
    char *copy = word ? text_copy(word) : NULL;

    if (word && !copy)
        return error_memory(err);
    free(*kept);
    *kept = copy;
    return state_write(s, err) < 0 ||
                   store_set_meta(s->store, key, word, err) < 0 ||
                   store_add_event(s->store, &event, err) < 0
               ? -1
               : 0;
}

int call_stop(struct service *s, const struct call *c, struct reply *r,
              struct error *err)
{
    const char *reason = "stopped by hand";

    if (read_reason(c, &reason, err) < 0)
        return CALL_BAD;
    if (!s->stop && !s->end &&
        (keep_word(s, &s->stop, "stop", reason, c->now, err) < 0 ||
         (!s->options.view && budget_refresh_end(s, c->now, err) < 0)))
        return CALL_TROUBLE;
    return call_answer(r, tree_map(), err);
}

/* Whether the study goes on; 'err' says why it does not. */
static bool goes_on(const struct service *s, struct error *err)
{
    if (!s->stop && !s->end)
        return true;
    error_set(err, "the study is %s", s->stop ? "stopped" : "finished");
    error_hint(err, "'sentei resume' goes on with it");
    return false;
}

int call_pause(struct service *s, const struct call *c, struct reply *r,
               struct error *err)
{
    const char *reason = "by hand";

    if (read_reason(c, &reason, err) < 0)
        return CALL_BAD;
    if (!goes_on(s, err))
        return CALL_CONFLICT;
    if (!s->pause && keep_word(s, &s->pause, "pause", reason, c->now, err) < 0)
        return CALL_TROUBLE;
    return call_answer(r, tree_map(), err);
}

int call_resume(struct service *s, const struct call *c, struct reply *r,
                struct error *err)
{
    if (!goes_on(s, err))
        return CALL_CONFLICT;
    if (s->pause && keep_word(s, &s->pause, "pause", NULL, c->now, err) < 0)
        return CALL_TROUBLE;
    return call_answer(r, tree_map(), err);
}

/* Read a body about one trial: its number, and a text under 'key' (NULL: none
 * is read). Returns the status. */
static int read_about(struct service *s, const struct call *c, const char *key,
                      const char **text, struct entry **e, struct error *err)
{
    int64_t number = -1;
    struct reader reader;

    reader_open(&reader, c->body, "request", "", err);
    reader_allow_unknown(&reader);
    reader_need(&reader, "trial");
    reader_int(&reader, "trial", 0, INT64_MAX, &number);
    if (key) {
        reader_need(&reader, key);
        reader_string(&reader, key, text);
    }
    if (reader_close(&reader) < 0)
        return CALL_BAD;
    if ((*e = state_find(s, number)))
        return CALL_OK;
    call_no_trial(number, err);
    return CALL_UNKNOWN;
}

int call_retry(struct service *s, const struct call *c, struct reply *r,
               struct error *err)
{
    struct entry *e;
    int status = read_about(s, c, NULL, NULL, &e, err);

    if (status != CALL_OK)
        return status;
    enum trial_state state = e->row.state;
    if (state == TRIAL_RUNNING || state == TRIAL_COMPLETE) {
        error_set(err, "trial %jd is %s", (intmax_t)e->row.number,
                  trial_state_name(state));
        error_hint(err, "a trial that failed, was pruned or is paused can be "
                        "tried again");
        return CALL_CONFLICT;
    }
    e->row.failures = 0;
    if (state != TRIAL_WAITING &&
        (state_move(s, e, TRIAL_WAITING, c->now, "retried by hand", err) < 0 ||
         state_reopen(s, err) < 0))
        return CALL_TROUBLE;
    return call_answer(r, tree_map(), err);
}

int call_annotate(struct service *s, const struct call *c, struct reply *r,
                  struct error *err)
{
    const char *note = "";
    struct entry *e;
    int status = read_about(s, c, "note", &note, &e, err);

    if (status != CALL_OK)
        return status;
    struct store_event event = { c->now, e->row.number, "note", note };
    snprintf(e->row.note, sizeof e->row.note, "%s", note);
    if (state_write(s, err) < 0 ||
        store_save_note(s->store, &e->row, err) < 0 ||
        store_add_event(s->store, &event, err) < 0)
        return CALL_TROUBLE;
    return call_answer(r, tree_map(), err);
}
