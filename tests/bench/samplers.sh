#!/bin/sh
# What each batch sampler does for the made-up listings, of which 2 in 100 are
# positive: the average precision on the validation rows in the epoch where it
# is best, and that epoch's on the test rows, which nothing was chosen by. Of
# each the mean and the deviation over seeds, and the mean difference to natural
# sampling of the same seeds +- its standard error. Prints a table.
#
#     tests/bench/samplers.sh [ROWS] [SEEDS] [EPOCHS]
#
# SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/../.."
build=$(cd "${BUILD:-build}" && pwd)
rows=${1:-12000} seeds=${2:-5} epochs=${3:-6}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/train.yaml" <<END
data: $work/data
epochs: $epochs
batch: {size: 128}
model:
  image: {type: cnn, stages: 2, blocks: 1, width: 4}
  text: {type: bag, dimension: 16, buckets: 4096}
  fusion: {depth: 1, width: 64}
optimizer: {lr: 3.0e-3}
END
"$build/sentei-data" synth listings --rows "$rows" -o "$work/data" >"$work/log" 2>&1

# train NAME SETTING...: a line "NAME SEED VALIDATION TEST" for each seed; all side by side.
train() {
    name=$1
    shift
    for setting in "$@"; do set -- "$@" --set "$setting" && shift; done
    for seed in $(seq "$seeds"); do
        "$build/sentei-train" --config "$work/train.yaml" --set "seed=$seed" "$@" >"$work/log.$seed" &
    done
    wait
    for seed in $(seq "$seeds"); do
        awk -v name="$name" -v seed="$seed" '
            { for (i = 1; i < NF; i++) epoch[$i] = $(i + 1) }
            epoch["val.pr_auc"] > best { best = epoch["val.pr_auc"]; test = epoch["test.pr_auc"] }
            END { if (!best) exit 1; print name, seed, best, test }' "$work/log.$seed"
    done
}

half="batch.start=0.5 batch.ramp_epochs=$(((epochs + 1) / 2))"
{
    train natural
    # shellcheck disable=SC2086
    {
        train schedule_5:5 $half batch.schedule=linear
        train class_aware batch.sampler=class_aware
        train weighted+schedule $half batch.sampler=weighted batch.by=leaf_category batch.schedule=linear
        train feedback+schedule $half batch.sampler=weighted batch.by=leaf_category batch.schedule=linear \
            feedback.strength=1
        train feedback batch.sampler=weighted batch.by=leaf_category feedback.strength=1
        train distinct batch.distinct=true batch.distance=2
        train distinct+schedule $half batch.schedule=linear batch.distinct=true batch.distance=2
    }
} >"$work/values"

awk '
    $1 == "natural" { natural[$2, 3] = $3; natural[$2, 4] = $4 }
    !($1 in runs) { order[++names] = $1 }
    {
        runs[$1]++
        for (i = 3; i <= 4; i++) {
            d = $i - natural[$2, i]
            sum[$1, i] += $i; squares[$1, i] += $i ^ 2; more[$1, i] += d; more2[$1, i] += d ^ 2
        }
    }
    function deviation(sum, squares, n) { v = (squares - sum ^ 2 / n) / (n > 1 ? n - 1 : 1); return v > 0 ? sqrt(v) : 0 }
    END {
        print "| batches | val.pr_auc | std | against natural | test.pr_auc | std | against natural |"
        print "| --- | --- | --- | --- | --- | --- | --- |"
        for (k = 1; k <= names; k++) {
            a = order[k]; n = runs[a]
            printf "| %s |", a
            for (i = 3; i <= 4; i++)
                printf " %.4f | %.4f | %+.4f ± %.4f |", sum[a, i] / n, deviation(sum[a, i], squares[a, i], n),
                    more[a, i] / n, deviation(more[a, i], more2[a, i], n) / sqrt(n)
            print ""
        }
    }' "$work/values"
