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

# the fields have no switch in the trainer, so a set without them is packed
"$build/sentei-data" synth listings --csv "$work/raw" --rows "$rows"
sed '/^category:/d; /^number:/d; /^  - /d' "$work/raw/listings.data.yaml" >"$work/raw/nofields.yaml"
"$build/sentei-data" pack "$work/raw/listings.data.yaml" -o "$work/all" >"$work/log"
"$build/sentei-data" pack "$work/raw/nofields.yaml" -o "$work/nofields" >"$work/log"

# train NAME SET [SETTING]: the figure's name, the data, what is left out.
train() {
    name=$1 set=$2
    shift 2
    for seed in 1 2 3; do
        "$build/sentei-train" --config "$work/train.yaml" --set data="$work/$set" --set seed=$seed ${1+--set "$1"}
    done >"$work/log"
    awk -v name="$name" '
        /^epoch/ { for (i = 1; i < NF; i++) if ($i == "val.pr_auc" && $(i + 1) > best) best = $(i + 1)
                   split($2, at, "/"); if (at[1] == at[2]) { sum += best; runs++; best = 0 } }
        END { if (!runs) exit 1; printf "%s %.4f val.pr_auc\n", name, sum / runs }' "$work/log"
}

train towers.all all
train towers.without_image all model.image.type=none
train towers.without_text all model.text.type=none
train towers.without_fields nofields
