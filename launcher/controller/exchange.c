/* exchange: see exchange.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/controller/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

enum { BUFFER_KEPT = 1 << 16 /* bytes; a larger one is freed after use */ };

struct exchange *exchange_begin(struct exchange **unused, const char *method,
                                const char *path)
{
    struct exchange *x = *unused;

    if (x)
        *unused = x->next;
    else if (!(x = calloc(1, sizeof *x)))
        return NULL;
    x->method = strcmp(method, "POST") == 0  ? "POST"
                : strcmp(method, "GET") == 0 ? "GET"
                                             : "this method for";
    x->status = 0;
    x->access = ACCESS_NONE;
    x->waits = false;
    text_reset(&x->path);
    text_reset(&x->query);
    text_reset(&x->body);
    text_append(&x->path, path);
    return x;
}

void exchange_keep(struct exchange *x, struct exchange **unused)
{
    if (x->body.capacity > BUFFER_KEPT)
        text_clear(&x->body);
    if (x->reply.capacity > BUFFER_KEPT)
        text_clear(&x->reply);
    x->next = *unused;
    *unused = x;
}

void exchange_free_all(struct exchange *unused)
{
    while (unused) {
        struct exchange *x = unused;

        unused = x->next;
        text_clear(&x->path);
        text_clear(&x->query);
        text_clear(&x->body);
        text_clear(&x->reply);
        free(x);
    }
}

void exchange_reply(struct exchange *x, struct reply *r)
{
    text_reset(&x->reply);
    x->is_text = r->text != NULL;
    if (r->text)
        text_append(&x->reply, r->text);
    else
        json_format(r->body, &x->reply);
    x->status = x->reply.failed ? 500 : (unsigned)r->status;
    reply_clear(r);
}

void exchange_fail(struct exchange *x, int status, const struct error *err)
{
    struct reply r = { 0, NULL, NULL };

    reply_error(&r, status, err);
    exchange_reply(x, &r);
}
