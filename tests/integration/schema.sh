#!/bin/sh
# What the verbs print and the API answers is what docs/schema.json says: no field
# missing, none besides, each of its kind. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
python3 -c 'import jsonschema' 2>/dev/null || { echo 'ok 1 - JSON against its schema # SKIP python3-jsonschema is not installed (make deps)'; echo 1..1; exit 0; }
PATH=$build:$PATH
cd "$work" || exit 1

# fits NAME COMMAND...: what it prints, or the file -, fits the definition; for
# a name with an s before it, each line does.
fits() {
    fits_name=$1
    shift
    "$@" >"$work/printed" && python3 "$root/tests/integration/schema.py" "$root/docs/schema.json" "$fits_name" <"$work/printed"
}
named() {
    test_that "$1: $*" fits "$@"
}

cat >trial.sh <<'END'
for step in 1 2 3; do echo "sentei: step=$step v=0.$1$step v.std=0.01 w=$1"; done
test "$1" != 4
END
cat >folds.yaml <<END
study: folds
objective: {metric: v, direction: maximize}
space:
  depth: {type: int, low: 1, high: 6}
  width: {type: float, low: 1, high: 2, step: 0.5}
  kind:  {type: categorical, choices: [plain, true, 3]}
  ramp:  {type: int, low: 1, high: 4, when: {kind: [plain]}}
search: {sampler: random, pruner: {type: asha, min_step: 1}, seed: 3}
stop: {trials: 14, no_improvement: 50}
enqueue: [{depth: 4}]
retry: {attempts: 1}
constraints: [{metric: w, max: 5}]
trainer: {command: [sh, $work/trial.sh, "{depth}"]}
notify: [{on: [finished], exec: ["true"]}]
END
sed 's/study: folds/study: both/; s/^objective.*/objective: [{metric: v, direction: maximize}, {metric: w, direction: minimize}]/; /^constraints/d; s/, pruner.*}, seed/, pruner: none, seed/' folds.yaml >both.yaml

named check sentei check folds.yaml --format json
for study in folds both; do
    sentei run $study.yaml -j 2 --no-progress >said 2>&1 || cat said
done
named leaderboard_printed sentei leaderboard folds --format json
named leaderboard_printed sentei leaderboard both --format json
named leaderboard_printed sentei leaderboard folds both --format json
named status sentei status folds --format json
named best sentei best folds --format json
named best_front sentei best both --format json
named importance sentei importance folds --format json
failed=$(board folds '[r["trial"] for r in rows if r["state"] == "failed"][0]')
named trial sentei show folds 0 --format json
named trial sentei show folds "$failed" --format json
named strial sentei export both
more_is_refused() { ! sentei show folds 0 --format json | sed '1s/{/{"more": 1,/' | fits trial cat && grep -q more "$work/output"; }
less_is_refused() { ! sentei show folds 0 --format json | sed '/"feasible"/s/feasible/feasable/' | fits trial cat && grep -q feasible "$work/output"; }
test_that 'a field that the schema does not name is found' more_is_refused
test_that 'and one that is missing' less_is_refused
named environment cat runs/folds/environment.json
report() { sentei report "$1" | sed -n 's/^<script type="application\/json" class="data">\(.*\)<\/script>$/\1/p'; }
named changes report folds
named changes report both

# The API, by a worker and by people.
sed 's/study: folds/study: served/; s/trials: 14/trials: 4/' folds.yaml >served.yaml
mkdir -p runs/served && cp served.yaml runs/served/study.yaml
sentei controller runs/served 2>controller.log &
controller=$!
trap 'kill $controller 2>/dev/null; rm -rf "$work"' EXIT
await test -s runs/served/controller.json
named controller cat runs/served/controller.json
python3 "$root/tests/integration/schema.py" "$root/docs/schema.json" --live runs/served >live.txt
test_that 'each call of the API was made' grep -qx 'calls: 19' live.txt
while IFS= read -r line; do
    case $line in
    'good '*) test_that "${line#good }" true ;;
    'bad '*) test_that "${line#bad }" sh -c "grep -FA9 '$line' live.txt; false" ;;
    esac
done <live.txt
kill $controller
wait $controller
tap_end
