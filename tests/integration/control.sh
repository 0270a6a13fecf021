#!/bin/sh
# What people do to a run beside running it: enqueue, retry, annotate, resume,
# export, import, warm starts, delete. Without a controller, and beside one. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
PATH=$build:$PATH
command -v sentei >/dev/null || { echo "Bail out! $build/sentei is not built"; exit 1; }
group=
trap 'test -z "$group" || kill -s KILL -- "-$group" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1

# Fails while there is a file 'broken' and x is above 0.5.
cat >trial.sh <<'END'
echo "sentei: step=1 loss=$1"
test ! -e broken || awk "BEGIN { exit $1 > 0.5 }" || exit 3
echo "sentei: step=2 loss=$1"
END
cat >first.yaml <<'END'
study: first
objective: {metric: loss, direction: minimize}
space:
  x: {type: float, low: 0, high: 1}
  kind: {type: categorical, choices: [a, b, 1]}
search: {sampler: random, pruner: none, seed: 1}
trainer: {command: [sh, trial.sh, "{x}", "{kind}"]}
enqueue: [{x: 0.9, kind: a}]
stop: {trials: 6}
retry: {attempts: 1}
END
# complains STATUS PATTERN COMMAND...
complains() {
    status=$1 pattern=$2
    shift 2
    "$@" >out 2>&1
    test $? = "$status" && grep -q "$pattern" out || { cat out; return 1; }
}
touch broken
test_that 'a study in which a trial fails' sentei run first.yaml -j 1
test_that 'trial 0 failed' board runs/first 'trial[0]["state"] == "failed"'

# --- retry, enqueue, annotate, resume ------------------------------------------
rm broken
test_that 'a failed trial is tried again' sentei retry first 0
test_that 'a complete one is not' complains 1 'trial .* is complete' sentei retry first "$(board runs/first '[r["trial"] for r in rows if r["state"] == "complete"][0]')"
test_that 'nor one that is not there' complains 1 'no trial 99' sentei retry first 99
test_that 'nor a word' complains 2 "'x' is no trial's number" sentei retry first x
test_that 'a point is enqueued, the rest is chosen' test "$(sentei enqueue first x=0.25)" = 6
test_that 'values as in a study file' test "$(sentei enqueue first x=0.125 kind=1)" = 7
test_that 'a wrong name is refused' complains 1 "y" sentei enqueue first y=1
test_that 'a value outside, too' complains 1 'x' sentei enqueue first x=2
test_that 'words without a sign' complains 2 'NAME=VALUE' sentei enqueue first x
test_that 'a verdict is kept' sentei annotate first 7 'smells of luck'
test_that 'the run goes on' sentei resume first -j 2
test_that 'trial 0 is complete now' board runs/first 'trial[0]["state"] == "complete" and trial[0]["attempts"] == 2'
test_that 'the points were tried' board runs/first 'trial[6]["params"]["x"] == 0.25 and trial[7]["params"] == {"x": 0.125, "kind": 1} and trial[6]["state"] == trial[7]["state"] == "complete"'
test_that 'the verdict is there' board runs/first 'trial[7]["note"] == "smells of luck"'
test_that 'and shown' sh -c 'sentei show first 7 | grep "smells of luck"'
test_that 'also on the leaderboard' sh -c 'sentei leaderboard first | grep -q "smells of luck" && sentei leaderboard first | grep -q verdict'
test_that 'which it can filter' test "$(sentei leaderboard first --where 'verdict~luck' --columns trial,verdict --format csv)" = 'trial,verdict
7,smells of luck'
test_that 'those without that one, too' test "$(sentei leaderboard first --where 'not verdict~luck' --columns trial --format csv | grep -c '^[0-9]')" = \
    "$(board runs/first 'len(rows) - 1')"

# --- export, import, warm start ------------------------------------------------
test_that 'all trials are exported' sh -c 'sentei export first -o first.jsonl && test "$(wc -l <first.jsonl)" = 8'
test_that 'each line is JSON with a curve' python3 -c '
import json
for line in open("first.jsonl"):
    trial = json.loads(line)
    assert [p["step"] for p in trial["curve"]] == ([1, 2] if trial["state"] == "complete" else [1])'
# Another space: x is narrower, kind has gone.
sed 's/study: first/study: second/; s/low: 0, high: 1}/low: 0.2, high: 1}/; /kind:/d; s/, "{kind}"//; /^enqueue/d; s/trials: 6/trials: 3/' first.yaml >second.yaml
test_that 'a study over another space' sentei run second.yaml -j 1
ended=$(board runs/first 'state["complete"]')
fits=$(board runs/first 'sum(r["params"]["x"] >= 0.2 for r in rows if r["state"] == "complete")')
test_that 'what fits is imported' complains 0 "^$fits of $ended trials taken (not taken: .*x" sentei import second first.jsonl
test_that 'it stands beside its own' board runs/second "len(rows) == 3 + $fits and sum(r['source'] != '' for r in rows) == $fits"
test_that 'with its values' board runs/second 'all(r["value"] == r["params"]["x"] for r in rows)'
test_that 'a second time changes nothing' sh -c "sentei import second first.jsonl && sentei leaderboard second --format json | grep -c '\"trial\": *$((3 + fits))' | grep -q '^0'"
test_that 'what is no export is refused' complains 2 'trial.sh, line 1' sentei import second trial.sh

sed 's/study: second/study: third/' second.yaml >third.yaml
echo 'warm_start: [first, second]' >>third.yaml
test_that 'a warm start' complains 0 "$((fits + 3)) trials are from earlier runs" sentei run third.yaml -j 1
test_that 'says how many of each run it took' grep -q "$fits of $ended trials of first fit this study" runs/third/controller.log
test_that 'takes both, and has its own trials' board runs/third "len(rows) == $fits + 3 + 3 and sum(r['source'] == '' for r in rows) == 3"
test_that 'the budget counts its own alone' board runs/third 'study["reason"] == "3 of 3 trials"'
sed 's/study: third/study: fourth/; s/\[first, second\]/[none-such]/' third.yaml >fourth.yaml
test_that 'an earlier run that is not there' complains 2 "no run and no file '.*/none-such'" sentei run fourth.yaml

# --- beside a controller -------------------------------------------------------
cat >wait.sh <<'END'
echo "sentei: step=1 loss=$1"
until test -e go; do sleep 0.05; done
END
sed 's/study: first/study: live/; s/trial.sh/wait.sh/; s/trials: 6/trials: 1/' first.yaml >live.yaml
setsid sentei run live.yaml -j 1 >live.out 2>&1 &
group=$!
test_that 'a study runs' await board runs/live 'state["running"] == 1'
test_that 'it is not deleted' complains 1 "'runs/live' runs" sentei delete live --yes
test_that 'a point is enqueued there' test "$(sentei enqueue live x=0.5 kind=b)" = 1
test_that 'a running trial is not tried again' complains 1 'is running' sentei retry live 0
touch go
wait "$group"
group=
test_that 'the point was tried' board runs/live 'trial[1]["state"] == "complete" and trial[1]["params"] == {"x": 0.5, "kind": "b"}'

# --- delete --------------------------------------------------------------------
test_that 'deleting is to be meant' complains 2 'gone for good' sentei delete live
test_that 'then it is done' sentei delete live --yes
test_that 'and all of it is gone' test ! -e runs/live
tap_end
