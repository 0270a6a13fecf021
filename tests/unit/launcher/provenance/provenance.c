/* What a study was run under: the commit of its folder, versions, modules.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/ledger.h"
#include "launcher/provenance/provenance.h"

static char folder[64];

static int run_shell(const char *script)
{
    char *command =
        text_print("cd '%s' && { %s; } >/dev/null 2>&1", folder, script);
    int rc = system(command);

    free(command);
    return rc;
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/sentei-provenance.XXXXXX");
    return mkdtemp(folder) ? run_shell("mkdir run && echo a >x.yaml") : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return run_shell("rm -rf run x.yaml .git && cd / && rmdir \"$OLDPWD\"");
}

/* The line of the run in the folder, once more written down. */
static struct text recorded(void)
{
    char *run = file_join(folder, "run"), *study = file_join(folder, "x.yaml");
    struct text line = TEXT_INIT;

    provenance_record(run, study);
    provenance_line(run, &line);
    free(study);
    free(run);
    return line;
}

static void the_commit_and_whether_files_were_changed(void **state)
{
    static const char commit[] =
        "git init -q . && git add x.yaml && git -c user.name=a -c user.email=a "
        "commit -qm a";
    struct text line;

    (void)state;
    if (run_shell("git --version") != 0)
        skip();
    assert_int_equal(run_shell(commit), 0);
    line = recorded();
    assert_non_null(strstr(text_get(&line), ", commit "));
    assert_null(strstr(text_get(&line), "-dirty"));
    text_clear(&line);
    assert_int_equal(run_shell("echo b >x.yaml"), 0);
    line = recorded();
    assert_non_null(strstr(text_get(&line), "-dirty"));
    text_clear(&line);
}

static void versions_and_modules(void **state)
{
    char *path = text_print("%s:%s", folder, getenv("PATH"));
    char *before = text_copy(getenv("PATH")), *file;
    struct text line;
    struct tree *list;

    (void)state;
    assert_int_equal(
        run_shell(
            "printf '#!/bin/sh\\necho slurm 99.05.1\\n' >sbatch && "
            "printf '#!/bin/sh\\necho; echo a release 13.0, b\\n' >nvcc && "
            "chmod +x sbatch nvcc"),
        0);
    setenv("PATH", path, 1);
    setenv("LOADEDMODULES", "gcc/12:cuda/13", 1);
    line = recorded();
    assert_non_null(strstr(text_get(&line), "sentei "));
    assert_non_null(strstr(text_get(&line), ", slurm 99.05.1"));
    assert_non_null(strstr(text_get(&line), ", a release 13.0, b"));
    assert_non_null(strstr(text_get(&line), ", modules gcc/12:cuda/13"));
    text_clear(&line);
    file = text_print("%s/run/environment.json", folder);
    list = ledger_read(file, NULL);
    assert_int_equal(tree_count(list), 1);
    assert_string_equal(tree_text(tree_get(tree_at(list, 0), "PATH")), path);
    tree_destroy(list);
    setenv("PATH", before, 1);
    unsetenv("LOADEDMODULES");
    assert_int_equal(run_shell("rm sbatch nvcc"), 0);
    free(file);
    free(before);
    free(path);
}

static void nothing_is_said_of_a_run_that_has_none(void **state)
{
    struct text line = TEXT_INIT;

    (void)state;
    provenance_line(folder, &line);
    assert_int_equal(line.size, 0);
    text_clear(&line);
}

#define test(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(the_commit_and_whether_files_were_changed),
        test(versions_and_modules),
        test(nothing_is_said_of_a_run_that_has_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
