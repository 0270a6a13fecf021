/* Any bytes as a trainer's configuration, the first line as a trial's
 * parameters: all of it checked, or an error of the user's with a place.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "trainer/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = ERROR_INIT;
    struct text both = TEXT_INIT;
    struct config c;

    text_append_bytes(&both, data, size);
    text_append(&both, "");
    char *params = both.data, *yaml = strchr(params, '\n');

    if (yaml)
        *yaml++ = '\0';
    const char *const settings[] = { "epochs=1" };
    int rc = config_parse(&c, yaml ? yaml : "", "fuzz", *params ? params : NULL,
                          settings, 1, &err);

    if (rc == 0) {
        assert(c.epochs == 1 && c.batch_size > 0 && c.data);
        config_clear(&c);
    } else {
        assert(err.kind == ERROR_USAGE && err.what[0]);
    }
    text_clear(&both);
    return 0;
}
