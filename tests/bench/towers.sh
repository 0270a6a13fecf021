#!/bin/sh
# Does each tower add to the others on the made-up listings? Trains with all of
# them and with each left out, three seeds each, and prints the mean over seeds
# of the best epoch's average precision on the validation rows.
#
#     tests/bench/towers.sh [ROWS]
#
# SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/../.."
build=$(cd "${BUILD:-build}" && pwd)
rows=${1:-12000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/train.yaml" <<'END'
epochs: 6
batch: {size: 128}
model:
  image: {type: cnn, stages: 2, blocks: 1, width: 8}
  text: {type: bag, dimension: 16, buckets: 4096}
  fusion: {depth: 2, width: 128}
optimizer: {lr: 3.0e-3}
END

"$build/sentei-data" synth listings -o "$work/all" --rows "$rows" >"$work/log"

# train NAME SETTING...: the figure's name, what is left out.
train() {
    name=$1
    shift
    for seed in 1 2 3; do
        set -- --set seed=$seed "$@"
        "$build/sentei-train" --config "$work/train.yaml" --set data="$work/all" "$@"
        shift 2
    done >"$work/log"
    awk -v name="$name" '
        /^epoch/ { for (i = 1; i < NF; i++) if ($i == "val.pr_auc" && $(i + 1) > best) best = $(i + 1)
                   split($2, at, "/"); if (at[1] == at[2]) { sum += best; runs++; best = 0 } }
        END { if (!runs) exit 1; printf "%s %.4f val.pr_auc\n", name, sum / runs }' "$work/log"
}

train towers.all
train towers.without_image --set model.image.type=none
train towers.without_text --set model.text.type=none
train towers.without_fields --set model.category.type=none --set model.number.type=none
