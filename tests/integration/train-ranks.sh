#!/bin/sh
# Several ranks of sentei-train make the steps of one: also late, in buckets,
# with weights from validation, and when their number changes in between.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
command -v mpirun >/dev/null || { echo "1..0 # SKIP no mpirun"; exit 0; }
train=$build/sentei-train
"$build/sentei-data" synth listings --rows 1500 --seed 5 -o "$work/data" >/dev/null || exit 1

# Plain steps along the gradient, large batches: Adam would turn the last bits
# of a gradient near zero into whole steps.
cat >"$work/train.yaml" <<END
data: $work/data
epochs: 2
batch: {size: 100}
model:
  image: {width: 6, stages: 2, blocks: 1}
  text: {dimension: 8, buckets: 4096}
  fusion: {depth: 2, width: 48}
optimizer: {type: sgd, lr: 0.02, momentum: 0}
END

alone() { # FOLDER WORDS...
    folder=$1
    shift
    "$train" --config "$work/train.yaml" --folder "$work/$folder" "$@"
}

ranks() { # COUNT FOLDER WORDS...
    count=$1 folder=$2
    shift 2
    in_ranks "$count" "$train" --config "$work/train.yaml" --folder "$work/$folder" "$@"
}

same() { # FOLDER FOLDER TOLERANCE
    python3 tests/integration/same_weights.py "$work/$1/checkpoint.safetensors" "$work/$2/checkpoint.safetensors" "$3"
}

as_one() { # NAME RANKS WORDS...
    name=$1 count=$2
    shift 2
    alone "$name.1" "$@" && ranks "$count" "$name.$count" "$@" && same "$name.1" "$name.$count" 1e-4
}
test_that 'three ranks, a batch that does not divide evenly' as_one plain 3
test_that 'the same, a step late' as_one late 3 --set distribution.late=true
test_that 'a gradient of many buckets' as_one buckets 2 --set epochs=1 --set model.fusion.width=900
test_that 'distinct batches by weights from validation' as_one feedback 2 --set batch.sampler=weighted --set batch.by=leaf_category \
    --set feedback.strength=1 --set batch.distinct=true --set epochs=3 --set batch.size=400
test_that 'more ranks than rows of a batch' as_one few 3 --set batch.size=2 --set model.image.type=none --set model.fusion.batch_norm=false \
    --set optimizer.lr=1.0e-3 --set epochs=1

late_is_another_training() {
    ! same plain.1 late.1 1e-6
}
test_that 'a step late is another training' late_is_another_training

# interrupted RANKS FOLDER SIGNAL STATUS WORDS...: ended after the first epoch.
interrupted() {
    count=$1 folder=$2 signal=$3
    shift 3
    rm -f "$work/pipe"
    mkfifo "$work/pipe"
    ranks "$count" "$folder" "$@" >"$work/pipe" 2>"$work/said" &
    child=$!
    exec 3<"$work/pipe"
    read -r line <&3
    echo "$line"
    for process in $(pgrep -f -- "--folder $work/$folder "); do
        readlink "/proc/$process/exe" | grep -q sentei-train && kill -s "$signal" "$process"
    done 2>/dev/null
    cat <&3
    exec 3<&-
    wait $child
    echo "status $?"
}

# Ranks come and go: 2, 1, 2, and none of them by itself.
elastic() {
    long="--set epochs=6 --set distribution.late=$1"
    # shellcheck disable=SC2086
    alone "whole.$1" $long >/dev/null || return 1
    # shellcheck disable=SC2086
    {
        interrupted 2 "some.$1" "$2" $long
        interrupted 1 "some.$1" "$2" $long
        ranks 2 "some.$1" $long
    }
    same "whole.$1" "some.$1" 1e-3
}
test_that 'two ranks, killed, then one, killed, then two' elastic false KILL
test_that 'the same by SIGTERM, a step late' elastic true TERM

traced() {
    ranks 2 traced --set "distribution.late=$1" --set epochs=1 --trace "$work/trace.json" && python3 - "$work/trace.json" "$1" <<'END'
import json, sys
events = [e for e in json.load(open(sys.argv[1])) if e['ph'] == 'X']
late = sys.argv[2] == 'true'
for rank in 0, 1:
    mine = [e for e in events if e['pid'] == rank]
    count = {name: sum(e['name'] == name for e in mine) for name in {e['name'] for e in mine}}
    print(rank, count)
    assert count['forward'] == count['backward'] == count['batch'] == count['optimiser'] > 1 and count['judge'] == 1
    assert count.get('sum', 0) == (count['optimiser'] if late else 0)
    assert all(e['dur'] >= 0 and e['ts'] >= 0 for e in mine)
END
    status=$?
    rm -rf "$work/traced"
    return $status
}
test_that 'a timeline of two ranks' traced false
test_that 'and of late gradients' traced true
test_that 'a timeline that cannot be written is a failure' sh -c "! '$train' --config '$work/train.yaml' --set epochs=1 \
    --trace '$work/none/trace.json' 2>'$work/said' && grep -q '$work/none' '$work/said'"

# In the middle of an epoch, late gradients are settled where they always are.
late_goes_on() {
    late="--set distribution.late=true --set epochs=3 --set batch.size=4 --set model.image.type=none"
    # shellcheck disable=SC2086
    alone once $late >/dev/null && interrupted 1 twice TERM $late && alone twice $late && same once twice 0
}
test_that 'a step late, interrupted: on from there bit for bit' late_goes_on

# --- a helper judges beside the training ------------------------------------------
lines() { sed -n '/^epoch/s/ *[0-9]* samples.*//p'; }
same_best() { # FOLDER FOLDER TOLERANCE
    python3 tests/integration/same_weights.py "$work/$1/best.safetensors" "$work/$2/best.safetensors" "$3"
}
helped() {
    alone by.one --set epochs=3 | lines >"$work/one.txt"
    ranks 2 by.helper --set epochs=3 --set helpers=1 | lines >"$work/helper.txt"
    cat "$work/helper.txt"
    test "$(wc -l <"$work/one.txt")" = 3 && diff "$work/one.txt" "$work/helper.txt" && same_best by.one by.helper 0
}
test_that 'a helper finds what judging in between finds, to the bit' helped
helped_ranks() {
    ranks 3 by.three --set epochs=3 --set helpers=1 && same_best by.one by.three 1e-4
}
test_that 'also beside two ranks that train' helped_ranks

folds() {
    folded="--set epochs=2 --set folds=3 --set data=$work/folded"
    "$build/sentei-data" synth listings --rows 600 --seed 5 --csv "$work/raw" &&
        echo 'folds: {count: 3}' >>"$work/raw/listings.data.yaml" &&
        "$build/sentei-data" pack "$work/raw/listings.data.yaml" -o "$work/folded" >/dev/null || return 1
    # shellcheck disable=SC2086
    alone folds.one $folded | lines >"$work/one.txt"
    # shellcheck disable=SC2086
    ranks 2 folds.helper $folded --set helpers=1 | lines | diff "$work/one.txt" - &&
        same_best folds.one folds.helper 0
}
test_that 'and with folds' folds

# What it finds is applied at the end of the next epoch, whoever is faster, and
# however often all of them end in between.
learn="--set helpers=1 --set epochs=6 --set batch.sampler=weighted --set batch.by=leaf_category --set batch.distinct=true"
learns() {
    # shellcheck disable=SC2086
    ranks 2 learned $learn --set feedback.strength=1 | lines >"$work/learned.txt"
    # shellcheck disable=SC2086
    ranks 2 unlearned $learn >/dev/null
    test "$(wc -l <"$work/learned.txt")" = 6 && ! same learned unlearned 1e-3
}
test_that 'the weights that it sends are used' learns
goes_on() { # SIGNAL
    # shellcheck disable=SC2086
    {
        interrupted 2 "parts.$1" "$1" $learn --set feedback.strength=1
        interrupted 2 "parts.$1" "$1" $learn --set feedback.strength=1
        ranks 2 "parts.$1" $learn --set feedback.strength=1
    } | tee "$work/parts.txt"
    lines <"$work/parts.txt" | sort -u | diff "$work/learned.txt" - && same learned "parts.$1" 0 &&
        diff "$work/learned/categories.tsv" "$work/parts.$1/categories.tsv"
}
test_that 'weights by a helper, interrupted: on from there bit for bit' goes_on TERM
test_that 'and killed' goes_on KILL
nobody_trains() {
    alone nobody --set helpers=1 2>"$work/said"
    test $? = 2 && cat "$work/said" && grep -q 'leaves none to train' "$work/said"
}
test_that 'one rank cannot have a helper' nobody_trains
tap_end
