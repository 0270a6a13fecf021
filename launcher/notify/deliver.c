/* deliver: see deliver.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/notify/deliver.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"
#include "client/http.h"

/* ---- webhooks ---------------------------------------------------------- */

/* A field of the message as words; "" for null. */
static void append_field(const struct tree *field, struct text *out)
{
    if (tree_kind(field) == TREE_STRING)
        text_append(out, tree_text(field));
    else if (tree_kind(field) != TREE_NULL)
        json_format(field, out);
}

/* Append 'text' with each {field} of the message filled in. */
static void append_filled(const char *text, const struct tree *message,
                          struct text *out)
{
    while (*text) {
        const char *end = *text == '{' ? strchr(text, '}') : NULL;
        char *name =
            end ? text_print("%.*s", (int)(end - text - 1), text + 1) : NULL;
        const struct tree *field = name ? tree_get(message, name) : NULL;

        if (field) {
            append_field(field, out);
            text = end + 1;
        } else {
            text_append_char(out, *text++);
        }
        free(name);
    }
}

static struct tree *filled(const struct tree *t, const struct tree *message)
{
    struct text text = TEXT_INIT;
    struct tree *new;

    switch (tree_kind(t)) {
    case TREE_STRING:
        append_filled(tree_text(t), message, &text);
        return tree_string_of(&text);
    case TREE_LIST:
        new = tree_list();
        for (size_t i = 0; i < tree_count(t); i++)
            tree_append(new, filled(tree_at(t, i), message));
        return new;
    case TREE_MAP:
        new = tree_map();
        for (size_t i = 0; i < tree_count(t); i++)
            tree_set(new, tree_key(t, i), filled(tree_at(t, i), message));
        return new;
    default:
        return tree_copy(t);
    }
}

struct tree *deliver_body(const struct tree *notice, const struct tree *message)
{
    const struct tree *wanted = tree_get(notice, "body");
    struct tree *body;

    if (wanted)
        return filled(wanted, message);
    body = tree_map();
    tree_set(body, "text", tree_copy(tree_get(message, "text")));
    return body;
}

static int post(const struct tree *notice, const struct tree *message,
                struct error *err)
{
    struct tree *body = deliver_body(notice, message);
    int rc = tree_ok(body) ? http_post(tree_text(tree_get(notice, "webhook")),
                                       body, DELIVER_TIMEOUT_S, err)
                           : error_memory(err);

    tree_destroy(body);
    return rc;
}

/* ---- programs ---------------------------------------------------------- */

/* SENTEI_TEXT, SENTEI_EVENT, ... */
static void export_fields(const struct tree *message)
{
    for (size_t i = 0; i < tree_count(message); i++) {
        struct text value = TEXT_INIT;
        char *name = text_print("SENTEI_%s", tree_key(message, i));

        append_field(tree_at(message, i), &value);
        for (char *c = name; c && *c; c++)
            *c = (char)toupper((unsigned char)*c);
        if (name)
            setenv(name, text_get(&value), 1);
        text_clear(&value);
        free(name);
    }
}

/* In the child: become the program, in a process group of its own. */
static void become(const struct tree *words, const struct tree *message)
{
    size_t count = tree_count(words);
    char **argv = calloc(count + 1, sizeof *argv);
    int nothing = open("/dev/null", O_RDWR);
    sigset_t none;

    setpgid(0, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (size_t i = 0; argv && i < count; i++)
        argv[i] = (char *)(uintptr_t)tree_text(tree_at(words, i));
    export_fields(message);
    if (argv && argv[0] && nothing >= 0 && dup2(nothing, 0) == 0)
        execvp(argv[0], argv);
    _exit(127);
}

/* Wait for its end; kill it and what it started when that takes too long. */
static int await(pid_t pid, const char *program, struct error *err)
{
    struct pollfd end = { pidfd_open(pid, 0), POLLIN, 0 };
    bool late = poll(&end, 1, (int)(1e3 * DELIVER_TIMEOUT_S)) == 0;
    int status = 0;

    if (late)
        kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (end.fd >= 0)
        close(end.fd);
    if (late)
        return error_set(err, "'%s' took longer than %.0f s", program,
                         DELIVER_TIMEOUT_S);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return error_set(err, "'%s' cannot be started", program);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return error_set(err, "'%s' failed", program);
    return 0;
}

static int execute(const struct tree *words, const struct tree *message,
                   struct error *err)
{
    pid_t pid = fork();

    if (pid == 0)
        become(words, message);
    if (pid < 0)
        return error_errno(err, "cannot start a process");
    return await(pid, tree_text(tree_at(words, 0)), err);
}

int deliver(const struct tree *notice, const struct tree *message,
            struct error *err)
{
    const struct tree *exec = tree_get(notice, "exec");

    return exec ? execute(exec, message, err) : post(notice, message, err);
}
