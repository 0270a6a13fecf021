/* A study as Optuna's journal; tests/integration/optuna.sh lets Optuna read it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/optuna/write.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/error.h"
#include "base/json.h"

static const char changes[] =
    "{\"study\": {\"study\": \"s\", \"objectives\": [{\"direction\": "
    "\"maximize\"}, {\"direction\": \"minimize\"}]},"
    " \"space\": [{\"name\": \"n\", \"kind\": \"int\", \"low\": 1, \"high\": "
    "9, \"log\": false, \"step\": null},"
    "             {\"name\": \"k\", \"kind\": \"categorical\", \"choices\": "
    "[\"a\", true]}],"
    " \"trials\": ["
    "  {\"trial\": 1, \"state\": \"paused\", \"values\": [null, null],"
    "   \"params\": {\"n\": 3, \"k\": \"a\"}, \"metrics\": {}, \"curve\": [],"
    "   \"created\": 0.25, \"ended\": null},"
    "  {\"trial\": 0, \"state\": \"complete\", \"values\": [0.5, 2],"
    "   \"params\": {\"k\": true}, \"metrics\": {\"m\": 1},"
    "   \"curve\": [[1, 0.25, 2], [2, null, 3]],"
    "   \"created\": 0, \"ended\": 86400}]}";

static const char journal[] =
    "{\"op_code\":0,\"worker_id\":\"sentei\",\"study_name\":\"s\","
    "\"directions\":[2,1]}\n"
    "{\"op_code\":4,\"worker_id\":\"sentei\",\"study_id\":0,"
    "\"datetime_start\":\"1970-01-01T00:00:00.000000+00:00\","
    "\"datetime_complete\":\"1970-01-02T00:00:00.000000+00:00\","
    "\"state\":1,\"value\":null,\"values\":[0.5,2],\"params\":{\"k\":1},"
    "\"distributions\":{\"k\":\"{\\\"name\\\":\\\"CategoricalDistribution\\\","
    "\\\"attributes\\\":{\\\"choices\\\":[\\\"a\\\",true]}}\"},"
    "\"intermediate_values\":{\"1\":0.25},\"user_attrs\":{\"m\":1},"
    "\"system_attrs\":{}}\n"
    "{\"op_code\":4,\"worker_id\":\"sentei\",\"study_id\":0,"
    "\"datetime_start\":\"1970-01-01T00:00:00.250000+00:00\","
    "\"state\":0,\"value\":null,\"values\":null,\"params\":{\"n\":3.0,\"k\":0},"
    "\"distributions\":{\"n\":\"{\\\"name\\\":\\\"IntDistribution\\\","
    "\\\"attributes\\\":{\\\"log\\\":false,\\\"step\\\":1,\\\"low\\\":1,"
    "\\\"high\\\":9}}\",\"k\":\"{\\\"name\\\":\\\"CategoricalDistribution\\\","
    "\\\"attributes\\\":{\\\"choices\\\":[\\\"a\\\",true]}}\"},"
    "\"intermediate_values\":{},\"user_attrs\":{},\"system_attrs\":{}}\n";

static void trials_by_number(void **state)
{
    struct error err = ERROR_INIT;
    struct tree *t = json_parse(changes, strlen(changes), "test", &err);
    struct text out = TEXT_INIT;

    (void)state;
    assert_non_null(t);
    optuna_print(t, &out);
    assert_false(out.failed);
    assert_string_equal(text_get(&out), journal);
    text_clear(&out);
    tree_destroy(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trials_by_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
