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

# ---- recorded curves --------------------------------------------------------
cat >"$work/table.yaml" <<END
study: recorded
objective: {metric: loss, direction: minimize}
space:
  x: {type: int, low: 0, high: 9}
  kind: {type: categorical, choices: [flat, deep]}
  depth: {type: int, low: 1, high: 4, when: {kind: deep}}
search: {sampler: random, pruner: none}
stop: {trials: 50}
oracle: {table: "$work/curves.tsv"}
END
sed 's/curves.tsv"/curves.tsv", lookup: exact/' "$work/table.yaml" >"$work/exact.yaml"
# Odd x alone are recorded; the loss is x, a tenth more with depth.
awk 'BEGIN { OFS = "\t"; print "trial", "x", "kind", "depth", "step", "seconds", "loss", "note"
    for (x = 1; x < 10; x += 2) for (d = 0; d <= 4; d++) for (k = 1; k <= 3; k++)
        print x "-" d, x, d ? "deep" : "flat", d ? d : "", k, 10 * k, x + d / 10 + 1 / k, "" }' >"$work/curves.tsv"

from_table() {
    simulate "$work/table.yaml" -o "$work/trace.tsv" >"$work/summary" &&
        grep -q '^trials  *50: 50 complete' "$work/summary" && grep -q '^best  *loss 1.3333' "$work/summary" &&
        grep -q '^curves  *25 recorded; other points answer as the nearest' "$work/summary" &&
        awk -F'\t' 'NR > 1 && $4 < 1.3333 { exit 1 }' "$work/trace.tsv"
}
test_that 'a table of curves answers, the nearest for points it has not' from_table
exact() {
    simulate "$work/exact.yaml" >"$work/summary" && grep '^trials  *50: .* complete, .* failed' "$work/summary"
}
test_that 'or only exact points' exact
many() {
    sed 's/x: {type: int/x: {type: float/' "$work/table.yaml" >"$work/many.yaml"
    simulate "$work/many.yaml" --trials 20000 --workers 64 | tee "$work/summary" | grep '^trials  *20000: 20000 complete' &&
        grep '^took' "$work/summary"
}
test_that 'twenty thousand trials' many

# bad_table PATTERN SED-PROGRAM
bad_table() {
    sed "$2" "$work/curves.tsv" >"$work/bad.tsv"
    sed 's/curves.tsv/bad.tsv/' "$work/table.yaml" >"$work/bad.yaml"
    simulate "$work/bad.yaml" >"$work/out" 2>&1
    test $? = 2 && grep -q "bad.tsv:$1" "$work/out" || { cat "$work/out"; return 1; }
}
test_that 'a column is missing' bad_table "1: .*no column 'depth'" '1s/depth/width/'
test_that 'a point outside of the space' bad_table '3: .*outside' '3s/\t1\t/\t10\t/'
test_that 'a parameter that is not active' bad_table '3: .*outside' '3s/\t\t/\t2\t/'
test_that 'an unknown choice' bad_table "3: .*'flat2'" '3s/flat/flat2/'
test_that 'a row too short' bad_table '4: .*one field a column' '4s/\t.*//'
test_that 'steps that go back' bad_table "4: .*step '1'" '4s/\t3\t30/\t1\t30/'
test_that 'seconds that go back' bad_table "4: .*seconds '5'" '4s/\t30\t/\t5\t/'
test_that 'no rows' bad_table '1: .*no rows' '2,$d'

cat >"$work/run.yaml" <<'END'
study: replayed
objective: {metric: loss, direction: minimize}
space: {x: {type: float, low: 0, high: 1}}
search: {sampler: random, pruner: {type: asha, reduction: 3}, seed: 3}
stop: {trials: 12}
trainer:
  command: [awk, 'BEGIN { for (k = 1; k <= 9; k++) { print "sentei: step=" k " loss=" {x} + 1 / k; fflush() } }']
local: {workers: 2}
END
replay() {
    "$build/sentei" run "$work/run.yaml" --runs "$work/runs" >"$work/out" 2>&1 || { cat "$work/out"; return 1; }
    simulate --replay replayed --runs "$work/runs" --workers 8 --trials 40 >"$work/summary" || return 1
    cat "$work/summary"
    grep -q '^curves  *12 recorded' "$work/summary" && grep -q '^trials  *40: ' "$work/summary"
}
test_that 'what a run has stored, again with eight workers' replay
other_pruner() {
    simulate --replay replayed --runs "$work/runs" --pruner none --sampler tpe | tee "$work/summary" | grep '^trials  *12: 12 complete' &&
        grep -q 'sampler tpe .*pruner none' "$work/summary"
}
test_that 'and with another pruner' other_pruner
no_run() {
    simulate --replay nowhere --runs "$work/runs" >"$work/out" 2>&1
    test $? = 2 && grep -q nowhere "$work/out"
}
test_that 'no such run' no_run
tap_end
