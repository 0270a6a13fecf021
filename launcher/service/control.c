/* control: what people say to a study: stop, try a trial again, a note on it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/reader.h"
#include "launcher/service/budget.h"
#include "launcher/service/calls.h"

int call_stop(struct service *s, const struct call *c, struct reply *r,
              struct error *err)
{
    const char *reason = "stopped by hand";
    struct reader reader;

    reader_open(&reader, c->body, "request", "", err);
    reader_allow_unknown(&reader);
    reader_string(&reader, "reason", &reason);
    if (reader_close(&reader) < 0)
        return CALL_BAD;
    if (!s->stop && !s->end) {
        if (!(s->stop = text_copy(reason))) {
            error_memory(err);
            return CALL_TROUBLE;
        }
        struct store_event event = { c->now, -1, "stop", reason };

        if (state_write(s, err) < 0 ||
            store_set_meta(s->store, "stop", reason, err) < 0 ||
            store_add_event(s->store, &event, err) < 0 ||
            (!s->options.view && budget_refresh_end(s, c->now, err) < 0))
            return CALL_TROUBLE;
    }
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
