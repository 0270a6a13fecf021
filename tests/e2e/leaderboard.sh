#!/bin/sh
# What a person reads after a study: leaderboard, show, best, status, the help;
# and what is said when there is nothing to read. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
PATH=$build:$PATH
cd "$work" || exit 1

# refuses STATUS WORDS COMMAND...: ends with the status, stderr has the words.
refuses() {
    refuses_status=$1 refuses_words=$2
    shift 2
    "$@" >out.txt 2>err.txt
    refuses_got=$?
    cat err.txt
    test $refuses_got = "$refuses_status" && test ! -s out.txt &&
        test "$(grep -c '^sentei: ' err.txt)" = 1 && grep -qF -- "$refuses_words" err.txt
}

# prints WORDS COMMAND...: succeeds, stdout has the words, stderr is empty.
prints() {
    prints_words=$1
    shift
    "$@" >out.txt 2>err.txt || return 1
    cat out.txt err.txt
    test ! -s err.txt && grep -qF -- "$prints_words" out.txt
}

# --- the command itself ---------------------------------------------------------
test_that 'sentei --help' prints 'sentei leaderboard' sentei --help
test_that 'which names' prints "'sentei --version'" sentei --help
test_that 'sentei --version' prints 'sentei ' sentei --version
for verb in leaderboard show best status watch; do
    test_that "sentei $verb --help" prints 'examples:' sentei $verb --help
    test_that "sentei help $verb" prints 'examples:' sentei help $verb
done
test_that 'no verb' refuses 2 "'sentei --help' lists the verbs" sentei
test_that 'a wrong verb' refuses 2 "did you mean 'sentei leaderboard'?" sentei leaderbord
test_that 'a wrong option' refuses 2 "did you mean '--format'?" sentei best --fromat env

# --- before there is a run ------------------------------------------------------
test_that 'no runs yet' refuses 2 "'sentei run STUDY.yaml' makes the first one" sentei leaderboard
test_that 'no runs yet, all of them' refuses 2 "no runs in 'runs' yet" sentei leaderboard --all

# --- a study of six trials, depth 3 the best --------------------------------------
cat >trial.sh <<'END'
for step in 1 2 3; do echo "sentei: step=$step auc=0.$(($1 * 2 % 7))$step loss=0.$step"; done
echo "the last words of depth $1"
echo leaf >"$SENTEI_DIR/categories.tsv"
END
cat >shop.yaml <<END
study: shop
objective: {metric: auc, direction: maximize}
space:
  model.depth: {type: int, low: 1, high: 6}
  schedule: {type: categorical, choices: [natural, "=1+1"]}
search: {sampler: grid, pruner: none, seed: 1}
stop: {trials: 6}
enqueue: [{model.depth: 3, schedule: "=1+1"}]
trainer: {command: [sh, $work/trial.sh, "{model.depth}"]}
local: {workers: 1}
END
test_that 'sentei run' sentei run shop.yaml

test_that 'the newest run is shown' prints 'shop: maximize auc; best 0.63 (trial 0)' sentei leaderboard
test_that 'by name' prints '*    1      0' sentei leaderboard shop
test_that 'by folder' prints '*    1      0' sentei leaderboard runs/shop
test_that 'in another folder of runs' sh -c 'mv runs kept && sentei leaderboard shop --runs kept && mv kept runs'
test_that 'JSON' sh -c 'sentei leaderboard --format json | python3 -c "
import json, sys
board = json.load(sys.stdin)
assert board[\"rows\"][0][\"params\"][\"model.depth\"] == 3, board
assert board[\"rows\"][0][\"rank\"] == 1 and len(board[\"rows\"]) == 6"'
test_that 'CSV, safe in a spreadsheet' sh -c 'sentei leaderboard --format csv --top 1 | python3 -c "
import csv, sys
row, = csv.DictReader(sys.stdin)
assert row[\"schedule\"] == \"'"'"'=1+1\" and float(row[\"value\"]) == 0.63, row"'
test_that 'Markdown' prints '| ---: |' sentei leaderboard --format markdown
test_that 'where, sort, columns' sh -c 'test "$(sentei leaderboard -f tsv -w "depth=3 and schedule~1" -s -trial -c trial,depth)" = "$(printf "trial\tmodel.depth\n0\t3")"'
test_that 'two runs at once' prints 'study' sentei leaderboard shop runs/shop
test_that 'all runs' prints 'shop' sentei leaderboard --all
test_that 'a wrong column' refuses 2 "--sort: no column 'dept'" sentei leaderboard --sort dept
test_that 'a wrong expression' refuses 2 '--where:6: expected an operator' sentei leaderboard --where 'trial'
test_that 'a wrong run' refuses 2 "did you mean 'shop'?" sentei leaderboard shp
test_that 'a full disk' sh -c '! sentei leaderboard >/dev/full 2>err.txt && grep -q "No space left" err.txt'

test_that 'one trial' prints 'auc 0.63; best step 3/3' sentei show 0
test_that 'with its log' prints 'the last words of depth 3' sentei show shop 0
test_that 'with its files' prints 'files in runs/shop/trials/00000: categories.tsv, log' sentei show 0
test_that 'as JSON' sh -c 'sentei show 0 --format json | python3 -c "
import json, sys
assert len(json.load(sys.stdin)[\"curve\"]) == 3"'
test_that 'its curve' sh -c 'test "$(sentei show 0 --format csv | cut -d, -f1,4)" = "$(printf "step,auc\n1,0.61\n2,0.62\n3,0.63")"'
test_that 'no such trial' refuses 1 '99' sentei show 99
test_that 'no number' refuses 2 "'first' is no trial's number" sentei show first

test_that 'the best as YAML' prints 'model.depth: 3' sentei best
test_that 'for a shell' sh -c 'eval "$(sentei best --format env)"; test "$model_depth,$schedule" = 3,=1+1'
test_that 'as arguments' sh -c 'eval "set -- $(sentei best --format args)"; test "$*" = "--model.depth 3 --schedule =1+1"'
test_that 'the status' prints '6 trials: 6 complete' sentei status
test_that 'and as JSON' prints '"complete": 6' sentei status --format json

# draws KIND FILE WORDS OPTION...: a file that says so of itself.
draws() {
    draws_kind=$1 draws_file=$2 draws_words=$3
    shift 3
    sentei plot "$draws_kind" shop -o "$draws_file" "$@" && head -c 100 "$draws_file" | grep -aqF -- "$draws_words"
}
for kind in history curves slice contour parallel timeline; do
    test_that "a picture: $kind" draws $kind $kind.svg '<svg'
done
test_that 'as PNG' draws slice slice.png PNG -p schedule
test_that 'a contour of two parameters' draws contour two.png PNG -p schedule --with depth
test_that 'importance of too few trials' refuses 1 'trials' sentei plot importance -o x.svg
test_that 'a picture there is not' refuses 2 "did you mean 'history'?" sentei plot histroy -o x.svg
test_that 'another kind of file' refuses 2 'ends neither in .svg nor in .png' sentei plot history -o x.gif
test_that 'one objective has no front' refuses 2 'no front' sentei plot pareto -o x.svg
test_that 'a parameter there is not' refuses 2 "has no parameter 'dept'" sentei plot slice -p dept -o x.svg
test_that 'a folder that is not there' refuses 1 'x/y.svg' sentei plot history -o x/y.svg
test_that 'two trials side by side' prints 'trial 1' sentei diff 0 1
test_that 'one trial is too few' refuses 2 'two or more' sentei diff 0

test_that 'watch needs a terminal' refuses 2 "'sentei status' prints it once" sentei watch shop
tap_end
