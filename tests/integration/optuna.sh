#!/bin/sh
# A study as Optuna's journal: its lines, and what Optuna itself reads there; and
# what Optuna has stored, taken over and gone on with. TAP.
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

# Back again, into a study of the same space that has run no trial yet.
sed 's/study: mixed/study: again/; s/trials: 8/trials: 2/' mixed.yaml >again.yaml
sentei check again.yaml >/dev/null && sentei run again.yaml -j 1 --no-progress >/dev/null 2>&1
ended=$(board mixed 'state["complete"]')
test_that 'the journal is taken over' sh -c "sentei import again mixed.journal | grep -q '^$ended of $ended trials taken'"
test_that 'with the same best value' test "$(board again 'min(r["value"] for r in rows if r["source"])')" = "$(board mixed 'study["best"]["value"]')"
test_that 'and parameters' test "$(board again '[r["params"] for r in sorted(rows, key=lambda r: r["trial"]) if r["source"]]')" = \
    "$(board mixed '[r["params"] for r in sorted(rows, key=lambda r: r["trial"]) if r["state"] == "complete"]')"
test_that 'again: nothing new' sh -c "sentei import again mixed.journal && sentei status again | grep -q '^$((ended + 2)) trials'"
refuses() { ! sentei import "$1" "$2" >out 2>err && grep -q "$3" err || { cat out err; return 1; }; }
test_that 'a study of that name is not there' refuses again mixed.journal#other "no study 'other'"
sed 's/minimize/maximize/; s/study: mixed/study: upward/; s/trials: 8/trials: 1/' mixed.yaml >upward.yaml
sentei run upward.yaml -j 1 --no-progress >/dev/null 2>&1
test_that 'another direction is refused' refuses upward mixed.journal 'to minimize what this study is to maximize, loss'
test_that 'a database of something else, too' refuses again runs/mixed/study.db 'Optuna 3 or later'
head -c 700 mixed.journal >cut.journal
test_that 'a journal that ends in the middle of a line is read to there' sh -c 'sentei import again cut.journal'
printf '{"op_code":0,"study_name":"x","directions":[1]}\n{"op_code":4,\n' >bad.journal
test_that 'a line that is no JSON is named' refuses again bad.journal 'bad.journal, line 2'

if ! python3 -c 'import optuna, sqlalchemy' 2>/dev/null; then
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - what Optuna reads and writes # SKIP there is no optuna (pip install optuna)"
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

# Studies of Optuna's own, in a journal and in SQLite: complete, pruned, failed
# and infinite trials; a second study beside the first.
cat >theirs.py <<'END'
import json
import optuna
optuna.logging.disable_default_handler()
def objective(t):
    lr, part = t.suggest_float('lr', 1e-4, 1, log=True), t.suggest_float('part', 0, 1, step=0.25)
    depth, kind = t.suggest_int('depth', 1, 9, step=2), t.suggest_categorical('kind', ['plain', True, 3])
    if kind == 'plain':
        t.suggest_int('ramp', 1, 4)
    for step in range(1, 4):
        t.report(float('nan') if t.number == 6 and step == 1 else lr + depth / step, step)
        if t.number % 4 == 3 and step == 2:
            raise optuna.TrialPruned()
    t.set_user_attr('accuracy', 0.5)
    t.set_user_attr('who', 'Optuna')
    if t.number == 2:
        raise ValueError
    return float('inf') if t.number == 5 else lr + depth / 3 - part
for storage in ('sqlite:///theirs.db',
                optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend('theirs.journal'))):
    optuna.create_study(study_name='empty', storage=storage)
    study = optuna.create_study(study_name='theirs', storage=storage, sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(objective, n_trials=12, catch=(ValueError,))
ended = [t for t in study.trials if t.state.name in ('COMPLETE', 'PRUNED')]
json.dump({'best': study.best_value, 'params': study.best_params, 'ended': len(ended),
           'states': [t.state.name.lower() for t in ended], 'all': [t.params for t in ended]}, open('theirs.json', 'w'))
END
test_that 'Optuna makes studies' python3 -W ignore theirs.py
for kind in db journal; do
    sed "s/study: mixed/study: from-$kind/; s/trials: 8/trials: 3/" mixed.yaml >"from-$kind.yaml"
    echo "warm_start: [./theirs.$kind#theirs]" >>"from-$kind.yaml"
    test_that "a study that begins with Optuna's ($kind)" sentei run "from-$kind.yaml" -j 1 --no-progress
    test_that 'has all its trials' board "from-$kind" "len([r for r in rows if r['source']]) == __import__('json').load(open('theirs.json'))['ended']"
    test_that 'with their states and parameters' board "from-$kind" "(lambda t, mine: [r['state'] for r in mine] == t['states'] and [r['params'] for r in mine] == t['all'])(
        __import__('json').load(open('theirs.json')), sorted((r for r in rows if r['source']), key=lambda r: r['trial']))"
    test_that 'the same best trial' board "from-$kind" "(lambda t, best: abs(best['value'] - t['best']) < 1e-12 and best['params'] == t['params'])(
        __import__('json').load(open('theirs.json')), [r for r in rows if r['source']][0])"
    test_that 'its numbers as metrics' board "from-$kind" "[r for r in rows if r['source']][0]['metrics']['accuracy'] == 0.5"
    test_that 'and three of its own' board "from-$kind" "len([r for r in rows if not r['source']]) == 3 and study['reason'] == '3 of 3 trials'"
done
test_that 'of several studies one is named' refuses again theirs.db "'empty', 'theirs'"
test_that 'they have the same values' test "$(board from-db '[r["value"] for r in rows if r["source"]]')" = "$(board from-journal '[r["value"] for r in rows if r["source"]]')"
tap_end
