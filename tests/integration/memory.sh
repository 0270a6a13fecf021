#!/bin/sh
# When memory runs out sentei says so or is not bothered; it never crashes, and
# nothing that is stored is lost. Single allocations are made to fail.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh

study=tests/studies/good/full.yaml

if ! ${CC:-cc} -shared -fPIC -o "$work/failing.so" tests/integration/failing_malloc.c; then
    echo "ok 1 - allocations fail # SKIP no library that counts allocations can be built"
    echo "1..1"
    exit 0
fi

# The number of allocations of a run.
allocations() {
    COUNT_TO=$work/count LD_PRELOAD=$work/failing.so "$build/sentei" "$@" >"$work/out" 2>&1
    cat "$work/count"
}

# survives EVERY MIN COMMAND...: each EVERY-th allocation fails, one a run. No
# run ends but with 0, 1 or 2, and a failure, of which there are MIN, has its
# reason. What is allocated before main is not ours: --version does only that.
survives() {
    every=$1 least=$2
    shift 2
    last=$(allocations "$@")
    at=$(allocations --version)
    test "$at" -gt 0 && test "$last" -gt "$at" || return 1
    failures=0
    while [ "$at" -le "$last" ]; do
        FAIL_AT=$at LD_PRELOAD=$work/failing.so "$build/sentei" "$@" >"$work/out" 2>"$work/err"
        status=$?
        if [ $status -gt 2 ] || { [ $status -gt 0 ] && ! grep -q memory "$work/err"; }; then
            echo "allocation $at of $last: exit status $status"
            cat "$work/err"
            return 1
        fi
        failures=$((failures + (status > 0)))
        at=$((at + every))
    done
    echo "$failures failures"
    test $failures -ge "$least"
}

# A study of twelve trials.
has_a_study() {
    mkdir "$work/run"
    cat >"$work/run/study.yaml" <<'END'
study: scarce
objective: {metric: v, direction: maximize}
space: {x: {type: float, low: 0, high: 1}, n: {type: int, low: 1, high: 9}}
search: {seed: 1}
stop: {trials: 12}
retry: {attempts: 100}
trainer: {command: [sh, -c, "for i in 1 2 3; do echo sentei: step=$i v={x}; done"]}
END
    cp -r "$work/run" "$work/whole"
    "$build/sentei" controller "$work/whole" --until-done 2>"$work/err" &
    "$build/sentei" worker "$work/whole" 2>>"$work/err" && wait $!
}

# A controller that lacks memory once: it goes on, or ends with the reason and
# another one does. Every report is there in the end.
study_ends_whole() {
    : >"$work/acks"
    for at in $(seq 100 700 14000); do
        rm -rf "$work/at"
        cp -r "$work/run" "$work/at"
        FAIL_AT=$at LD_PRELOAD=$work/failing.so timeout 60 "$build/sentei" controller "$work/at" --lease 2 --until-done 2>"$work/err" &
        controller=$!
        timeout 60 "$build/sentei" worker "$work/at" 2>"$work/worker" &
        worker=$!
        wait $controller
        status=$?
        if [ $status != 0 ]; then
            grep -q memory "$work/err" || { echo "allocation $at: exit status $status" && cat "$work/err" && return 1; }
            "$build/sentei" controller "$work/at" --lease 2 --until-done 2>>"$work/err" &
            controller=$!
            wait $controller || return 1
        fi
        wait $worker || { echo "allocation $at" && cat "$work/worker" "$work/err" && return 1; }
        "$build/tests/torture/verify" "$work/at" "$work/acks" 12 whole || { echo "allocation $at" && return 1; }
    done
}

test_that 'the plan for people, while allocations fail' survives 7 51 check --format text $study
test_that 'the plan for programs, while allocations fail' survives 7 51 check --format json $study
test_that 'a study' has_a_study
test_that 'its leaderboard, while allocations fail' survives 61 10 leaderboard "$work/whole"
test_that 'a trial of it' survives 97 10 show "$work/whole" 3
test_that 'its report' survives 97 10 report "$work/whole" -o "$work/report.html"
test_that 'a replay of it' survives 397 10 simulate --replay "$work/whole"
test_that 'a controller that lacks memory once: the study is whole in the end' study_ends_whole
tap_end
