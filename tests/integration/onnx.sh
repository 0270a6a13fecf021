#!/bin/sh
# A model as an ONNX file: every tower gives a runtime that knows nothing of
# sentei the scores of 'sentei-train predict' (onnxruntime and onnx, of pip; skipped
# where they are not). TAP.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
train=$build/sentei-train

# Texts of no word to twelve, numbers that are missing, frames of any number, three classes.
awk 'BEGIN {
    srand(5); print "kind,price,size,shop,title,tags,loudness"
    for (i = 0; i < 400; i++) {
        title = ""; loud = ""; tags = ""
        for (k = int(rand() * 13); k > 0; k--) title = title " w" int(rand() * 40)
        for (k = 2 * int(rand() * 9); k > 0; k--) loud = loud " " rand() * 4 - 1
        for (k = 0; k < 3; k++) tags = tags " " rand() * 9
        printf "%d,%s,%s,s%d,%s,%s,%s\n", i % 3, rand() < 0.1 ? "" : rand() * 2000 - 100, rand() < 0.1 ? "" : -rand(), rand() * 5, title, tags, loud
    }
}' >"$work/table.csv"
cat >"$work/table.yaml" <<END
dataset: table
files: table.csv
label: {column: kind, classes: ['0', '1', '2']}
number: [{column: price, buckets: [-1, 1, 100, 1000]}, {column: size, quantiles: 4}]
category: [shop]
text: [title]
characters: {low: 2, high: 3}
vector: {column: tags, size: 3}
sequence: {column: loudness, size: 2}
split: {validation: 0.25, test: 0.25}
folds: {count: 2}
END
"$build/sentei-data" pack "$work/table.yaml" -o "$work/table" >/dev/null || exit 1
"$build/sentei-data" synth listings --rows 800 -o "$work/listings" >/dev/null || exit 1
cat >"$work/train.yaml" <<END
epochs: 1
batch: {size: 50}
model:
  image: {width: 4, stages: 2, blocks: 1}
  text: {dimension: 4, buckets: 512, width: 6, length: 8}
  characters: {dimension: 3, buckets: 256}
  sequence: {width: 5, length: 6}
  number: {type: both}
  fusion: {depth: 1, width: 16}
optimizer: {lr: 0.02}
END

models='# name set calibration settings
images_like_VGG_and_all_of_a_listing listings prior batch.schedule=linear
residual_images listings fit model.image.type=resnet model.image.stages=3
images_without_batch_norm listings none model.image.batch_norm=false model.fusion.batch_norm=false
one_of_two_folds table prior folds=2
bags_of_words_and_characters table prior model.text.weight=tfidf model.characters.weight=sqrt
words_by_windows table fit model.text.type=cnn model.text.longest=9 model.sequence.type=cnn
words_by_an_LSTM table none model.text.type=lstm model.sequence.type=lstm
words_both_ways table prior model.text.type=lstm model.text.bidirectional=true model.sequence.type=lstm model.sequence.bidirectional=true
logistic_regression table prior model.fusion.depth=0 model.number.type=bucket model.text.weight=sqrt'

# Train, export with examples, predict the same rows.
makes() { # NAME SET CALIBRATION SETTING...
    name=$1 set=$2 kind=$3
    shift 3
    for setting; do
        set -- "$@" --set "$setting"
        shift
    done
    "$train" --config "$work/train.yaml" --set "data=$work/$set" --folder "$work/$name" "$@" &&
        "$train" export "$work/$name" -o "$work/$name/out" --onnx --calibrate "$kind" --examples "$work/$set" --fold 0 &&
        "$train" predict "$work/$name" "$work/$set" --calibrate "$kind" -o "$work/$name/scores.csv"
}

cat >"$work/compare.py" <<'END'
import csv, glob, json, sys
import numpy, onnx, onnxruntime
from onnx import numpy_helper
def array(path):
    tensor = onnx.TensorProto()
    tensor.ParseFromString(open(path, 'rb').read())
    return tensor.name, numpy_helper.to_array(tensor)
folder = sys.argv[1]
onnx.checker.check_model(folder + '/out/model.onnx', full_check=True)
session = onnxruntime.InferenceSession(folder + '/out/model.onnx')
examples = folder + '/out/test_data_set_0/'
fed = dict(array(path) for path in glob.glob(examples + 'input_*.pb'))
told = json.load(open(folder + '/out/model.json'))['onnx']
assert {i['name'] for i in told['inputs']} == set(fed) == {i.name for i in session.get_inputs()}, told
assert all(str(fed[i['name']].dtype) == i['type'] and i['meaning'] for i in told['inputs'])
score, = session.run(['score'], fed)
name, wanted = array(examples + 'output_0.pb')
rows = list(csv.DictReader(open(folder + '/scores.csv')))[:len(score)]
columns = [c for c in rows[0] if c == 'score' or c.startswith('p_')]
predicted = numpy.array([[float(row[c]) for c in columns] for row in rows])
assert score.shape == wanted.shape == (64, len(columns)), (score.shape, wanted.shape)
# 'predict' gives the mean of all folds; a file is of one.
worst = [abs(score - wanted).max()] + [abs(score - predicted).max()] * ('folds' not in folder)
alone, = session.run(['score'], {name: value[3:4] for name, value in fed.items()})
worst.append(abs(alone - score[3:4]).max())
print('largest differences', worst, 'scores from', score.min(), 'to', score.max())
sys.exit(not (max(worst) < 1e-5 and score.std() > 1e-4))
END
computes() { # NAME
    python3 "$work/compare.py" "$work/$1"
}

echo "$models" | grep -v '^#' >"$work/models"
python3 -c 'import onnxruntime, onnx' 2>/dev/null
without=$?
while read -r name set kind settings; do
    # shellcheck disable=SC2086
    test_that "exported: $name" makes "$name" "$set" "$kind" $settings
    if test $without = 0; then
        test_that "the same scores by onnxruntime: $name" computes "$name"
    else
        echo "ok $((tap_count += 1)) - the same scores by onnxruntime: $name # SKIP no onnxruntime and onnx (pip install onnxruntime onnx)"
    fi
done <"$work/models"

refuses() { # WORD COMMAND...
    word=$1
    shift
    "$@" >"$work/said" 2>&1
    test $? = 2 && grep -q -- "$word" "$work/said"
}
test_that 'examples want --onnx' refuses 'add --onnx' "$train" export "$work/residual_images" -o "$work/x" --examples "$work/listings"
tap_end
