/* See journal.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

enum { JOURNAL_MAX = 1 << 26 };

static void format_fingerprint(uint64_t fingerprint, char out[17])
{
    snprintf(out, 17, "%016" PRIx64, fingerprint);
}

int journal_write(const char *folder, uint64_t fingerprint,
                  const struct journal_place *place, const struct tree *shards,
                  struct error *err)
{
    struct tree *t = tree_map();
    struct text json = TEXT_INIT;
    char *path = file_join(folder, JOURNAL_FILE), name[17];
    int rc;

    format_fingerprint(fingerprint, name);
    tree_set_string(t, "fingerprint", name);
    tree_set_int(t, "consumed", place->consumed);
    tree_set_int(t, "skipped", place->skipped);
    tree_set(t, "shards", tree_copy(shards));
    if (tree_ok(t))
        json_format_pretty(t, &json);
    rc = tree_ok(t) && path && !json.failed
             ? file_write(path, json.data, json.size, 0644, err)
             : error_memory(err);
    tree_destroy(t);
    text_clear(&json);
    free(path);
    return rc;
}

struct tree *journal_read(const char *folder, uint64_t fingerprint,
                          struct journal_place *place)
{
    char *path = file_join(folder, JOURNAL_FILE), *json = NULL, name[17];
    struct tree *t = NULL, *shards = NULL;
    size_t size;

    format_fingerprint(fingerprint, name);
    if (path && file_exists(path) &&
        file_read(path, JOURNAL_MAX, &json, &size, NULL) == 0)
        t = json_parse(json, size, path, NULL);
    if (strcmp(tree_text(tree_get(t, "fingerprint")), name) == 0) {
        place->consumed = tree_integer(tree_get(t, "consumed"));
        place->skipped = tree_integer(tree_get(t, "skipped"));
        shards = tree_copy(tree_get(t, "shards"));
    }
    tree_destroy(t);
    free(json);
    free(path);
    return shards;
}
