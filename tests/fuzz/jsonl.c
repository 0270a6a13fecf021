/* Any bytes as JSON Lines: records or an error with a place, each field a string
 * within its record.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "trainer/data/table/jsonl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const columns[] = { "a", "price" };
    struct error err = ERROR_INIT;
    size_t line = 0;
    struct jsonl j;
    int more;

    more = jsonl_open(&j, "fuzz", (const char *)data, size, columns, 2, &err);
    assert(more == 0);
    while ((more = jsonl_next(&j, &err)) > 0) {
        assert(j.record_line > line);
        line = j.record_line;
        for (size_t i = 0; i < 2; i++)
            assert(j.start[i] + strlen(jsonl_field(&j, i)) < j.record.size);
    }
    assert(more == 0 || (err.kind == ERROR_USAGE && err.where[0]));
    jsonl_close(&j);
    return 0;
}
