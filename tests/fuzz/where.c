/* Any bytes as a --where expression: one that can be asked, or an error of the
 * user's with its place.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "launcher/view/where.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char board_text[] =
    "{\"study\": {\"study\": \"s\", \"space\": [\"model.depth\", \"lr\","
    " \"schedule\"]}, \"rows\": [{\"trial\": 1, \"value\": 0.5,"
    " \"state\": \"complete\", \"params\": {\"model.depth\": 3, \"lr\": 0.1,"
    " \"schedule\": \"cosine\"}, \"metrics\": {\"val.loss\": \"nan\"}}]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = ERROR_INIT;
    struct columns known = { NULL, 0, 0 };
    struct text text = TEXT_INIT;
    struct tree *board =
        json_parse(board_text, strlen(board_text), "board", &err);

    assert(board);
    int rc =
        columns_read(&known, (const struct tree *const[]){ board }, 1, &err);

    assert(rc == 0);
    text_append_bytes(&text, data, size);
    struct where *w = where_parse(text_get(&text), &known, &err);

    if (w) {
        struct entry e = { tree_at(tree_get(board, "rows"), 0),
                           tree_get(board, "study"), 1 };
        where_match(w, &e);
    } else {
        assert(err.kind == ERROR_USAGE);
        assert(strncmp(err.where, "--where:", 8) == 0);
    }
    where_destroy(w);
    text_clear(&text);
    columns_clear(&known);
    tree_destroy(board);
    return 0;
}
