/* Study files: bad ones are refused at the right place with the right words,
 * good ones come out whole.
 *
 * Each file of tests/studies/bad begins with what must be said about it:
 *     # expect: LINE:COLUMN PHRASE
 * SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/text.h"
#include "base/yaml.h"
#include "launcher/study/study.h"

#define BAD  "tests/studies/bad"
#define GOOD "tests/studies/good/"

/* The study in a file that must be good. */
static struct study *read_good(const char *path)
{
    struct error err = ERROR_INIT;
    struct study *s = study_read(path, &err);

    if (!s)
        fail_msg("%s: %s", err.where, err.what);
    return s;
}

/* What the first line of the fixture promises, into 'place' and 'phrase'. */
static void read_expectation(const char *path, char place[64], char phrase[256])
{
    FILE *f = fopen(path, "r");

    assert_non_null(f);
    if (fscanf(f, "# expect: %63s %255[^\n]", place, phrase) != 2)
        fail_msg("%s does not begin with '# expect: LINE:COLUMN PHRASE'", path);
    fclose(f);
}

/* Whether the fixture is refused as it says; else that is printed. */
static bool is_refused_rightly(const char *path)
{
    struct error err = ERROR_INIT;
    char place[64], phrase[256], where[600];
    struct study *s = study_read(path, &err);

    read_expectation(path, place, phrase);
    snprintf(where, sizeof where, "%s:%s", path, place);
    if (!s && err.kind == ERROR_USAGE && strcmp(err.where, where) == 0 &&
        strstr(err.what, phrase))
        return true;
    print_error("# expected %s: %s\n#    found %s: %s\n", where, phrase,
                err.where, s ? "taken for good" : err.what);
    study_destroy(s);
    return false;
}

static void bad_files_are_refused_where_they_are_wrong(void **state)
{
    DIR *folder = opendir(BAD);
    struct dirent *entry;
    char path[512];
    int count = 0, wrong = 0;

    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, BAD "/%s", entry->d_name);
        wrong += !is_refused_rightly(path);
        count++;
    }
    closedir(folder);
    assert_int_equal(wrong, 0);
    assert_in_range(count, 100, 10000);
}

static void what_is_no_text_file_is_refused(void **state)
{
    static const struct {
        const char *path, *phrase;
    } rows[] = {
        { GOOD "no-such-file.yaml", "cannot open" },
        { GOOD, "no regular file" },
        { "/dev/null", "no regular file" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct error err = ERROR_INIT;

        assert_null(study_read(rows[i].path, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.what, rows[i].phrase));
        assert_non_null(strstr(err.where, ":1:1"));
    }
}

static void an_empty_file_is_refused(void **state)
{
    static const char *const texts[] = { "", "\n\n", "# only a comment\n" };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct error err = ERROR_INIT;

        assert_null(study_parse(texts[i], strlen(texts[i]), "x.yaml", &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.what, "empty"));
    }
}

static void ten_megabytes_are_refused_unread(void **state)
{
    struct error err = ERROR_INIT;
    char path[] = "/tmp/sentei-study-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, 10 << 20), 0);
    close(fd);
    assert_null(study_read(path, &err));
    unlink(path);
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.what, "10485760 bytes"));
    assert_non_null(strstr(err.where, ":1:1"));
}

static void a_full_study_comes_out_whole(void **state)
{
    struct study *s = read_good(GOOD "full.yaml");

    (void)state;
    assert_string_equal(s->name, "fake-listings");
    assert_int_equal(s->objective_count, 1);
    assert_string_equal(s->objectives[0].metric, "val.pr_auc");
    assert_true(s->objectives[0].maximize &&
                s->objectives[0].value == VALUE_BEST);
    assert_int_equal(s->constraint_count, 1);
    assert_true(s->constraints[0].max == 2e7);
    assert_true(s->constraints[0].min == -INFINITY);
    assert_int_equal(s->space.count, 5);
    assert_int_equal(s->space.parameters[4].condition_count, 1);
    assert_string_equal(s->search.sampler, "auto");
    assert_string_equal(s->search.pruner, "asha");
    assert_int_equal(tree_count(s->search.pruner_options), 2);
    assert_int_equal(s->search.seed, 7);
    assert_int_equal(s->stop.trials, 200);
    assert_true(s->stop.hours == 12 && s->stop.gpu_hours == 500);
    assert_int_equal(s->stop.no_improvement, 60);
    assert_non_null(s->trainer_config);
    assert_null(s->command);
    assert_int_equal(s->resources.nodes, 2);
    assert_int_equal(s->resources.memory_bytes, 64LL << 30);
    assert_true(s->resources.time_s == 4 * 3600);
    assert_int_equal(s->local_workers, 2);
    assert_int_equal(s->attempts, 2);
    assert_string_equal(tree_text(tree_get(s->slurm, "partition")), "gpu");
    assert_int_equal(tree_count(s->notify), 2);
    study_destroy(s);
}

static void an_enqueued_point_leaves_the_rest_to_the_sampler(void **state)
{
    struct study *s = read_good(GOOD "full.yaml");

    (void)state;
    assert_int_equal(s->enqueue_count, 1);
    assert_true(s->enqueue[0] == 2 && s->enqueue[1] == 256);
    assert_true(isnan(s->enqueue[2]) && isnan(s->enqueue[3]));
    study_destroy(s);
}

static void what_is_not_said_has_a_default(void **state)
{
    struct study *s = read_good(GOOD "minimal.yaml");

    (void)state;
    assert_string_equal(s->search.sampler, "auto");
    assert_string_equal(s->search.pruner, "auto");
    assert_int_equal(s->search.seed, 0);
    assert_true(s->stop.trials == INT64_MAX && isinf(s->stop.hours));
    assert_int_equal(s->resources.nodes, 1);
    assert_int_equal(s->resources.gpus_per_task, 0);
    assert_int_equal(s->local_workers, 1);
    assert_int_equal(s->attempts, 3);
    assert_int_equal(s->enqueue_count, 0);
    assert_null(s->trainer_config);
    assert_int_equal(tree_count(s->command), 3);
    assert_null(s->slurm);
    study_destroy(s);
}

static void unusual_files_are_good(void **state)
{
    static const char *const files[] = { GOOD "corners.yaml",
                                         GOOD "simulated.yaml",
                                         GOOD "windows.yaml" };

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        study_destroy(read_good(files[i]));
}

/* A file cut off anywhere is a study or a clear error, never a crash. */
static void a_file_cut_off_anywhere_has_a_clear_error(void **state)
{
    char *data;
    size_t size;

    (void)state;
    assert_int_equal(
        file_read(GOOD "corners.yaml", YAML_MAX_BYTES, &data, &size, NULL), 0);
    for (size_t cut = 0; cut < size; cut++) {
        struct error err = ERROR_INIT;
        char *part = malloc(cut + 1); /* so that a read past it is seen */

        assert_non_null(part);
        memcpy(part, data, cut);
        struct study *s = study_parse(part, cut, "cut.yaml", &err);
        free(part);
        if (!s) {
            assert_int_equal(err.kind, ERROR_USAGE);
            assert_non_null(strstr(err.where, "cut.yaml:"));
        }
        study_destroy(s);
    }
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_files_are_refused_where_they_are_wrong),
        cmocka_unit_test(what_is_no_text_file_is_refused),
        cmocka_unit_test(an_empty_file_is_refused),
        cmocka_unit_test(ten_megabytes_are_refused_unread),
        cmocka_unit_test(a_full_study_comes_out_whole),
        cmocka_unit_test(an_enqueued_point_leaves_the_rest_to_the_sampler),
        cmocka_unit_test(what_is_not_said_has_a_default),
        cmocka_unit_test(unusual_files_are_good),
        cmocka_unit_test(a_file_cut_off_anywhere_has_a_clear_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
