#!/bin/sh
# A controller as a process: over real HTTP, killed, stopped, in the way.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
sentei=$build/sentei
pid=
trap 'test -z "$pid" || kill -9 "$pid" 2>/dev/null; rm -rf "$work"' EXIT

# make_run NAME: a run folder with a study.
make_run() {
    mkdir -p "$work/$1"
    cat >"$work/$1/study.yaml" <<'END'
study: controlled
objective: {metric: v, direction: maximize}
space:
  x: {type: float, low: 0, high: 1}
  n: {type: int, low: 1, high: 100}
search: {sampler: random, pruner: none, seed: 3}
trainer: {command: ["true"]}
END
}

# start NAME [OPTION...]: serve it, and wait until it says so.
start() {
    start_run=$work/$1
    shift
    mkfifo "$work/ready"
    "$sentei" controller "$start_run" --ready-fd 3 "$@" 3>"$work/ready" 2>"$work/controller.err" &
    pid=$!
    read -r start_word <"$work/ready"
    rm "$work/ready"
    test "$start_word" = ready
}

# end SIGNAL: stop it; the exit status is its.
end() {
    kill "-$1" "$pid"
    wait "$pid"
    end_status=$?
    pid=
    return $end_status
}

say() {
    say_run=$work/$1
    shift
    python3 "$root/tests/integration/controller.py" "$say_run" "$@"
}

starts() {
    make_run a
    start a || return 1
    grep -q '"url": "http://127.0.0.1:' "$work/a/controller.json" &&
        test "$(stat -c %a "$work/a/token")" = 600 &&
        say a call GET /v1/study | grep -q '^200 .*"study":"controlled"'
}

is_alone() {
    "$sentei" controller "$work/a" 2>"$work/err"
    test $? = 1 && grep -q "in use by process $pid on" "$work/err"
}

port_is_taken() {
    make_run b
    is_port=$(sed -n 's/.*127.0.0.1:\([0-9]*\).*/\1/p' "$work/a/controller.json")
    "$sentei" controller "$work/b" --port "$is_port" 2>"$work/err"
    test $? = 1 && grep -q "cannot listen on port $is_port" "$work/err" && grep -q hint "$work/err" &&
        test ! -e "$work/b/controller.json"
}

ends_cleanly() {
    end TERM || return 1
    test ! -e "$work/a/controller.json" && test ! -e "$work/a/study.db-wal" && test -e "$work/a/study.db"
}

is_killed_under_load() {
    make_run c
    start c || return 1
    say c load "$work/acks" 4 &
    killed_load=$!
    until test "$(wc -l <"$work/acks" 2>/dev/null || echo 0)" -ge 200; do
        kill -0 "$pid" 2>/dev/null || return 1
    done
    say c leavers || return 1
    end KILL
    wait "$killed_load"
    start c && say c check "$work/acks" && end TERM
}

reads_after_a_kill() {
    start c && end KILL
    test -e "$work/c/study.db-wal" || return 1
    "$sentei" stop "$work/c" --reason 'read after a kill' 2>"$work/err" &&
        grep -q 'no controller was running' "$work/err"
}

is_stopped() {
    start c || return 1
    "$sentei" stop "$work/c" --reason enough || return 1
    say c call POST /v1/ask '{"worker": "test:9:9"}' >"$work/out"
    grep -q '"kind":"wait"' "$work/out" || grep -q '"reason":"enough"' "$work/out" || return 1
    say c call GET /v1/study | grep -q '"state":"stopped","reason":"enough"' && end TERM
}

same_seed() {
    for same_run in d e; do
        make_run $same_run
        start $same_run && say $same_run trials 5 >"$work/$same_run.out" && end TERM || return 1
        start $same_run && say $same_run trials 5 >>"$work/$same_run.out" && end TERM || return 1
    done
    test "$(wc -l <"$work/d.out")" = 10 && cmp "$work/d.out" "$work/e.out"
}

has_no_study() {
    mkdir "$work/empty"
    "$sentei" controller "$work/empty" 2>"$work/err"
    test $? = 2 && grep -q 'no run folder' "$work/err" || return 1
    "$sentei" controller "$work/nowhere" 2>"$work/err"
    test $? != 0 && grep -q "run folder '$work/nowhere'" "$work/err"
}

token_is_open() {
    make_run f
    echo 0123456789012345678901234567890123456789012345678901234567890123 >"$work/f/token"
    chmod 644 "$work/f/token"
    "$sentei" controller "$work/f" 2>"$work/err"
    test $? = 1 && grep -q 'others may read the secret' "$work/err"
}

is_damaged() {
    make_run g
    head -c 5000 /dev/urandom >"$work/g/study.db"
    "$sentei" controller "$work/g" 2>"$work/err"
    test $? = 1 && grep -q 'damaged' "$work/err" && grep -q 'recover' "$work/err"
}

test_that 'a controller starts, says where it is, and answers' starts
test_that 'broken requests get an error, and nothing more' say a broken
test_that 'the token that reads opens no POST' say a reader
test_that 'a second controller is told who holds the study' is_alone
test_that 'an occupied port is called one' port_is_taken
test_that 'SIGTERM ends it cleanly' ends_cleanly
test_that 'clients that leave, then kill -9 under load: what was acknowledged is there' is_killed_under_load
test_that 'a killed controller leaves a readable store' reads_after_a_kill
test_that 'sentei stop ends a study early' is_stopped
test_that 'one worker, the same seed: the same trials, over a restart' same_seed
test_that 'a folder without a study is refused' has_no_study
test_that 'a token that others may read is refused' token_is_open
test_that 'a damaged store is called damaged' is_damaged
tap_end
