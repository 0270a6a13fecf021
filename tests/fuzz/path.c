/* Any bytes as the path and the query string of a GET: an answer or a refusal,
 * and no file of the page but those that are part of the program.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "launcher/page/page.h"
#include "launcher/service/service.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char study_text[] = "study: fuzz\n"
                                 "objective: {metric: v, direction: maximize}\n"
                                 "space: {x: {type: float, low: 0, high: 1}}\n"
                                 "trainer: {command: [\"true\"]}\n";

/* One trial that runs and one that was imported: something to look at. */
static const char *const history[][2] = {
    { "/v1/ask", "{\"worker\": \"w\"}" },
    { "/v1/import",
      "{\"source\": \"other\", \"params\": {\"x\": 0.5}, \"curve\": "
      "[{\"step\": 1, \"metrics\": {\"v\": 0.5}}]}" },
};

static struct service *open_desk(void)
{
    const struct store_options memory = { .path = ":memory:" };
    const struct service_options o = {
        .run = "/nonexistent", .lease_s = 1e9, .host = "fuzz", .pid = 1
    };
    struct study *study =
        study_parse(study_text, sizeof study_text - 1, "fuzz", NULL);
    struct store *store = store_open(&memory, NULL);
    struct service *s = NULL;
    int rc = service_open(&s, study, store, &o, 1000, NULL);

    assert(rc == 0);
    for (size_t i = 0; i < sizeof history / sizeof *history; i++) {
        struct tree *body =
            json_parse(history[i][1], strlen(history[i][1]), "history", NULL);
        const struct call c = { "POST", history[i][0], "", body, 1000 };
        struct reply r;

        service_handle(s, &c, &r);
        assert(r.status == 200);
        reply_clear(&r);
        tree_destroy(body);
    }
    rc = service_commit(s, NULL);
    assert(rc == 0);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct service *s; /* reading changes nothing: one serves all */
    struct text path = TEXT_INIT;
    struct page_file file;
    struct reply r;

    if (!s)
        s = open_desk();
    text_append_bytes(&path, data, size);
    text_append(&path, "");
    char *query = strchr(path.data, '?');

    if (query)
        *query++ = '\0';
    const struct call c = { "GET", path.data, query ? query : "", NULL, 1001 };

    if (page_find(c.path, &file))
        assert(file.data && file.size > 0 && !strstr(c.path, ".."));
    service_handle(s, &c, &r);
    assert(r.status == 200 || r.status == 400 || r.status == 404 ||
           r.status == 409);
    assert(r.status == 200 || *tree_text(tree_find(r.body, "error.what")));
    reply_clear(&r);
    text_clear(&path);
    return 0;
}
