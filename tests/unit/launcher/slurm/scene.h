/* scene: a run folder, and Slurm's commands played by the shell.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_LAUNCHER_SLURM_SCENE_H
#define TESTS_UNIT_LAUNCHER_SLURM_SCENE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

struct scene {
    char run[64];
    char *path; /* as it was */
};

/* 'name' writes its words down, and does this. */
static inline void play(const struct scene *s, const char *name,
                        const char *script)
{
    char *path = file_join(s->run, name);
    char *whole = text_print("#!/bin/sh\necho \"%s $*\" >>'%s/calls'\n%s\n",
                             name, s->run, script);

    assert_int_equal(file_write(path, whole, strlen(whole), 0755, NULL), 0);
    free(whole);
    free(path);
}

/* Make the run folder, whose commands come first in PATH. */
static inline void enter(struct scene *s)
{
    char *path;

    *s = (struct scene){ .run = "/tmp/sentei-slurm-XXXXXX" };
    assert_non_null(mkdtemp(s->run));
    path = file_join(s->run, "slurm");
    assert_int_equal(file_make_folder(path, NULL), 0);
    free(path);
    s->path = text_copy(getenv("PATH"));
    path = text_print("%s:%s", s->run, s->path);
    setenv("PATH", path, 1);
    free(path);
}

static inline void leave(struct scene *s)
{
    char *command = text_print("rm -rf '%s'", s->run);

    setenv("PATH", s->path, 1);
    assert_int_equal(system(command), 0);
    free(command);
    free(s->path);
}

/* How often it was called with these words. */
static inline int calls(const struct scene *s, const char *words)
{
    char *path = file_join(s->run, "calls"), *data = NULL;
    size_t size;
    int count = 0;

    if (file_read(path, 1 << 16, &data, &size, NULL) == 0)
        for (const char *at = data; (at = strstr(at, words)); at++)
            count++;
    free(data);
    free(path);
    return count;
}

#endif
