/* What squeue prints, told as a user understands it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "launcher/slurm/jobs.h"
#include "launcher/slurm/queue.h"

static struct tree *submitted(const char *name)
{
    struct tree *list = tree_list(), *job = tree_map();

    tree_set_string(job, "job", "5");
    tree_set_string(job, "name", name);
    tree_set_string(job, "array", "0-63%4");
    tree_append(list, job);
    job = tree_map();
    tree_set_string(job, "job", "4");
    tree_set_string(job, "name", "the-controller");
    tree_append(list, job);
    return list;
}

static void only_our_jobs_are_listed(void **state)
{
    struct tree *ours = submitted("sentei-x-1");
    struct tree *queue =
        queue_parse("sentei-x-1|5_0|RUNNING|n[1-2]|1-00:00:10|None\n"
                    "other|6|RUNNING|n3|1:00|None\n"
                    "sentei-x-1|5_[1-63%4]|PENDING||4:00:00|Resources\n"
                    "the-controller|4|PENDING||1:00|Priority\n"
                    "nonsense\n",
                    ours);
    struct text json = TEXT_INIT;

    (void)state;
    json_format(queue, &json);
    assert_string_equal(
        text_get(&json),
        "[{\"job\":\"5_0\",\"role\":\"worker\",\"state\":\"running\",\"nodes\":\"n[1-2]\","
        "\"left_s\":86410.0,\"why\":\"\"},"
        "{\"job\":\"5_[1-63%4]\",\"role\":\"worker\",\"state\":\"pending\",\"nodes\":\"\","
        "\"why\":\"waits for free nodes\"},"
        "{\"job\":\"4\",\"role\":\"controller\",\"state\":\"pending\",\"nodes\":\"\","
        "\"why\":\"others come first\"}]");
    text_clear(&json);
    tree_destroy(queue);
    tree_destroy(ours);
}

static void reasons_are_told_in_words(void **state)
{
    static const struct {
        const char *reason, *meaning;
    } rows[] = {
        { "None", "" },
        { "Priority", "others come first" },
        { "QOSMaxJobsPerUserLimit", "you run as many jobs as the QOS allows" },
        { "QOSGrpNodeLimit", "a limit of the QOS is reached" },
        { "AssocGrpGRES", "a limit of your account is reached" },
        { "SomethingNew", "SomethingNew" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(queue_reason(rows[i].reason), rows[i].meaning);
}

static void the_table_leaves_gaps_where_nothing_is_known(void **state)
{
    struct tree *ours = submitted("a");
    struct tree *queue = queue_parse("a|5_0|RUNNING|n1|54|None\n"
                                     "a|5_1|PENDING||1:00|Priority\n",
                                     ours);
    static const char summary[] =
        "{\"workers\": [{\"worker\": \"n1:1:0@5_0\", \"trial\": 3},"
        "{\"worker\": \"n2:1:0@5_1\", \"trial\": 4},"
        "{\"worker\": \"n1:2:1@5_0\", \"trial\": 7}]}";
    struct tree *study = json_parse(summary, sizeof summary - 1, "", NULL);
    struct screen screen = { .width = 80 };
    struct text out = TEXT_INIT;

    (void)state;
    queue_join(queue, study);
    tree_destroy(study);
    queue_print(queue, &screen, &out);
    assert_non_null(
        strstr(text_get(&out), "5_0  worker  running  n1     3, 7"));
    assert_non_null(strstr(text_get(&out), "54 s"));
    assert_non_null(strstr(text_get(&out), "others come first"));
    text_clear(&out);
    tree_destroy(queue);
    tree_destroy(ours);
}

static void what_is_active(void **state)
{
    static const struct {
        const char *printed;
        bool active;
    } rows[] = { { "", false },
                 { "a|5_0|FAILED|n1|0:00|NonZeroExitCode\n", false },
                 { "a|5_[1-3]|PENDING||1:00|Priority\n", true },
                 { "a|5_0|RUNNING|n1|54|None\n", true } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tree *ours = submitted("a");
        struct tree *queue = queue_parse(rows[i].printed, ours);

        assert_int_equal(queue_is_active(queue), rows[i].active);
        tree_destroy(queue);
        tree_destroy(ours);
    }
}

static void jobs_are_written_down(void **state)
{
    char folder[] = "/tmp/sentei-jobs-XXXXXX", *path, *slurm;
    struct error err = ERROR_INIT;
    struct tree *list, *job;

    (void)state;
    assert_non_null(mkdtemp(folder));
    list = jobs_read(folder, &err);
    assert_int_equal(tree_count(list), 0);
    tree_destroy(list);
    slurm = file_join(folder, "slurm");
    path = file_join(folder, "slurm/jobs.json");
    assert_int_equal(file_make_folder(slurm, &err), 0);
    for (int64_t i = 5; i < 7; i++) {
        job = tree_map();
        tree_set_int(job, "job", i);
        assert_int_equal(jobs_add(folder, job, &err), 0);
    }
    list = jobs_read(folder, &err);
    assert_int_equal(tree_count(list), 2);
    assert_int_equal(tree_integer(tree_get(tree_at(list, 1), "job")), 6);
    tree_destroy(list);
    assert_int_equal(file_write(path, "{}", 2, 0644, &err), 0);
    assert_null(jobs_read(folder, &err));
    assert_non_null(strstr(err.what, "holds no list"));
    unlink(path);
    rmdir(slurm);
    rmdir(folder);
    free(path);
    free(slurm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_our_jobs_are_listed),
        cmocka_unit_test(reasons_are_told_in_words),
        cmocka_unit_test(the_table_leaves_gaps_where_nothing_is_known),
        cmocka_unit_test(what_is_active),
        cmocka_unit_test(jobs_are_written_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
