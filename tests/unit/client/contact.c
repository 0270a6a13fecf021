/* A contact follows the controller from address to address.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/contact.h"
#include "tests/unit/client/controller.h"

static int call(struct contact *c, struct error *err)
{
    struct tree *reply;
    int status = contact_call(c, "/v1/study", NULL, 5, &reply, err);

    tree_destroy(reply);
    return status;
}

static void it_finds_the_next_controller(void **state)
{
    struct error err = ERROR_INIT;
    struct controller first, second;
    struct contact *contact;
    char run[64];

    (void)state;
    folder_make(run);
    controller_init(&first);
    controller_init(&second);
    contact = contact_create(run, NULL, NULL, &err);
    assert_int_equal(call(contact, &err), 0); /* none yet */
    assert_string_equal(err.what, "no controller runs");
    assert_string_equal(err.where, run);

    controller_start(&first, 0, run);
    assert_int_equal(call(contact, &err), 200);
    controller_stop(&first);
    assert_int_equal(call(contact, &err), 0); /* died */
    controller_start(&second, 0, run);
    assert_int_equal(call(contact, &err), 200); /* moved, same call */
    assert_int_equal(second.calls, 1);
    contact_destroy(contact);
    controller_stop(&second);
    folder_remove(run);
}

static void the_controller_may_ask_for_a_pause(void **state)
{
    struct error err = ERROR_INIT;
    struct controller c;
    struct contact *contact;
    char run[64];

    (void)state;
    folder_make(run);
    controller_init(&c);
    controller_start(&c, 0, run);
    controller_set(&c, 429, "continue");
    contact = contact_create(run, NULL, NULL, &err);
    assert_true(contact_pause(contact, 0) <= 0.1);
    assert_int_equal(call(contact, &err), 429);
    assert_true(contact_may_retry(429));
    assert_true(contact_pause(contact, 0) == 1);
    controller_set(&c, 200, "continue");
    assert_int_equal(call(contact, &err), 200);
    assert_true(contact_pause(contact, 0) <= 0.1);
    contact_destroy(contact);
    controller_stop(&c);
    folder_remove(run);
}

static void waiting_grows_to_five_seconds(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 40; n++) {
        double most = n < 6 ? 0.1 * (1 << n) : 5, s = contact_backoff(n);

        assert_true(s <= most && s >= 0.75 * most);
    }
    assert_true(contact_may_retry(0) && contact_may_retry(503));
    assert_false(contact_may_retry(200) || contact_may_retry(409) ||
                 contact_may_retry(400));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_finds_the_next_controller),
        cmocka_unit_test(the_controller_may_ask_for_a_pause),
        cmocka_unit_test(waiting_grows_to_five_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
