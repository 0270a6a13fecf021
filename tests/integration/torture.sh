#!/bin/sh
# A short campaign of kills (tests/torture/run; 'make torture' has long ones),
# and whether what looks for losses finds one. TAP.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
sentei=$build/sentei
run=$work/run
trap 'test -z "${pid-}" || kill "$pid"; rm -rf "$work"' EXIT

loses_nothing() { tests/torture/run --build "$build" --kills 80 --seed 1 --minutes 3; }

# A study of three trials of two steps, and what is acknowledged of it.
small_study() {
    mkdir "$run"
    cat >"$run/study.yaml" <<'END'
study: torture
objective: {metric: v, direction: maximize}
space: {x: {type: float, low: 0, high: 1}}
search: {sampler: random, pruner: none}
stop: {trials: 3}
trainer: {command: [sh, -c, "for i in 1 2; do echo sentei: step=$i v=$i; done"]}
END
    "$sentei" run "$run/study.yaml" --runs "$run" >"$work/out" 2>&1 || return 1
    for trial in 0 1 2; do
        printf 'report %d 1 1 1\nreport %d 1 2 2\nended %d complete\n' $trial $trial $trial
    done >"$work/acks"
}

whole() { "$build/tests/torture/verify" "$run/torture" "$work/acks" "${1-3}" whole; }

# finds WORD LINE: the acknowledgement of LINE does not hold.
finds() {
    cp "$work/acks" "$work/kept"
    echo "$2" >>"$work/acks"
    whole 2>"$work/err"
    finds_status=$?
    mv "$work/kept" "$work/acks"
    cat "$work/err"
    test $finds_status = 1 && grep -q "$1" "$work/err"
}

too_few() {
    whole 4 2>"$work/err"
    test $? = 1 && grep -q '3 trials of 4' "$work/err"
}

no_store() {
    mkdir "$work/none"
    "$build/tests/torture/verify" "$work/none" "$work/acks" 3 2>"$work/err"
    test $? != 0 && grep -q 'there is no' "$work/err"
}

say() { python3 tests/integration/controller.py "$work/jump" call POST "$@"; }
is_next() { say /v1/ask '{"worker": "next:1:1"}' | grep -q '"trial":0,"attempt":2'; }

# The clock goes back a day while a worker has a lease of a second, and is silent.
clock_jumps() {
    mkdir "$work/jump"
    sed 's/trials: 3/trials: 1/' "$run/study.yaml" >"$work/jump/study.yaml"
    mkfifo "$work/ready"
    LD_PRELOAD=$build/tests/torture/disk.so TORTURE_FOLDER=$work/jump TORTURE_FAULT=clock TORTURE_AT=60 \
        TORTURE_COUNT=-86400 "$sentei" controller "$work/jump" --lease 1 --ready-fd 3 3>"$work/ready" 2>"$work/err" &
    pid=$!
    read -r _ <"$work/ready"
    say /v1/ask '{"worker": "silent:1:1"}' | grep -q '"trial":0,"attempt":1' || return 1
    for i in $(seq 60); do
        say /v1/annotate "{\"trial\": 0, \"note\": \"$i\"}" >"$work/out" || return 1
    done
    await is_next
}

test_that 'eighty kills: nothing is lost' loses_nothing
test_that 'a study to look at' small_study
test_that 'is found whole' whole
test_that 'a report that is lost is found' finds 'trial 1.*step 3 was acknowledged and is lost' 'report 1 1 3 3'
test_that 'so is another value' finds 'another value' 'report 1 1 2 2.5'
test_that 'an end that was taken back' finds '12: trial 2 was pruned' 'ended 2 pruned'
test_that 'a trial too few' too_few
test_that 'a store that is not there' no_store
test_that 'a clock that goes back a day does not keep a silent worker its trial' clock_jumps
tap_end
