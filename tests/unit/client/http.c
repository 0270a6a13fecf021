/* One connection to a controller: what is sent, and what each kind of answer
 * becomes.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/tree.h"
#include "client/http.h"
#include "tests/unit/client/server.h"

/* The next answer, what the last request looked like, and what one must hold
 * (NULL: nothing) to be let in. */
struct script {
    int status;
    const char *reply;
    char head[4096], body[4096];
    const char *wanted;
    int refused;
};

static int answer(void *context, const char *head, const char *body,
                  char *reply, size_t size)
{
    struct script *s = context;

    snprintf(s->head, sizeof s->head, "%s", head);
    snprintf(s->body, sizeof s->body, "%s", body);
    snprintf(reply, size, "%s", s->reply);
    if (!s->wanted || strstr(head, s->wanted))
        return s->status;
    s->refused++;
    return 401;
}

static struct http *connect_to(const struct server *s, const char *token)
{
    char url[64];
    struct error err = ERROR_INIT;
    struct http *h;

    snprintf(url, sizeof url, "http://127.0.0.1:%d/", s->port);
    h = http_create(url, token, &err);
    assert_non_null(h);
    return h;
}

static void a_request_carries_method_token_and_json(void **state)
{
    struct script script = { .status = 200,
                             .reply = "{\"decision\": \"prune\"}" };
    struct server server;
    struct error err = ERROR_INIT;
    struct tree *reply, *body = tree_map();
    char token[] = "/tmp/sentei-token-XXXXXX";
    int fd = mkstemp(token);
    struct http *h;

    (void)state;
    assert_int_equal(write(fd, "s3cret\n", 7), 7);
    close(fd);
    server_start(&server, 0, answer, &script);
    h = connect_to(&server, token);
    tree_set_int(body, "step", 3);
    assert_int_equal(http_call(h, "/v1/report", body, 5, &reply, &err), 200);
    assert_non_null(strstr(script.head, "POST /v1/report HTTP/1.1"));
    assert_non_null(strstr(script.head, "Authorization: Bearer s3cret\r"));
    assert_string_equal(script.body, "{\"step\":3}");
    assert_string_equal(tree_text(tree_get(reply, "decision")), "prune");
    tree_destroy(reply);

    assert_int_equal(http_call(h, "/v1/study", NULL, 5, &reply, &err), 200);
    assert_non_null(strstr(script.head, "GET /v1/study HTTP/1.1"));
    assert_string_equal(script.body, "");
    tree_destroy(reply);
    http_destroy(h);
    server_stop(&server);
    tree_destroy(body);
    unlink(token);
}

/* A proxy would see the token. */
static void no_proxy_comes_between(void **state)
{
    struct script script = { .status = 200, .reply = "{}" };
    struct server server;
    struct error err = ERROR_INIT;
    struct tree *reply = NULL;
    struct http *h;

    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("all_proxy", "http://127.0.0.1:1", 1);
    server_start(&server, 0, answer, &script);
    h = connect_to(&server, NULL);
    assert_int_equal(http_call(h, "/v1/study", NULL, 5, &reply, &err), 200);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    tree_destroy(reply);
    http_destroy(h);
    server_stop(&server);
}

static void refusals_become_errors(void **state)
{
    static const struct {
        int status;
        const char *reply, *what, *hint;
    } rows[] = {
        { 409, "{\"error\":{\"what\":\"stale lease\",\"hint\":\"end\"}}",
          "stale lease", "end" },
        { 400, "{\"error\":{\"what\":\"no step\"}}", "no step", "" },
        { 503, "full", "the controller answered with status 503", "" },
        { 500, "{\"error\":3}", "the controller answered with status 500", "" },
    };
    struct script script = { .status = 0 };
    struct server server;
    struct http *h;

    (void)state;
    server_start(&server, 0, answer, &script);
    h = connect_to(&server, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = ERROR_INIT;
        struct tree *reply;

        script.status = rows[i].status;
        script.reply = rows[i].reply;
        assert_int_equal(http_call(h, "/v1/x", NULL, 5, &reply, &err),
                         rows[i].status);
        assert_string_equal(err.what, rows[i].what);
        assert_string_equal(err.hint, rows[i].hint);
        assert_non_null(strstr(err.where, "/v1/x"));
        tree_destroy(reply);
    }
    assert_null(strstr(script.head, "Authorization"));
    http_destroy(h);
    server_stop(&server);
}

static void nobody_there_is_status_0(void **state)
{
    struct script script = { .status = 200, .reply = "not json" };
    struct server server;
    struct error err = ERROR_INIT;
    struct tree *reply;
    struct http *h;

    (void)state;
    server_start(&server, 0, answer, &script);
    h = connect_to(&server, NULL);
    assert_int_equal(http_call(h, "/", NULL, 5, &reply, &err), 200);
    assert_null(reply);
    server_stop(&server);
    assert_int_equal(http_call(h, "/", NULL, 5, &reply, &err), 0);
    assert_non_null(strstr(err.what, "no answer from the controller"));
    server_start(&server, server.port, answer, &script);
    assert_int_equal(http_call(h, "/", NULL, 5, &reply, &err), 200);
    http_destroy(h);
    server_stop(&server);
}

/* Who reads a trace must not be able to report in a worker's name. */
static void a_trace_hides_the_lease(void **state)
{
    struct script script = { .status = 200,
                             .reply = "{\"trial\": 3, \"lease\": \"5ec4e7\"}" };
    struct server server;
    struct error err = ERROR_INIT;
    struct tree *reply, *body = tree_map();
    int kept = dup(STDERR_FILENO);
    char said[4096] = "";
    FILE *file = tmpfile();
    struct http *h;

    (void)state;
    server_start(&server, 0, answer, &script);
    h = connect_to(&server, NULL);
    tree_set_string(body, "lease", "c0ffee");
    setenv("SENTEI_TRACE", "http", 1);
    dup2(fileno(file), STDERR_FILENO);
    assert_int_equal(http_call(h, "/v1/ask", body, 5, &reply, &err), 200);
    dup2(kept, STDERR_FILENO);
    unsetenv("SENTEI_TRACE");
    close(kept);
    rewind(file);
    assert_true(fread(said, 1, sizeof said - 1, file) > 0);
    fclose(file);
    assert_non_null(strstr(said, "/v1/ask {\"lease\":\"******\"} -> 200"));
    assert_null(strstr(said, "5ec4e7"));
    assert_string_equal(script.body, "{\"lease\":\"c0ffee\"}");
    tree_destroy(reply);
    tree_destroy(body);
    http_destroy(h);
    server_stop(&server);
}

static void a_token_that_cannot_be_read_is_said(void **state)
{
    struct error err = ERROR_INIT;

    (void)state;
    assert_null(http_create("http://127.0.0.1:1", "/nowhere/token", &err));
    assert_non_null(strstr(err.what, "/nowhere/token"));
    assert_null(http_create("http://127.0.0.1:1", "/dev/null", &err));
}

/* Who is refused looks whether the token is another one by now, and may call
 * again though it was gone for a while. */
static void who_is_refused_reads_the_token_again(void **state)
{
    struct script script = { .status = 200,
                             .reply = "{}",
                             .wanted = "Bearer old\r" };
    struct server server;
    struct error err = ERROR_INIT;
    struct tree *reply;
    char token[] = "/tmp/sentei-token-XXXXXX";
    struct http *h;

    (void)state;
    close(mkstemp(token));
    assert_int_equal(file_write(token, "old\n", 4, 0600, &err), 0);
    server_start(&server, 0, answer, &script);
    h = connect_to(&server, token);
    assert_int_equal(http_call(h, "/v1/study", NULL, 5, &reply, &err), 200);
    tree_destroy(reply);

    script.wanted = "Bearer new\r";
    assert_int_equal(http_call(h, "/v1/study", NULL, 5, &reply, &err), 401);
    assert_int_equal(script.refused, 2);
    tree_destroy(reply);
    unlink(token);
    assert_int_equal(http_call(h, "/v1/study", NULL, 5, &reply, &err), 0);
    assert_null(reply);
    assert_non_null(strstr(err.what, token));
    assert_int_equal(file_write(token, "new\n", 4, 0600, &err), 0);
    assert_int_equal(http_call(h, "/v1/study", NULL, 5, &reply, &err), 200);
    tree_destroy(reply);
    http_destroy(h);
    server_stop(&server);
    unlink(token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_carries_method_token_and_json),
        cmocka_unit_test(no_proxy_comes_between),
        cmocka_unit_test(refusals_become_errors),
        cmocka_unit_test(nobody_there_is_status_0),
        cmocka_unit_test(a_trace_hides_the_lease),
        cmocka_unit_test(a_token_that_cannot_be_read_is_said),
        cmocka_unit_test(who_is_refused_reads_the_token_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
