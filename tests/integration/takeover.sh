#!/bin/sh
# Controllers that stand by: one serves, and when it is gone another one does.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
sentei=$build/sentei
pids=
trap 'for pid in $pids; do kill -9 "$pid" 2>/dev/null; done; rm -rf "$work"' EXIT
run=$work/run
mkdir "$run"
cat >"$run/study.yaml" <<'END'
study: held
objective: {metric: v, direction: maximize}
space: {x: {type: float, low: 0, high: 1}}
search: {sampler: random, pruner: none, seed: 3}
trainer: {command: ["true"]}
END

# stand_by: another controller; its process id goes into $pid.
stand_by() {
    mkfifo "$work/ready"
    "$sentei" controller "$run" --standby --listen 127.0.0.1 --ready-fd 3 3>"$work/ready" 2>>"$work/said" &
    pid=$!
    pids="$pids $pid"
    read -r word <"$work/ready"
    rm "$work/ready"
    test "$word" = ready
}

server() { sed -n 's/.*"pid": \([0-9]*\).*/\1/p' "$run/controller.json" 2>/dev/null; }

# wait_for COMMAND...: at most 10 s.
wait_for() {
    for _ in $(seq 100); do
        "$@" && return
        sleep 0.1
    done
    cat "$work/said"
    return 1
}

serves() { test "$(server)" = "$1" && "$sentei" status "$run" >/dev/null; }

one_serves() {
    stand_by && first=$pid && wait_for serves "$first" && stand_by && second=$pid && stand_by && third=$pid &&
        serves "$first" && kill -0 "$second" "$third"
}

is_another() { test -n "$(server)" && test "$(server)" != "$1"; }

one_of_two_takes_over() {
    kill -9 "$first"
    wait_for is_another "$first" &&
        new=$(server) && { test "$new" = "$second" || test "$new" = "$third"; } && wait_for serves "$new"
}

state() { "$sentei" status "$run" --format json | sed -n 's/^  "state": "\(.*\)",/\1/p'; }

keeps_a_stop() {
    "$sentei" stop "$run" || return 1
    test "$(state)" = stopped || return 1
    kill "$new"
    other=$((second + third - new))
    wait_for serves "$other" && test "$(state)" = stopped
}

ends_at_once() {
    stand_by && kill "$pid" && wait "$pid" && kill "$other" && wait "$other" && test ! -e "$run/controller.json"
}

test_that "one of three serves, two stand by" one_serves
test_that "it is killed: one of the two takes over" one_of_two_takes_over
test_that "a stop by hand outlives the next takeover" keeps_a_stop
test_that "SIGTERM ends one that stands by, and one that serves" ends_at_once
tap_end
