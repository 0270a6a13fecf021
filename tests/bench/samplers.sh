#!/bin/sh
# What each batch sampler does for the made-up listings, of which 2 in 100 are
# positive: the best epoch's average precision on the validation rows, its
# mean and deviation over seeds, and the mean difference to natural sampling of
# the same seeds with its standard error. Prints a table.
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

# train NAME SETTING...: a line "NAME SEED VALUE" for each seed; all side by side.
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
            { for (i = 1; i < NF; i++) if ($i == "val.pr_auc" && $(i + 1) > best) best = $(i + 1) }
            END { if (!best) exit 1; print name, seed, best }' "$work/log.$seed"
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
    $1 == "natural" { natural[$2] = $3 }
    !($1 in runs) { order[++names] = $1 }
    { d = $3 - natural[$2]; runs[$1]++; sum[$1] += $3; squares[$1] += $3 ^ 2; more[$1] += d; more2[$1] += d ^ 2 }
    function deviation(sum, squares, n) { v = (squares - sum ^ 2 / n) / (n > 1 ? n - 1 : 1); return v > 0 ? sqrt(v) : 0 }
    END {
        print "| batches | val.pr_auc | std | against natural | standard error |\n| --- | --- | --- | --- | --- |"
        for (k = 1; k <= names; k++) {
            a = order[k]; n = runs[a]
            printf "| %s | %.4f | %.4f | %+.4f | %.4f |\n", a, sum[a] / n, deviation(sum[a], squares[a], n),
                more[a] / n, deviation(more[a], more2[a], n) / sqrt(n)
        }
    }' "$work/values"
