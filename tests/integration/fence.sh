#!/bin/sh
# A controller that was stopped (SIGSTOP) comes back on a file system whose locks
# reach nobody: another one serves by then, and the first can write no more.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
sentei=$build/sentei
pids=
trap 'for pid in $pids; do kill -9 "$pid" 2>/dev/null; done; rm -rf "$work"' EXIT
run=$work/run

if ! ${CC:-cc} -D_GNU_SOURCE -shared -fPIC -o "$work/lost_locks.so" tests/integration/lost_locks.c; then
    echo "ok 1 - locks are lost # SKIP no library that plays such a file system can be built"
    echo "1..1"
    exit 0
fi
mkdir "$run"
plain_study fenced 40 '[sh, -c, "for i in 1 2 3 4 5; do sleep 0.05; echo sentei: step=$i v={x}; done"]' >"$run/study.yaml"

# stand_by: another controller without locks; its process id goes into $pid.
stand_by() {
    LD_PRELOAD=$work/lost_locks.so "$sentei" controller "$run" --standby --until-done 2>>"$work/said" &
    pid=$!
    pids="$pids $pid"
}

server() { sed -n 's/.*"pid": \([0-9]*\).*/\1/p' "$run/controller.json" 2>/dev/null; }
serves() { test "$(server)" = "$1"; }
ask() { "$sentei" status "$run" --format json | python3 -c "import json, sys; s = json.load(sys.stdin); sys.exit(not ($1))"; }

# A worker is at work, the host is stopped in the middle of it.
another_takes_over() {
    stand_by && first=$pid && await serves "$first" && stand_by && second=$pid || return 1
    "$sentei" worker "$run" 2>>"$work/said" &
    worker=$!
    pids="$pids $worker"
    await ask "s['reports'] >= 10" && kill -STOP "$first" && await serves "$second"
}

ends() {
    wait "$1"
    test $? = 1
}

the_first_has_to_end() {
    kill -CONT "$first"
    ends "$first" && cat "$work/said" && grep -q 'another controller has taken over' "$work/said" && serves "$second"
}

the_study_is_whole() {
    wait $worker && wait "$second" && ask "s['trials'] == s['states']['complete'] == 40 and s['reports'] == 200" &&
        python3 -c "
import sqlite3, sys
db = sqlite3.connect('file:$run/study.db?mode=ro', uri=True)
sys.exit(db.execute('pragma integrity_check').fetchone() != ('ok',))" && ls "$run" && test ! -e "$run/study.db-new"
}

test_that "the host is stopped: another one takes over" another_takes_over
test_that "the host comes back: it ends without writing" the_first_has_to_end
test_that "the study comes to its end with every report" the_study_is_whole
tap_end
