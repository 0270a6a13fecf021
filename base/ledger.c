/* ledger: see ledger.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/ledger.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

enum { LEDGER_MAX_BYTES = 1 << 22 };

struct tree *ledger_read(const char *path, struct error *err)
{
    struct tree *list;
    char *data;
    size_t size;

    if (!file_exists(path)) {
        list = tree_list();
        if (!list)
            error_memory(err);
        return list;
    }
    if (file_read(path, LEDGER_MAX_BYTES, &data, &size, err) < 0)
        return NULL;
    list = json_parse(data, size, path, err);
    free(data);
    if (list && tree_kind(list) != TREE_LIST) {
        error_set(err, "'%s' holds no list", path);
        tree_destroy(list);
        list = NULL;
    }
    return list;
}

int ledger_add(const char *path, struct tree *entry, struct error *err)
{
    struct tree *list = ledger_read(path, err);
    struct text json = TEXT_INIT;
    int rc = -1;

    if (!list) {
        tree_destroy(entry);
        return -1;
    }
    tree_append(list, entry);
    json_format_pretty(list, &json);
    if (json.failed || !tree_ok(list))
        error_memory(err);
    else
        rc = file_write(path, json.data, json.size, 0644, err);
    text_clear(&json);
    tree_destroy(list);
    return rc;
}
