#!/bin/sh
# The live page and the report, in a headless Chromium. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
if ! command -v chromium >/dev/null; then
    echo "ok 1 - the page in a browser # SKIP there is no chromium; 'make deps' installs it"
    echo "1..1"
    exit 0
fi
. tests/tap.sh
# Trials from the fourth on, and from the ninth on, end when the page has shown
# those before (page.py).
cat >"$work/trial.sh" <<'END'
for step in 1 2 3 4 5; do
    sleep 0.1
    awk "BEGIN { print \"sentei: step=$step loss=\" ($1 - 0.3)^2 + $2 / $step / 10 \" loss.std=0.02\" }"
done
held() {
    test "$SENTEI_TRIAL" -ge "$1" && ! test -e "$SENTEI_RUN/seen.$1"
}
while held 3 || held 8; do sleep 0.1; done
END
cat >"$work/page.yaml" <<END
study: page
objective: {metric: loss, direction: minimize}
space:
  x: {type: float, low: 0, high: 1}
  n: {type: int, low: 1, high: 8}
  kind: {type: categorical, choices: [round, "<b>square</b>"]}
search: {sampler: random, pruner: none, seed: 3}
stop: {trials: 12}
trainer: {command: [sh, $work/trial.sh, "{x}", "{n}", "{kind}"]}
local: {workers: 2}
END
python3 tests/e2e/page.py "$build/sentei" "$work/page.yaml" "$work/runs"
