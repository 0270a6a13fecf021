#!/bin/sh
# A study as Optuna's journal: its lines, and what Optuna itself reads there. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
PATH=$build:$PATH
cd "$work" || exit 1
cat >mixed.yaml <<'END'
study: mixed
objective: {metric: loss, direction: minimize}
space:
  lr:    {type: float, low: 1.0e-4, high: 1.0, log: true}
  part:  {type: float, low: 0, high: 1, step: 0.25}
  depth: {type: int, low: 1, high: 9, step: 2}
  kind:  {type: categorical, choices: [plain, true, 3]}
  ramp:  {type: int, low: 1, high: 4, when: {kind: [plain]}}
search: {sampler: random, pruner: none, seed: 1}
stop: {trials: 8}
retry: {attempts: 1}
trainer:
  command: [sh, -c, "for s in 1 2 3; do echo sentei: step=$s loss=$1; done; test $1 != 9", sh, "{depth}"]
END
sentei run mixed.yaml -j 1 --no-progress >/dev/null 2>&1
test_that 'sentei export --format optuna' sentei export mixed --format optuna -o mixed.journal
test_that 'a line for the study and one a trial' test "$(wc -l <mixed.journal)" = 9
test_that 'each of them JSON' python3 -c 'import json; [json.loads(line) for line in open("mixed.journal")]'
test_that 'a wrong format' sh -c '! sentei export mixed --format optunas 2>err && grep -q "jsonl" err'

if ! python3 -c 'import optuna' 2>/dev/null; then
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - what Optuna reads # SKIP there is no optuna (pip install optuna)"
    tap_end
    exit
fi
sentei export mixed -o mixed.jsonl
# The same trials by both: numbers, values, parameters, curves, states.
cat >compare.py <<'END'
import json
import optuna
storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend('mixed.journal'))
study = optuna.load_study(study_name='mixed', storage=storage)
ours = [json.loads(line) for line in open('mixed.jsonl')]
assert study.direction == optuna.study.StudyDirection.MINIMIZE
assert len(study.trials) == len(ours) == 8
state = {'complete': 'COMPLETE', 'failed': 'FAIL'}
for theirs, mine in zip(study.trials, ours):
    assert theirs.number == mine['trial']
    assert theirs.state.name == state[mine['state']], (theirs.state, mine['state'])
    assert theirs.params == mine['params'], (theirs.params, mine['params'])
    assert theirs.value == mine['value']
    assert theirs.intermediate_values == {p['step']: p['metrics']['loss'] for p in mine['curve']}
    assert abs(theirs.datetime_complete.timestamp() - mine['ended']) < 1e-3
assert study.best_value == min(m['value'] for m in ours if m['state'] == 'complete')
study.sampler = optuna.samplers.TPESampler(seed=0)
study.ask({'lr': optuna.distributions.FloatDistribution(1e-4, 1.0, log=True)})  # and goes on from there
END
test_that 'Optuna reads the same study' python3 -W ignore compare.py
tap_end
