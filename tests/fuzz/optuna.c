/* Any bytes as Optuna's journal: studies with trials that the API can show, or a
 * sentence.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>

#include "base/json.h"
#include "launcher/optuna/read.h"
#include "tests/fuzz/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char objectives_text[] =
        "[{\"metric\": \"v\", \"direction\": \"minimize\"}]";
    struct tree *objectives = json_parse(
        objectives_text, sizeof objectives_text - 1, "objectives", NULL);
    struct error err = ERROR_INIT;
    char path[32];
    int fd = file_of(data, size, path);
    struct tree *trials =
        optuna_is(path) ? optuna_read(path, objectives, &err) : NULL;

    for (size_t i = 0; i < tree_count(trials); i++) {
        const struct tree *trial = tree_at(trials, i);

        assert(tree_integer(tree_get(trial, "trial")) == (int64_t)i);
        assert(*tree_text(tree_get(trial, "state")));
        assert(tree_kind(tree_get(trial, "params")) == TREE_MAP);
        assert(tree_kind(tree_get(trial, "curve")) == TREE_LIST);
    }
    assert(trials || !optuna_is(path) || *err.what);
    tree_destroy(trials);
    tree_destroy(objectives);
    close(fd);
    return 0;
}
