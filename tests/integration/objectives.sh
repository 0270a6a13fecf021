#!/bin/sh
# Several objectives: the search covers a front, the views show it.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh

# On the front y is 0 and x anything. The enqueued trial leaves x open.
cat >"$work/two.yaml" <<'END_OF_STUDY'
study: two
objective:
  - {metric: a, direction: minimize}
  - {metric: b, direction: maximize}
space:
  x: {type: float, low: 0, high: 1}
  y: {type: int, low: 0, high: 3}
search: {seed: 1}
enqueue:
  - {y: 2}
stop: {trials: 20}
trainer:
  command: ["sh", "-c", "awk 'BEGIN { print \"sentei: step=1 a={x} b=\" {x} - 0.1 * {y} }'"]
END_OF_STUDY

sentei() {
    timeout 60 "$build/sentei" "$@"
}

runs() {
    sentei run "$work/two.yaml" --runs "$work/runs" >"$work/run.out" 2>&1 &&
        sentei leaderboard two --runs "$work/runs" --format csv --columns rank,trial,a,b,x,y >"$work/board.csv"
}
test_that 'a study of two objectives runs' runs

# No trial of rank 1 is beaten in both, each of rank 2 is.
ranks_are_fronts() {
    awk -F, 'NR > 1 { n++; rank[n] = $1; a[n] = $3; b[n] = $4 }
        END {
            if (n != 20) exit 1
            for (i = 1; i <= n; i++) {
                beaten = 0
                for (j = 1; j <= n; j++)
                    if (a[j] <= a[i] && b[j] >= b[i] && (a[j] < a[i] || b[j] > b[i])) beaten = 1
                if ((rank[i] == 1) == beaten) exit 1
                firsts += rank[i] == 1
            }
            exit firsts < 8
        }' "$work/board.csv"
}
test_that 'the leaderboard ranks by front, and the search finds one' ranks_are_fronts

an_open_parameter_is_filled() {
    awk -F, '$2 == 0 { found = $6 == 2 && $5 >= 0 && $5 <= 1 } END { exit !found }' "$work/board.csv"
}
test_that 'what an enqueued trial leaves open is filled in' an_open_parameter_is_filled

best_lists_the_front() {
    sentei best two --runs "$work/runs" --format json >"$work/best.json" &&
        python3 - "$work/best.json" "$work/board.csv" <<'END_OF_CHECK'
import csv, json, sys
front = json.load(open(sys.argv[1]))
first = [row for row in csv.DictReader(open(sys.argv[2])) if row['rank'] == '1']
assert [t['trial'] for t in front] == [int(row['trial']) for row in first]
assert all(t['values']['a'] == t['params']['x'] for t in front)
END_OF_CHECK
}
test_that 'best lists the front' best_lists_the_front

one_line_is_refused() {
    sentei best two --runs "$work/runs" --format env >"$work/out" 2>"$work/err"
    [ $? -eq 2 ] && grep -q 'many trials are best' "$work/err" && [ ! -s "$work/out" ]
}
test_that 'best does not choose one of many for a script' one_line_is_refused

tap_end
