#!/bin/sh
# Population-based training: members train in turns, the worst end, new ones
# begin from the checkpoints of the best. With sentei-train, with a program of
# one's own, and in virtual time. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
PATH=$build:$PATH
command -v sentei >/dev/null || { echo "Bail out! $build/sentei is not built"; exit 1; }
cd "$work" || exit 1
ln -s "$root/studies" studies
sentei-data synth listings --rows 1500 --seed 5 -o data >/dev/null || exit 1

# Every trial with a parent reports first what the parent reported at that
# step, and goes on from there; there is one.
cat >inherits.py <<'END'
import json, subprocess, sys
run, metric = sys.argv[1:]
def sentei(*words):
    return json.loads(subprocess.check_output(["sentei", *words, "--format", "json"]))
children = [r for r in sentei("leaderboard", run, "--top", "0")["rows"] if r["parent"] is not None]
for row in children:
    child = sentei("show", run, str(row["trial"]))["curve"]
    parent = sentei("show", run, str(row["parent"]))["curve"]
    first = child[0]
    there = [p["metrics"][metric] for p in parent if p["step"] == first["step"]]
    print(row["trial"], "from", row["parent"], "at step", first["step"], first["metrics"][metric], there)
    assert first["step"] >= 1 and there == [first["metrics"][metric]]
    assert [p["step"] for p in child] == list(range(first["step"], first["step"] + len(child)))
assert children
END

cat >trainer.yaml <<'END'
study: trained
objective: {metric: val.log_loss, direction: minimize, value: last}
space: {optimizer.lr: {type: float, low: 1.0e-5, high: 1.0e-1, log: true}}
search: {sampler: {type: pbt, population: 4, interval: 1, max_step: 4}, seed: 2}
trainer:
  config:
    data: data
    epochs: 4
    batch: {size: 100}
    model: {image: {type: none}, text: {dimension: 4, buckets: 256}, fusion: {depth: 1, width: 16}}
END
test_that 'a population of sentei-train comes to its end' sentei run trainer.yaml -j 1
test_that 'up to four members are complete, the others are pruned' \
    board runs/trained '1 <= state["complete"] <= 4 and 0 < state["pruned"] == len(rows) - state["complete"]'
test_that 'who is complete has seen every epoch' board runs/trained 'all(r["step"] == 4 for r in rows if r["state"] == "complete")'
test_that 'copies begin from the checkpoint of their parent' python3 inherits.py runs/trained val.log_loss

cat >program.yaml <<'END'
study: program
objective: {metric: val.loss, direction: minimize, value: last}
space: {lr: {type: float, low: 1.0e-3, high: 1.0, log: true}}
search: {sampler: {type: pbt, population: 4, interval: 5, max_step: 20}, seed: 1}
trainer: {command: [python3, studies/any-program/train.py, --lr, "{lr}", --hidden, "8"]}
END
test_that 'a program of any kind, which reads SENTEI_INIT_FROM' sentei run program.yaml -j 2
test_that 'copies its checkpoints' python3 inherits.py runs/program val.loss
test_that 'and comes to its end, too' board runs/program '1 <= state["complete"] <= 4 and state["pruned"] == len(rows) - state["complete"]'

cat >oracle.py <<'END'
import json, sys
for line in sys.stdin:
    x = json.loads(line)["params"]["lr"]
    print(json.dumps({"columns": ["step", "seconds", "val.loss"],
                      "curve": [[k, k, abs(x - 0.3) + 1 / k] for k in range(1, 21)]}), flush=True)
END
sed 's/^trainer:.*/oracle: {command: [python3, oracle.py]}/' program.yaml >virtual.yaml
virtual() {
    sentei simulate virtual.yaml --workers 2 --trials 100 >summary
    cat summary
    grep -q '[1-4] complete' summary && ! grep -Eq '[1-9][0-9]* (paused|failed)' summary
}
test_that 'and so does a simulation' virtual
tap_end
