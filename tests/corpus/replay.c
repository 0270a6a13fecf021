/* replay: gives a fuzz target the files of its corpus, without a fuzzer.
 *   PROGRAM FILE...
 * In this way each compiler and each 'make check' can do so (TAP).
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"

enum { FILE_MAX_BYTES = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct error err = ERROR_INIT;
        char *data;
        size_t size;

        if (file_read(argv[i], FILE_MAX_BYTES, &data, &size, &err) < 0) {
            printf("not ok %d - %s\n", i, err.what);
            return 1;
        }
        LLVMFuzzerTestOneInput((const uint8_t *)data, size);
        free(data);
        printf("ok %d - %s\n", i, argv[i]);
    }
    printf("1..%d\n", argc - 1);
    return 0;
}
