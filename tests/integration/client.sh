#!/bin/sh
# A trial in C that links libsentei.a, as a user's would: inside a study, while
# its controller is killed, and on its own. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
PATH=$build:$PATH
command -v sentei >/dev/null || { echo "Bail out! $build/sentei is not built"; exit 1; }
if ! command -v "${CC:-cc}" >/dev/null; then
    echo "1..0 # SKIP no C compiler"
    exit 0
fi
group=
trap 'test -z "$group" || kill -s KILL -- "-$group" 2>/dev/null; rm -rf "$work"' EXIT

test_that 'make builds libsentei.a' make -s "OUT=$build" "$build/libsentei.a"
cd "$work" || exit 1
cat >trial.c <<'END'
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "sentei.h"

static int load(const char *path)
{
    FILE *f = fopen(path, "r");
    int step = 0;

    if (f && fscanf(f, "%d", &step) != 1)
        step = 0;
    if (f)
        fclose(f);
    return step;
}

static void save(const char *path, int step)
{
    FILE *f = fopen(path, "w");

    if (f) {
        fprintf(f, "%d\n", step);
        fclose(f);
    }
}

int main(void)
{
    const struct timespec pause = { 0, 80000000 };
    char message[256], path[4096];
    struct sentei *s = sentei_open(message, sizeof message);

    if (!s)
        return fprintf(stderr, "%s\n", message), 1;
    snprintf(path, sizeof path, "%s/step", sentei_folder(s));
    for (int step = load(path) + 1; step <= 20; step++) {
        nanosleep(&pause, NULL);
        save(path, step);
        sentei_metric(s, "loss", sentei_float(s, "x", 0.5) + 1.0 / step);
        if (sentei_report(s, step) != SENTEI_CONTINUE)
            break;
    }
    printf("trial %d of a study: %d\n", (int)sentei_trial(s), sentei_in_study(s));
    return sentei_close(s);
}
END
test_that 'a trial links it' "${CC:-cc}" -I "$root/client" trial.c "$build/libsentei.a" -lcurl -lyaml -ljansson -lm -lpthread -o trial
test_that 'outside a study it just runs' ./trial

cat >linked.yaml <<'END'
study: linked
objective: {metric: loss, direction: minimize}
space: {x: {type: float, low: 0, high: 1}}
search: {sampler: random, pruner: {type: median}, seed: 2}
trainer: {command: [./trial]}
stop: {trials: 8}
local: {workers: 2}
END
setsid sentei run linked.yaml >run.out 2>run.err &
group=$!
test_that 'a study of linked trials runs' await board runs/linked 'state["complete"] >= 1'
kill -s KILL "$(python3 -c 'import json; print(json.load(open("runs/linked/controller.json"))["pid"])')"
ends() {
    wait "$group"
    status=$?
    group=
    cat run.out run.err
    return $status
}
test_that 'and ends although its controller was killed' ends
test_that 'every trial is complete or pruned, in one attempt' board runs/linked \
    'state["complete"] + state["pruned"] == 8 and all(r["attempts"] == 1 for r in rows)'
test_that 'no report is missing' board runs/linked \
    'all(r["reports"] == r["step"] and (r["step"] == 20 or r["state"] == "pruned") for r in rows)'
test_that 'nothing is left in a spool' sh -c '! ls runs/linked/trials/*/spool* 2>/dev/null'

tap_end
