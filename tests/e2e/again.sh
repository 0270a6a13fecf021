#!/bin/sh
# A study that is killed and goes on; the same seed twice. The trainer's own, as a
# person would run it. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
PATH=$build:$PATH
group=
trap 'test -z "$group" || kill -s KILL -- "-$group" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
cp "$root/tests/e2e/small.yaml" .

# What the same seed must repeat: each trial's parameters, state and values.
outcome='sorted((r["trial"], r["state"], r["value"], r["step"], sorted(r["params"].items())) for r in rows)'

test_that 'a data set' sentei-data synth listings -o data --rows 800

# --- kill -9 in the middle, then the same command -----------------------------
setsid sentei run small.yaml >killed.log 2>&1 &
group=$!
# A trial has ended and another is at its second epoch, far from its end: now.
middle='state["complete"] > 0 and [r["trial"] for r in rows if r["state"] == "running" and r["step"] in (2, 3)]'
waited=0 victims=
until victims=$(board runs/small "$middle" 2>/dev/null); do
    if [ $waited -ge 3000 ] || ! kill -0 "$group" 2>/dev/null; then break; fi
    waited=$((waited + 1))
    sleep 0.1
done
kill -s KILL -- "-$group"
wait "$group" 2>/dev/null
group=
test_that 'a run is killed in its middle' test -n "$victims"
seen=$(python3 -c 'import json; print(json.load(open("board.json"))["study"]["reports"])')
ended='{(r["trial"], r["value"]) for r in rows if r["state"] in ("complete", "pruned")}'
test_that 'no report was lost by kill -9' board runs/small "study['reports'] >= $seen"
seen=$(board runs/small 'study["reports"]')
finished=$(board runs/small "$ended")

test_that 'the same command goes on' sentei run small.yaml
test_that 'all trials have ended' board runs/small 'state["complete"] + state["pruned"] == 12'
test_that 'the number of reports never went down' board runs/small "study['reports'] >= $seen"
test_that 'finished trials were kept' board runs/small "$finished <= $ended"
# The curve holds steps of two attempts: the second began at the checkpoint.
resumed() {
    trial=${victims#[}
    sentei show runs/small "${trial%%[],]*}" --format json >show.json || return 1
    python3 -c 'import json
curve = json.load(open("show.json"))["curve"]
print([(p["attempt"], p["step"]) for p in curve])
assert {p["attempt"] for p in curve} == {1, 2}
assert [p["step"] for p in curve] == list(range(1, len(curve) + 1))'
}
test_that 'a killed trial went on from its checkpoint' resumed

# --- the same seed and one worker, twice --------------------------------------
for n in 1 2; do
    test_that "one worker, time $n" sentei run small.yaml -j 1 --runs "same-$n"
done
first=$(board same-1/small "$outcome")
second=$(board same-2/small "$outcome")
test_that 'the same trials, bit for bit' test -n "$first" -a "$first" = "$second"

tap_end
