#!/bin/sh
# How sentei-train draws its batches, as a user asks for it, and what it says
# when the set does not have what is asked for.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
cat >"$work/train.yaml" <<END
data: $work/data
epochs: 2
batch: {size: 100}
model: {image: {type: none}, text: {dimension: 8, buckets: 4096}, fusion: {depth: 1, width: 16}}
END
"$build/sentei-data" synth listings --rows 2000 --seed 5 -o "$work/data" >/dev/null || exit 1

"$build/sentei-data" synth listings --rows 300 --csv "$work/raw" || exit 1

train() { # SETTING...
    for setting in "$@"; do set -- "$@" --set "$setting" && shift; done
    # shellcheck disable=SC2086
    "$build/sentei-train" --config "$work/train.yaml" ${extra-} "$@" >"$work/said" 2>&1
    status=$?
    cat "$work/said"
    return $status
}

refuses() { # WORD SETTING...
    word=$1
    shift
    train "$@"
    test $? = 2 && grep -q -- "$word" "$work/said"
}

test_that 'class-aware by the label' train batch.sampler=class_aware
test_that 'class-aware by a category' train batch.sampler=class_aware batch.by=condition
test_that 'weights by name' train batch.sampler=weighted batch.by=condition 'batch.weights.like new=3'
test_that 'a field that is not there' refuses "did you mean 'condition'" batch.sampler=class_aware batch.by=condicion
test_that 'a value that is not there' refuses "no value 'newish'" batch.sampler=weighted batch.by=condition batch.weights.newish=3
test_that 'near-duplicates apart' train batch.distinct=true batch.distance=2 batch.schedule=linear
# Fields and texts alone have no pictures.
sed '/^image:/d' "$work/raw/listings.data.yaml" >"$work/raw/blind.yaml"
"$build/sentei-data" pack "$work/raw/blind.yaml" -o "$work/blind" >/dev/null
test_that 'no pictures to keep apart' refuses 'has no pictures' batch.distinct=true "data=$work/blind"
test_that 'weights of the label' refuses 'needs a category' batch.sampler=weighted
# --- weights from validation ------------------------------------------------
feedback='batch.sampler=weighted batch.by=leaf_category batch.schedule=linear feedback.strength=1'
lines() { sed -n '/^epoch/{s/ *[0-9]* samples.*//; s/^epoch \([0-9]*\)[^ ]*/\1/; p;}'; }
goes_on() {
    # shellcheck disable=SC2086
    {
        train $feedback epochs=5 && lines <"$work/said" >"$work/whole" || return 1
        extra="--folder $work/parts"
        for epochs in 2 3 5; do
            train $feedback epochs=$epochs || return 1
            lines <"$work/said"
        done >"$work/parts.txt"
    }
    grep '^[0-9]' "$work/parts.txt" | sort -u | diff "$work/whole" -
}
test_that 'feedback goes on bit for bit' goes_on
test_that 'categories.tsv says how each does' awk -F'\t' '
    NR == 1 { if ($4 != "accuracy" || NF != 9) exit 1 }
    NR > 1 { rows += $2; low += $7 < 0.25; high += $7 > 4; other += $7 != 1 }
    END { exit !(rows > 100 && !low && !high && other) }' "$work/parts/categories.tsv"
test_that 'data are asked for where positives are few' grep -q "WHERE leaf_category IN ('" "$work/parts/data-request.hql"
extra=
test_that 'feedback needs weights to set' refuses 'sampler: weighted' feedback.strength=1

tap_end
