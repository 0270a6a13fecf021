/* Any bytes as what Slurm's commands print: jobs with all their fields, counts,
 * a time; and a table of them that a terminal can show.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "launcher/slurm/accounts.h"
#include "launcher/slurm/allocation.h"
#include "launcher/slurm/queue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char submitted_text[] =
    "[{\"job\": \"5\", \"name\": \"sentei-x\", \"array\": \"0-15\"},"
    " {\"job\": \"6\", \"name\": \"sentei-y\"}]";
static const char study_text[] =
    "{\"workers\": [{\"worker\": \"n1:7:0@5_3\", \"trial\": 3},"
    " {\"worker\": \"n1\", \"trial\": 4}]}";

static void look_at_queue(const char *printed, const struct tree *submitted,
                          const struct tree *study)
{
    const struct screen screen = { .width = 80, .utf8 = true };
    struct tree *queue = queue_parse(printed, submitted);
    struct text out = TEXT_INIT;

    assert(tree_ok(queue));
    for (size_t i = 0; i < tree_count(queue); i++) {
        const struct tree *job = tree_at(queue, i);

        assert(tree_get(job, "job") && *tree_text(tree_get(job, "role")));
        assert(tree_get(job, "state") && tree_get(job, "why"));
    }
    queue_is_active(queue);
    queue_join(queue, study);
    queue_print(queue, &screen, &out);
    assert(!out.failed && !strchr(text_get(&out), '\x1b'));
    text_clear(&out);
    tree_destroy(queue);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tree *submitted = json_parse(
        submitted_text, sizeof submitted_text - 1, "submitted", NULL);
    struct tree *study =
        json_parse(study_text, sizeof study_text - 1, "study", NULL);
    struct text printed = TEXT_INIT;

    text_append_bytes(&printed, data, size);
    text_append(&printed, "");
    look_at_queue(printed.data, submitted, study);

    char *ended = accounts_count(printed.data);

    assert(ended);
    free(ended);
    assert(!isnan(allocation_time(printed.data)));
    text_clear(&printed);
    tree_destroy(submitted);
    tree_destroy(study);
    return 0;
}
