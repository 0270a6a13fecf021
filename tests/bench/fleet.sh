#!/bin/sh
# A fleet in virtual time: 12,500 workers of eight GPUs each, trials of hours,
# 50,000 of them by random search and by tpe.
#
#     tests/bench/fleet.sh [BUILD]
# SPDX-License-Identifier: Apache-2.0
set -eu
build=$(cd "${1:-build}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >oracle.py <<'END'
import json, sys
for line in sys.stdin:
    p = json.loads(line)['params']
    loss = (p['x'] - 0.4) ** 2 + (p['y'] - 0.7) ** 2 + abs(p['n'] - 6) / 20
    seconds = 600 * (1 + p['x']) * (1 + p['n'] / 8)
    curve = [[k, k * seconds, loss + 1 / k] for k in range(1, 25)]
    print(json.dumps({'columns': ['step', 'seconds', 'loss'], 'curve': curve}), flush=True)
END
cat >fleet.yaml <<'END'
study: fleet
objective: {metric: loss, direction: minimize}
space:
  x: {type: float, low: 0, high: 1}
  y: {type: float, low: 0, high: 1}
  n: {type: int, low: 1, high: 16}
stop: {trials: 50000}
oracle: {command: [python3, oracle.py]}
END
for sampler in random tpe; do
    "$build/sentei" simulate fleet.yaml --workers 12500 --sampler $sampler
    echo
done
