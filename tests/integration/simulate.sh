#!/bin/sh
# sentei simulate: a small oracle, a trace, and oracles that misbehave.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh

# loss (x - 0.4)^2 + 1/step; x above 0.95 fails.
cat >"$work/oracle.py" <<'END'
import json, sys
for line in sys.stdin:
    r = json.loads(line)
    x = r['params']['x']
    if x > r.get('limit', 2):
        print(json.dumps({'error': 'too far'}), flush=True)
        continue
    curve = [[k, k * (1 + x), (x - 0.4) ** 2 + 1 / k] for k in range(1, r['max_steps'] + 1)]
    print(json.dumps({'columns': ['step', 'seconds', 'loss'], 'curve': curve}), flush=True)
END
cat >"$work/study.yaml" <<END
study: parabola
objective: {metric: loss, direction: minimize}
space: {x: {type: float, low: 0, high: 1}}
stop: {trials: 60}
oracle:
  command: [python3, "$work/oracle.py"]
  request: {max_steps: 9}
END
sed 's/^  request:.*/  request: {max_steps: 9, limit: 0.8}/' "$work/study.yaml" >"$work/failing.yaml"

simulate() {
    timeout 60 "$build/sentei" simulate "$@"
}

runs() {
    simulate "$work/study.yaml" --workers 4 -o "$work/trace.tsv" >"$work/summary" &&
        grep -q '^trials  *60: ' "$work/summary" && grep -q '^best  *loss 0.1' "$work/summary"
}
test_that 'a study runs to its stop rule' runs

trace_is_sound() {
    awk -F'\t' 'NR == 1 { ok = $0 == "worker_seconds\ttrial\tstep\tvalue\tbest_value"; next }
        $1 < time || $4 < $5 || (NR > 2 && $5 > best) || $3 < 1 || $3 > 9 { ok = 0 }
        { time = $1; best = $5; if ($4 == $5) seen = 1 }
        END { exit !(ok && seen && NR > 100) }' "$work/trace.tsv"
}
test_that 'the trace has a row a report, by time, with the best so far' trace_is_sound

repeats() {
    simulate "$work/study.yaml" --workers 4 -o "$work/again.tsv" >/dev/null &&
        cmp "$work/trace.tsv" "$work/again.tsv" &&
        simulate "$work/study.yaml" --workers 4 --seed 5 -o "$work/other.tsv" >/dev/null &&
        ! cmp -s "$work/trace.tsv" "$work/other.tsv"
}
test_that 'the same again, and something else with another seed' repeats

budget() {
    simulate "$work/study.yaml" --workers 2 --worker-seconds 100 -o - |
        awk -F'\t' 'NR > 1 && $1 > 100 { exit 1 } END { exit !(NR > 10) }'
}
test_that 'worker seconds end it, the trace on stdout' budget

fails_some() {
    simulate "$work/failing.yaml" --trials 40 | grep '^trials .* failed'
}
test_that 'an error answer fails the trial, no more' fails_some

by_option() {
    simulate "$work/study.yaml" --trials 5 --oracle "python3 '$work/oracle.py'" | grep '^trials  *5: '
}
test_that 'the oracle given on the command line' by_option

# complains STATUS PATTERN ARGUMENTS...
complains() {
    status=$1 pattern=$2
    shift 2
    simulate "$work/study.yaml" --trials 5 "$@" >"$work/out" 2>&1
    test $? = "$status" && grep -q "$pattern" "$work/out" || { cat "$work/out"; return 1; }
}
test_that 'no such program' complains 1 "cannot start the oracle '/no/such'" --oracle /no/such
test_that 'an oracle that ends' complains 1 'ended with status 3' --oracle "sh -c 'read l; exit 3'"
test_that 'an oracle that ends at once' complains 1 'ended with status 0' --oracle true
test_that 'an oracle that is killed' complains 1 'killed by signal 9' --oracle "sh -c 'read l; kill -9 \$\$'"
test_that 'an oracle that talks nonsense' complains 1 'is not JSON: hello' --oracle "sh -c 'echo hello; cat'"
test_that 'an oracle that answers twice' complains 1 'more than one line' --oracle \
    "sh -c 'read l; printf \"{}\\n{}\\n\"; cat'"
test_that 'an oracle without the metric' complains 1 "no column 'loss', only: step, seconds" --oracle \
    "sh -c 'read l; echo {\\\"columns\\\": [\\\"step\\\", \\\"seconds\\\"], \\\"curve\\\": []}; cat'"
test_that 'a line without end' complains 1 'longer than' --oracle "sh -c 'read l; tr \"\\0\" x </dev/zero'"
test_that 'an open quote' complains 2 'quote is not closed' --oracle "awk 'x"
test_that 'no workers' complains 2 'workers' --workers 0
grep -v '^stop' "$work/study.yaml" >"$work/endless.yaml"
endless() {
    simulate "$work/endless.yaml" >"$work/out" 2>&1
    test $? = 2 && grep -q 'never end' "$work/out"
}
test_that 'a study without an end needs one' endless
tap_end
