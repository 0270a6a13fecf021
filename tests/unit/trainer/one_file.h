/* one_file: a file in a folder of its own, for tests that write it; nothing may lie
 * beside it at their end.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_TRAINER_ONE_FILE_H
#define TESTS_UNIT_TRAINER_ONE_FILE_H

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

static char folder[] = "/tmp/sentei-one-file-XXXXXX";
static char *path; /* of the file, which is not there at first */

/* For cmocka_run_group_tests(). */
static int make_folder(void **state)
{
    (void)state;
    path = mkdtemp(folder) ? file_join(folder, "x") : NULL;
    return path ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    free(path);
    return rmdir(folder);
}

#endif
