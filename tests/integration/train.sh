#!/bin/sh
# sentei-train as a user runs it: it learns, repeats itself, goes on after a
# signal, does the same on two ranks, and says what is wrong.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
train=$build/sentei-train
cat >"$work/train.yaml" <<END
data: $work/data
epochs: 3
batch: {size: 100, schedule: linear, ramp_epochs: 2}
model:
  image: {width: 8, stages: 2, blocks: 1}
  text: {dimension: 8, buckets: 4096, dropout: 0.1}
  fusion: {depth: 2, width: 32}
END
"$build/sentei-data" synth listings --rows 2000 --seed 5 -o "$work/data" \
    >/dev/null || exit 1

# What two runs must agree in: all but the speed.
without_speed() {
    sed 's/ *[0-9]* samples.*//'
}

# The file's metadata hold speeds; the tensors are what counts.
cat >"$work/compare.py" <<'END'
import json, struct, sys
from array import array
def read(path):
    data = open(path, 'rb').read()
    size = struct.unpack('<Q', data[:8])[0]
    header = json.loads(data[8:8 + size])
    header.pop('__metadata__')
    floats = array('f')
    floats.frombytes(data[8 + size:])
    return header, floats
(names, a), (others, b) = read(sys.argv[1]), read(sys.argv[2])
tolerance = float(sys.argv[3])
worst = max(abs(x - y) for x, y in zip(a, b))
print('largest difference', worst, 'of', len(a))
sys.exit(not (names == others and len(a) == len(b) and worst <= tolerance))
END

same_tensors() { # A B TOLERANCE
    python3 "$work/compare.py" "$1" "$2" "$3"
}

repeats_itself() {
    "$train" --config "$work/train.yaml" --folder "$work/a" >"$work/a.txt" &&
        "$train" --config "$work/train.yaml" --folder "$work/b" >"$work/b.txt" &&
        test "$(wc -l <"$work/a.txt")" = 3 &&
        test "$(without_speed <"$work/a.txt")" = "$(without_speed <"$work/b.txt")" &&
        same_tensors "$work/a/best.safetensors" "$work/b/best.safetensors" 0
}
test_that 'the same seed gives the same bits' repeats_itself

# Text, categories and numbers alone: a set large enough to learn from.
learns() {
    "$build/sentei-data" synth listings --rows 12000 -o "$work/large" &&
        "$train" --config "$work/train.yaml" --set "data=$work/large" --set model.image.type=none \
            --set epochs=6 >"$work/large.txt" || return 1
    cat "$work/large.txt"
    auc=$(sed -n '$s/.*val.roc_auc \([0-9.]*\).*/\1/p' "$work/large.txt")
    awk "BEGIN { exit !($auc > 0.8) }"
}
test_that 'it learns to rank listings' learns

# Every kind of tower alone: a set is learned from it, and the same bits again.
alone() { # SET LEAST SETTING...
    set=$1 least=$2
    shift 2
    for run in 1 2; do
        "$train" --config "$work/train.yaml" --set "data=$work/$set" --set batch.schedule=natural --set optimizer.lr=5.0e-3 \
            --set seed=1 --set model.fusion.depth=1 "$@" >"$work/alone$run" || return 1
    done
    cat "$work/alone1"
    test "$(without_speed <"$work/alone1")" = "$(without_speed <"$work/alone2")" || return 1
    got=$(sed -n '$s/.*val.\(accuracy\|roc_auc\) \([0-9.]*\).*/\2/p' "$work/alone1")
    awk "BEGIN { exit !($got > $least) }"
}
"$build/sentei-data" synth frames --rows 3000 -o "$work/frames" >/dev/null
"$build/sentei-data" synth kinds --rows 1500 -o "$work/kinds" >/dev/null
"$build/sentei-data" synth listings --rows 12000 -o "$work/listings" >/dev/null
only_text='--set model.image.type=none --set model.category.type=none --set model.number.type=none'
# shellcheck disable=SC2086
{
    test_that 'titles alone, read by an LSTM' alone listings 0.7 $only_text --set model.text.type=lstm --set model.text.width=16
    test_that 'titles alone, by windows' alone listings 0.7 $only_text --set model.text.type=cnn --set model.text.width=8
}
test_that 'frames side by side' alone frames 0.5 --set model.sequence.type=flat
test_that 'frames by an LSTM both ways' alone frames 0.4 --set model.sequence.type=lstm --set model.sequence.bidirectional=true \
    --set model.sequence.width=16
test_that 'frames by windows' alone frames 0.4 --set model.sequence.type=cnn --set model.sequence.width=16
pictures='--set optimizer.lr=0.01 --set batch.size=50 --set epochs=4'
# shellcheck disable=SC2086
{
    test_that 'pictures alone, residual' alone kinds 0.4 $pictures --set model.image.type=resnet --set model.image.width=6 --set model.image.stages=4
    test_that 'pictures alone, in bfloat16' alone kinds 0.3 $pictures --set precision=bf16 --set model.image.stages=3 --set optimizer.schedule=cosine
}
test_that 'many classes know no schedule' sh -c "! '$train' --config '$work/train.yaml' --set 'data=$work/frames' 2>'$work/said' &&
    grep -q '10 classes' '$work/said'"

goes_on() {
    mkfifo "$work/pipe"
    "$train" --config "$work/train.yaml" --folder "$work/c" >"$work/pipe" &
    child=$!
    exec 3<"$work/pipe"
    read -r line <&3
    echo "$line"
    kill -TERM $child
    cat <&3 >/dev/null
    wait $child
    status=$?
    exec 3<&-
    echo "status $status"
    test $status = 75 || return 1
    "$train" --config "$work/train.yaml" --folder "$work/c" >"$work/c.txt" &&
        test "$(tail -1 "$work/c.txt" | without_speed)" = "$(tail -1 "$work/a.txt" | without_speed)" &&
        same_tensors "$work/a/checkpoint.safetensors" "$work/c/checkpoint.safetensors" 0
}
test_that 'SIGTERM: checkpoint, status 75, and on from there bit for bit' goes_on

# The last checkpoint is of the end of an epoch: what came after it is done again.
killed() {
    "$train" --config "$work/train.yaml" --set epochs=6 --folder "$work/six" >"$work/six.txt" || return 1
    mkfifo "$work/pipe2"
    "$train" --config "$work/train.yaml" --set epochs=6 --folder "$work/k" >"$work/pipe2" &
    child=$!
    exec 3<"$work/pipe2"
    for epoch in 1 2 3; do
        read -r line <&3
        echo "$line"
    done
    kill -KILL $child
    cat <&3 >/dev/null
    wait $child
    exec 3<&-
    "$train" --config "$work/train.yaml" --set epochs=6 --folder "$work/k" >"$work/k.txt" && cat "$work/k.txt" &&
        test "$(wc -l <"$work/k.txt")" -le 3 && test -s "$work/k.txt" &&
        test "$(tail -1 "$work/k.txt" | without_speed)" = "$(tail -1 "$work/six.txt" | without_speed)" &&
        same_tensors "$work/six/checkpoint.safetensors" "$work/k/checkpoint.safetensors" 0 &&
        same_tensors "$work/six/best.safetensors" "$work/k/best.safetensors" 0
}
test_that 'six epochs are three, SIGKILL and three, bit for bit' killed

done_already() {
    "$train" --config "$work/train.yaml" --folder "$work/a" >"$work/again.txt" &&
        test ! -s "$work/again.txt"
}
test_that 'a finished training has nothing left to do' done_already

# Three plain steps along the gradient. Adam would turn the last bits of a
# gradient near zero into whole steps; and in many steps some unit comes so near
# to zero that ReLU lets it through on one side and not on the other.
ranks_agree() {
    sgd="--set optimizer.type=sgd --set optimizer.lr=0.05 --set optimizer.momentum=0 --set epochs=1 --set batch.size=400"
    # shellcheck disable=SC2086
    "$train" --config "$work/train.yaml" --folder "$work/one" $sgd &&
        in_ranks 3 "$train" --config "$work/train.yaml" --folder "$work/three" $sgd &&
        same_tensors "$work/one/best.safetensors" "$work/three/best.safetensors" 1e-4
}
if command -v mpirun >/dev/null; then
    test_that 'three ranks make the steps of one' ranks_agree
fi

schedules_differ() {
    "$train" --config "$work/train.yaml" --set batch.schedule=natural >"$work/natural.txt" &&
        ! cmp "$work/natural.txt" "$work/a.txt"
}
test_that 'another schedule is another training' schedules_differ

# A table whose label follows from its words and its number.
make_folds() {
    awk 'BEGIN {
        print "label,words,size"
        for (i = 0; i < 300; i++)
            printf "%d,%s %d,%d\n", i % 3 == 0, i % 3 ? "plain" : i % 2 ? "odd" : "strange", i % 7, i % 10
    }' >"$work/table.csv"
    cat >"$work/table.yaml" <<END
dataset: table
files: table.csv
label: {column: label, positive: 1, negative: 0}
number: [{column: size, quantiles: 4}]
text: [words]
folds: {count: 3}
END
    "$build/sentei-data" pack "$work/table.yaml" -o "$work/table"
}

# The checkpoint holds the last report.
folds_side_by_side() {
    make_folds || return 1
    "$train" --config "$work/train.yaml" --set "data=$work/table" --set folds=3 --set batch.size=20 \
        --folder "$work/folds" || return 1
    python3 - "$work/folds/checkpoint.safetensors" <<END
import json, statistics, struct, sys
data = open(sys.argv[1], 'rb').read()
header = json.loads(data[8:8 + struct.unpack('<Q', data[:8])[0]])
metrics = json.loads(header['__metadata__']['report'])['metrics']
folds = [metrics['val.pr_auc.fold%d' % k] for k in range(3)]
print(metrics)
assert abs(statistics.mean(folds) - metrics['val.pr_auc']) < 1e-12
assert abs(statistics.stdev(folds) - metrics['val.pr_auc.std']) < 1e-12
assert metrics['val.pr_auc'] > 0.9
assert 'fold2.text' in header and 'fold3.text' not in header
END
}
test_that 'folds are trained side by side, and each is reported' folds_side_by_side

refuses() { # STATUS WORDS OPTION...
    want=$1 words=$2
    shift 2
    "$train" --config "$work/train.yaml" "$@" >"$work/out" 2>"$work/err"
    status=$?
    cat "$work/err"
    test $status = "$want" && grep -q -- "$words" "$work/err"
}
test_that 'an unknown key is named' refuses 2 'widht' --set model.fusion.widht=3
test_that 'a backend there is not is refused' refuses 2 'backend' --set backend=abacus
test_that 'folds the set has not are refused' refuses 2 'folds: 3' --set folds=3
test_that 'a missing set is named' refuses 2 "$work/none" --set "data=$work/none"
test_that 'a checkpoint of another training is refused' \
    refuses 2 'another training' --folder "$work/a" --set model.fusion.depth=1
test_that 'too many stages for the image' refuses 2 'too small for 8 stages' --set model.image.stages=8

damaged() {
    head -c 3000 "$work/a/checkpoint.safetensors" >"$work/b/checkpoint.safetensors"
    refuses 1 'damaged' --folder "$work/b"
}
test_that 'a damaged checkpoint is refused' damaged

full_disk() {
    # a limit on the file size stands for a full disk
    (ulimit -f 100 && "$train" --config "$work/train.yaml" --folder "$work/full") >"$work/out" 2>"$work/err"
    status=$?
    cat "$work/err"
    test $status = 1 && grep -q 'cannot write' "$work/err" && test -z "$(ls "$work/full")"
}
test_that 'a full disk: a word, and no part of a file' full_disk

diverges() {
    "$train" --config "$work/train.yaml" --set optimizer.type=sgd --set optimizer.lr=100 \
        --set model.fusion.batch_norm=false --set model.image.batch_norm=false --set epochs=50 >"$work/out"
    status=$?
    cat "$work/out"
    test $status = 0 && test "$(wc -l <"$work/out")" -lt 50 && grep -q nan "$work/out"
}
test_that 'a training whose loss is no number ends early' diverges
tap_end
