#!/bin/sh
# What studies/to-tensorboard.py writes, TensorBoard reads: every point of every
# curve, every parameter. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
python3 -c 'import tensorboard' 2>/dev/null || { echo 'ok 1 - what TensorBoard reads # SKIP there is no tensorboard (pip install tensorboard)'; echo 1..1; exit 0; }
PATH=$build:$PATH
cd "$work" || exit 1
cat >curves.yaml <<'END'
study: curves
objective: {metric: val.loss, direction: minimize}
space:
  lr:   {type: float, low: 1.0e-4, high: 1.0, log: true}
  kind: {type: categorical, choices: [plain, true, 3]}
  ramp: {type: int, low: 1, high: 4, when: {kind: [plain]}}
search: {sampler: random, pruner: none, seed: 1}
stop: {trials: 4}
trainer: {command: [sh, -c, "for s in 1 2 3; do echo sentei: step=$s val.loss=$1 other=nan; done", sh, "{lr}"]}
END
sentei run curves.yaml -j 1 --no-progress >/dev/null 2>&1
sentei export curves -o curves.jsonl
test_that 'a study is written' sh -c "python3 '$root/studies/to-tensorboard.py' events <curves.jsonl"
cat >compare.py <<'END'
import json
import math
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata
for line in open('curves.jsonl'):
    trial = json.loads(line)
    read = EventAccumulator('events/trial-%05d' % trial['trial'])
    read.Reload()
    curve = [(p['step'], p['metrics']['val.loss']) for p in trial['curve']]
    got = [(e.step, e.value) for e in read.Scalars('val.loss')]
    assert len(curve) == len(got) == 3 and all(a[0] == b[0] and math.isclose(a[1], b[1], rel_tol=1e-6) for a, b in zip(curve, got)), (curve, got)
    assert all(math.isnan(e.value) for e in read.Scalars('other'))
    data = metadata.parse_session_start_info_plugin_data(read.SummaryMetadata('_hparams_/session_start_info').plugin_data.content)
    found = {k: getattr(v, v.WhichOneof('kind')) for k, v in data.hparams.items()}
    assert found == trial['params'], (found, trial['params'])
END
test_that 'TensorBoard reads the same curves and parameters' python3 compare.py
tap_end
