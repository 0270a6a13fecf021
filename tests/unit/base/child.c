/* This program once more: what it says, what it has, and that it does not stay
 * alone.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"

static char folder[64], log_path[96];

static int make_test_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/sentei-child-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(log_path, sizeof log_path, "%s/log", folder);
    return 0;
}

static int remove_test_folder(void **state)
{
    (void)state;
    unlink(log_path);
    return rmdir(folder);
}

/* What the child of this test does: 'say WORD' to its log, or 'hold FD' until it
 * is killed. */
static int be_child(char **argv)
{
    struct sigaction interrupt;
    sigset_t blocked;
    char byte;

    if (strcmp(argv[1], "hold") == 0)
        return write(atoi(argv[2]), "x", 1) == 1 ? pause() : 1;
    sigaction(SIGINT, NULL, &interrupt);
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    printf("%s:%s\n", argv[0], argv[2]);
    fflush(stdout);
    fprintf(stderr, "%d %d %d\n", (int)read(0, &byte, 1),
            interrupt.sa_handler == SIG_IGN, sigismember(&blocked, SIGTERM));
    return 3;
}

/* It has no input, does not heed Ctrl-C, and hears what its parent does not. */
static void it_speaks_into_its_log(void **state)
{
    const char *const words[] = { "sentei", "say", "hello", NULL };
    struct error err = ERROR_INIT;
    struct stat info;
    int status;
    sigset_t set;
    size_t size;
    char *said;

    (void)state;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int life = 0; life < 2; life++) {
        pid_t pid = child_start(words, log_path, 0600, -1, &err);

        assert_true(pid > 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    }
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    assert_int_equal(file_read(log_path, 1000, &said, &size, &err), 0);
    assert_string_equal(said, "sentei:hello\n0 1 0\nsentei:hello\n0 1 0\n");
    assert_int_equal(stat(log_path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    free(said);
}

/* In a process between: start one that holds the pipe, and die by force. */
static void start_and_die(int kept)
{
    char number[16];
    const char *const words[] = { "sentei", "hold", number, NULL };

    snprintf(number, sizeof number, "%d", kept);
    if (child_start(words, log_path, 0600, kept, NULL) > 0)
        pause();
    _exit(1);
}

static void it_dies_with_its_parent(void **state)
{
    struct pollfd end = { -1, POLLIN, 0 };
    int pipes[2];
    char byte;
    pid_t between;

    (void)state;
    assert_int_equal(pipe(pipes), 0);
    between = fork();
    if (between == 0)
        start_and_die(pipes[1]);
    close(pipes[1]);
    assert_int_equal(read(pipes[0], &byte, 1), 1);
    kill(between, SIGKILL);
    waitpid(between, NULL, 0);
    end.fd = pipes[0];
    assert_int_equal(poll(&end, 1, 10000), 1);
    assert_int_equal(read(pipes[0], &byte, 1), 0);
    close(pipes[0]);
}

static void a_log_that_cannot_be_is_told(void **state)
{
    const char *const words[] = { "sentei", "say", "hello", NULL };
    struct error err = ERROR_INIT;

    (void)state;
    assert_int_equal(child_start(words, "/nowhere/log", 0600, -1, &err), -1);
    assert_non_null(strstr(err.what, "/nowhere/log"));
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_speaks_into_its_log),
        cmocka_unit_test(it_dies_with_its_parent),
        cmocka_unit_test(a_log_that_cannot_be_is_told),
    };

    if (argc > 1)
        return be_child(argv);
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
