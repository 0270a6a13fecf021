/* Any bytes as a map of leaf categories: each leaf is found by its name and has
 * a class, or the error is the user's and has a place.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "tests/fuzz/file.h"
#include "trainer/data/pack/category_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first fields of the lines: those that are leaves. */
static size_t look_up_all(const struct category_map *m, char *text)
{
    size_t found = 0;

    for (char *line = text, *end; line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        if (!*line || *line == '#' || !strchr(line, '\t'))
            continue;
        *strchr(line, '\t') = '\0';
        const char *class = category_map_find(m, line);

        assert(class && *class);
        found++;
    }
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = ERROR_INIT;
    struct category_map m;
    char path[32];
    int fd = file_of(data, size, path);

    if (category_map_read(&m, path, &err) < 0) {
        assert(err.kind == ERROR_USAGE && err.where[0]);
    } else {
        struct text text = TEXT_INIT;

        text_append_bytes(&text, data, size);
        text_append_char(&text, '\0');
        assert(look_up_all(&m, text.data) == m.count);
        assert(!category_map_find(&m, ""));
        text_clear(&text);
        category_map_clear(&m);
    }
    close(fd);
    return 0;
}
