#!/bin/sh
# When memory runs out, 'sentei check' says so or is not bothered; it never
# crashes. Every seventh allocation is made to fail, one a run.
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

# check_with FORMAT: no run ends but with 0, 1 or 2, and a failure has its
# reason. What is allocated before main is not ours: --version does only that.
check_with() {
    last=$(allocations check --format "$1" $study)
    at=$(allocations --version)
    test "$at" -gt 0 && test "$last" -gt "$at" || return 1
    failures=0
    while [ "$at" -le "$last" ]; do
        FAIL_AT=$at LD_PRELOAD=$work/failing.so "$build/sentei" check --format "$1" $study \
            >"$work/out" 2>"$work/err"
        status=$?
        if [ $status -gt 2 ] || { [ $status -gt 0 ] && ! grep -q memory "$work/err"; }; then
            echo "allocation $at of $last: exit status $status"
            cat "$work/err"
            return 1
        fi
        failures=$((failures + (status > 0)))
        at=$((at + 7))
    done
    test $failures -gt 50
}

test_that 'the plan for people, while allocations fail' check_with text
test_that 'the plan for programs, while allocations fail' check_with json
tap_end
