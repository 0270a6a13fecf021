#!/bin/sh
# What it costs to apply gradients one step late (distribution: {late: true}),
# on the made-up listings: average precision and log loss on the validation rows
# at the best epoch, their means over seeds, and the mean difference of the same
# seeds with its standard error, for Adam and for SGD. Prints a table.
#
#     tests/bench/late.sh [ROWS] [SEEDS] [EPOCHS]
#
# SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/../.."
build=$(cd "${BUILD:-build}" && pwd)
rows=${1:-12000} seeds=${2:-3} epochs=${3:-6}
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
END
"$build/sentei-data" synth listings --rows "$rows" -o "$work/data" >"$work/log" 2>&1

# train OPTIMISER RATE LATE: "OPTIMISER SEED LATE PR-AUC LOG-LOSS" for each seed.
train() {
    for seed in $(seq "$seeds"); do
        "$build/sentei-train" --config "$work/train.yaml" --set "seed=$seed" --set "optimizer.type=$1" --set "optimizer.lr=$2" \
            --set "distribution.late=$3" >"$work/log" || exit 1
        awk -v name="$1" -v seed="$seed" -v late="$3" '
            { for (i = 1; i < NF; i++) { if ($i == "val.pr_auc") p = $(i + 1); if ($i == "val.log_loss") l = $(i + 1) }
              if (best == "" || p > best) { best = p; loss = l } }
            END { print name, seed, late, best, loss }' "$work/log"
    done
}

for late in false true; do
    train adam 3.0e-3 "$late"
    train sgd 0.05 "$late"
done >"$work/values"

awk '
    { pr[$1, $2, $3] = $4; loss[$1, $2, $3] = $5; seeds[$1]++; if (!($1 in seen)) { seen[$1] = 1; order[++names] = $1 } }
    function row(what, of, name,    n, k, a, b, d, s, s2, x, y, v) {
        n = seeds[name] / 2
        for (k = 1; k <= n; k++) {
            a = of[name, k, "false"]; b = of[name, k, "true"]; d = b - a
            x += a; y += b; s += d; s2 += d ^ 2
        }
        v = n > 1 ? (s2 - s ^ 2 / n) / (n - 1) : 0
        printf "| %s | %s | %.4f | %.4f | %+.4f | %.4f |\n", name, what, x / n, y / n, s / n, sqrt((v > 0 ? v : 0) / n)
    }
    END {
        print "| optimiser | metric | at once | a step late | difference | standard error |\n| --- | --- | --- | --- | --- | --- |"
        for (i = 1; i <= names; i++) { row("val.pr_auc", pr, order[i]); row("val.log_loss", loss, order[i]) }
    }' "$work/values"
