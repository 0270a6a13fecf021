#!/bin/sh
# The same seed gives the same suggestions: whichever compiler built sentei and
# with whichever options, and for a controller that begins from the store.
# 'make check' builds the others: make; make DEBUG=1; make CC=clang OUT=build/clang.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh

cat >"$work/study.yaml" <<END
study: repeatable
objective: {metric: loss, direction: minimize}
space:
  x: {type: float, low: 0.001, high: 10, log: true}
  y: {type: float, low: -3, high: 3}
  n: {type: int, low: 1, high: 40}
  kind: {type: categorical, choices: [flat, deep, wide]}
  depth: {type: int, low: 1, high: 4, when: {kind: deep}}
stop: {trials: 70}
oracle: {table: "$work/curves.tsv"}
END
awk 'BEGIN { OFS = "\t"; print "trial", "x", "y", "n", "kind", "depth", "step", "seconds", "loss", "cost", "size"; srand(5); split("flat deep wide", kinds, " ")
    for (t = 0; t < 300; t++) { x = 0.001 * 10000 ^ rand(); y = 6 * rand() - 3; n = 1 + int(40 * rand()); kind = kinds[1 + int(3 * rand())]
        depth = kind == "deep" ? 1 + int(4 * rand()) : ""
        for (k = 1; k <= 12; k++) print t, x, y, n, kind, depth, k, k * n, log(x) ^ 2 + y * y + n / 40 + depth / 8 + 2 / k, n + y, n + x } }' >"$work/curves.tsv"

# trace BUILD OUT STUDY [SAMPLER PRUNER]
trace() {
    timeout 300 "$1/sentei" simulate "$work/$3.yaml" --workers 4 ${4:+--sampler "$4" --pruner "$5"} -o "$2" >/dev/null &&
        test "$(wc -l <"$2")" -gt 70
}

# same OTHER STUDY [SAMPLER PRUNER]
same() {
    other=$1
    shift
    trace "$build" "$work/here.tsv" "$@" && trace "$other" "$work/there.tsv" "$@" && cmp "$work/here.tsv" "$work/there.tsv"
}

# study NAME SAMPLER: the same with a sampler and its options
study() {
    sed "s/^stop:.*/search: {sampler: $2, seed: 3}\nstop: {trials: 70}/" "$work/study.yaml" >"$work/$1.yaml"
}
study cma-es '{type: cma-es, population: 6}'
study tpe-alone '{type: tpe, multivariate: false}'
study tpe-ungrouped '{type: tpe, group: false, constant_liar: false}'
study pbt '{type: pbt, population: 6, interval: 3, max_step: 12}'
sed -i '/^  \(n\|kind\|depth\):/d' "$work/pbt.yaml"
study bounded gp
sed -i '/^stop:/a constraints: [{metric: size, max: 30}]' "$work/bounded.yaml"
for name in tpe nsga-ii ehvi; do
    study "two-$name" "$name"
    sed -i 's/^objective:.*/objective: [{metric: loss, direction: minimize}, {metric: cost, direction: minimize}]\nconstraints: [{metric: size, max: 30}]/' \
        "$work/two-$name.yaml"
done

for other in build build/debug build/clang; do
    [ "$(realpath -m "$other")" != "$(realpath "$build")" ] || continue
    if [ ! -x "$other/sentei" ]; then
        echo "ok $((tap_count += 1)) - $other: the same # SKIP there is no $other/sentei to compare with"
        continue
    fi
    for pair in 'auto auto' 'gp curve' 'tpe median' 'random asha' 'qmc hyperband'; do
        test_that "$other: $pair" same "$other" study $pair
    done
    for name in cma-es tpe-alone tpe-ungrouped pbt bounded two-tpe two-nsga-ii two-ehvi; do
        test_that "$other: $name" same "$other" "$name"
    done
done
test_that 'the same build, again' same "$build" study auto auto

# A study of 14 trials at once, and of 7 and then 7 more from the store.
for name in whole halves; do
    cat >"$work/$name.yaml" <<END
study: $name
objective: {metric: loss, direction: minimize}
space: {x: {type: float, low: 0, high: 1}, y: {type: float, low: 0, high: 1}}
search: {seed: 11}
stop: {trials: 14}
trainer:
  command: [awk, 'BEGIN { for (k = 1; k <= 4; k++) { print "sentei: step=" k " loss=" ({x} - 0.3) ^ 2 + {y} + 1 / k; fflush() } }']
END
done
sed 's/trials: 14/trials: 7/' "$work/halves.yaml" >"$work/half.yaml"
run() {
    "$build/sentei" run "$1" --runs "$work/runs" -j 1 >"$work/out" 2>&1 || { cat "$work/out"; return 1; }
}
params() {
    "$build/sentei" leaderboard "$1" --runs "$work/runs" --top 0 --sort trial --columns trial,x,y,state,reports --format csv
}
replayed() {
    run "$work/whole.yaml" && run "$work/half.yaml" && run "$work/halves.yaml" || return 1
    params whole >"$work/a" && params halves >"$work/b" && test "$(wc -l <"$work/a")" = 15 && diff "$work/a" "$work/b"
}
test_that 'a controller that begins from the store asks for what the first would have' replayed
tap_end
