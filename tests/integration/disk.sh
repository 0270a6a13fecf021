#!/bin/sh
# A study whose disk runs full, and whose folder cannot be written: said in
# plain words, nothing stored is lost, and it goes on when there is room again.
# The disk is a small tmpfs in a mount namespace of this script's own. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
if [ "${1-}" != inside ]; then
    if ! unshare -rm true 2>/dev/null; then
        echo 'ok 1 - a full disk # SKIP no mount namespaces here'
        echo 1..1
        exit 0
    fi
    exec unshare -rm "$0" inside
fi
. tests/tap.sh
PATH=$build:$PATH
run=
trap 'test -z "$run" || kill "$run" 2>/dev/null; wait; umount "$work/disk" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1

# study EXPRESSION: a Python expression over the study's summary, as 'study'.
study() {
    sentei status disk/much --format json | python3 -c '
import json, sys
value = eval(sys.argv[1], {"study": json.load(sys.stdin)})
print(value)
sys.exit(0 if value else 1)' "$1"
}

refused() {
    "$@" >refused.out 2>&1
    status=$?
    cat refused.out
    test $status = 1
}
says() {
    cat refused.out
    grep -q -- "$1" refused.out
}

cat >trial.py <<'END'
import time
metrics = " ".join(f"m{i}={i}" for i in range(60))
for step in range(1, 41):
    print(f"sentei: step={step} loss={1 / step!r} {metrics}", flush=True)
    time.sleep(0.02)
END
cat >much.yaml <<'END'
study: much
objective: {metric: loss, direction: minimize}
space: {x: {type: float, low: 0, high: 1}}
search: {sampler: random, pruner: none}
trainer: {command: [python3, trial.py]}
stop: {trials: 8}
END

mkdir disk
test_that 'a small disk' mount -t tmpfs -o size=400k tmpfs disk
sentei run much.yaml -j 2 --runs disk >run.out 2>run.err &
run=$!
test_that 'a run says that its disk is full' await grep -q 'nothing can be stored.*no space left' run.err
test_that 'and goes on waiting' kill -0 $run
test_that 'so does sentei status' study '"no space left" in study["trouble"]'
reports=$(study 'study["reports"]')
test_that 'there is room again' mount -o remount,size=16m disk
test_that 'which is noticed' await grep -q 'can be stored again' run.err
test_that 'the run ends well' wait $run
run=
test_that 'every trial is complete' study \
    'study["states"]["complete"] == 8'
test_that 'every report is there' study 'study["reports"] == 8 * 40'
test_that 'as were those from before' test "${reports:-0}" -gt 0

test_that 'a disk that cannot be written' mount -o remount,ro disk
test_that 'its results can be looked at' sentei leaderboard disk/much
test_that 'a run is refused' refused sentei run much.yaml --runs disk
test_that 'with the reason' says 'Read-only file system'
test_that 'and what to do' says '--runs'
test_that 'so is one that needs a new folder' refused sentei run much.yaml --runs disk/new
test_that 'with the reason' says "'disk/new': Read-only file system"
tap_end
