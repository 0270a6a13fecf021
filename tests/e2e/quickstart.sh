#!/bin/sh
# The whole, as a person would type it: data, a study, the leaderboard. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
PATH=$build:$PATH
cd "$work" || exit 1

# What the same seed must repeat: each trial's parameters, state and values.
outcome='sorted((r["trial"], r["state"], r["value"], r["step"], sorted(r["params"].items())) for r in rows)'

# --- the quickstart, on a smaller data set ------------------------------------
test_that 'sentei-data makes the data set' sentei-data synth listings -o build/data/listings --rows 2000
test_that 'sentei run ends the quickstart study' sentei run "$root/studies/quickstart.yaml"
test_that 'at least 20 trials have ended' board runs/quickstart 'state["complete"] + state["pruned"] >= 20'
test_that 'some of them were pruned' board runs/quickstart 'state["pruned"] > 0'
test_that 'none failed' board runs/quickstart 'state["failed"] == 0'
test_that 'the best comes first' board runs/quickstart \
    '[r["value"] for r in rows if r["value"] is not None] == sorted((r["value"] for r in rows if r["value"] is not None), reverse=True)'
before=$(board runs/quickstart "$outcome")
test_that 'a finished study shows its leaderboard at once' sentei run "$root/studies/quickstart.yaml"
test_that 'and is as it was' test "$before" = "$(board runs/quickstart "$outcome")"
for format in table csv markdown; do
    test_that "the leaderboard as $format" sentei leaderboard runs/quickstart --format $format
done

# --- sentei check -------------------------------------------------------------
cd "$root" || exit 1
for study in studies/*.yaml; do
    case $study in *.data.yaml) continue ;; esac
    test_that "sentei check $study" sentei check "$study"
done
refused() {
    sed 's/direction:/directoin:/' "$root/tests/e2e/small.yaml" >"$work/bad.yaml"
    sentei check "$work/bad.yaml" >"$work/bad.out" 2>&1
    status=$?
    cat "$work/bad.out"
    test $status = 2 && grep -q "bad\.yaml:3:[0-9]*: unknown key 'directoin'" "$work/bad.out"
}
test_that 'a wrong study file: exit 2 and file:line:column' refused

tap_end
