/* Any bytes as a CSV file: records or an error with a line, the same twice,
 * each field a string within its record and able to be cut into words. The
 * first byte chooses the separator and whether quotes mean something.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "trainer/data/table/csv.h"
#include "trainer/data/pack/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A number that stands for all records and how they ended. */
static size_t read_all(struct csv *c)
{
    struct error err = ERROR_INIT;
    struct text words = TEXT_INIT;
    size_t sum = 0;
    int more;
    while ((more = csv_next(c, &err)) > 0)
        for (size_t i = 0; i < c->field_count; i++) {
            const char *field = csv_field(c, i);
            assert(c->start[i] + strlen(field) < c->record.size);
            words_append(field, &words);
            sum = 31 * sum + strlen(field) + words.size;
        }
    assert(more == 0 || (err.kind == ERROR_USAGE && err.where[0]));
    text_clear(&words);
    return 31 * sum + c->record_line + (size_t)more;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char separators[] = ",\t;|";
    struct csv c;
    if (size == 0)
        return 0;
    csv_open(&c, "fuzz", (const char *)data + 1, size - 1,
             separators[data[0] & 3], (data[0] & 4) == 0);
    const size_t first = read_all(&c);
    csv_rewind(&c);
    assert(read_all(&c) == first);
    csv_close(&c);
    return 0;
}
