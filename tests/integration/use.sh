#!/bin/sh
# What is done with a trained model: predictions whose rates are those of the
# world, tables by category, an export another program can compute with, a new
# training that begins with it. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
train=$build/sentei-train

# A table where the probability follows from one number and the shop: about 1 in
# 10 is positive. 'new' is the same with shops in another order and a new one.
make_table() { # NAME FIRST LAST SHOPS
    awk -v first="$2" -v last="$3" -v shops="$4" 'BEGIN {
        srand(first); n = split(shops, shop, " ")
        print "label,size,shop,words"
        for (i = first; i < last; i++) {
            size = rand() * 4; k = int(rand() * n) + 1
            p = 1 / (1 + exp(-(size - 4.6 + (shop[k] == "b"))))
            printf "%d,%.4f,%s,%s\n", rand() < p, size, shop[k], i % 2 ? "red hat" : "blue hat"
        }
    }' >"$work/$1.csv"
    cat >"$work/$1.yaml" <<END
dataset: table
files: $1.csv
label: {column: label, positive: 1, negative: 0}
number: [{column: size, quantiles: 8}]
category: [shop]
text: [words]
split: {validation: 0.25, test: 0.25}
END
}
make_table table 1 16001 'a b c'
make_table new 50001 52001 'c d b a'
cat >"$work/train.yaml" <<END
data: $work/table
epochs: 6
batch: {size: 100, schedule: step, ramp_epochs: 100}
model:
  text: {dimension: 2, buckets: 16}
  number: {type: both}
  fusion: {depth: 1, width: 8, dropout: 0, batch_norm: true}
optimizer: {lr: 5.0e-3, schedule: cosine}
END

trains() {
    "$build/sentei-data" pack "$work/table.yaml" -o "$work/table" &&
        "$train" --config "$work/train.yaml" --folder "$work/run"
}
test_that 'a model is trained on batches of 5:5' trains

# The mean of the scores (column 4) and of the labels.
rates() { # FILE
    awk -F, 'NR > 1 { s += $4; l += $3; n++ } END { print s / n, l / n, n }' "$1"
}

# 4000 test rows, a rate of about 0.1: its standard error is 0.005.
rates_match() {
    "$train" predict "$work/run" "$work/table" --split test -o "$work/prior.csv" &&
        "$train" predict "$work/run" "$work/table" --split test --calibrate none -o "$work/none.csv" &&
        "$train" predict "$work/run" "$work/table" --split test --calibrate fit >"$work/fit.csv" || return 1
    for kind in prior none fit; do
        echo "$kind $(rates "$work/$kind.csv")"
    done | tee "$work/rates"
    awk '$4 != 4000 { exit 1 }
         $1 == "none" { if ($2 < 2.5 * $3) exit 1; next }
         { d = $2 - $3; if (d < 0) d = -d; if (d > 0.02) exit 1 }' "$work/rates"
}
test_that 'scores have the rate of the world, not of the batches' rates_match

plain_agrees() {
    "$train" predict "$work/run" "$work/table" --split test --backend plain -o "$work/plain.csv" &&
        "$train" evaluate "$work/run" "$work/table" --backend plain || return 1
    paste -d, "$work/prior.csv" "$work/plain.csv" |
        awk -F, 'NR > 1 { d = $4 - $8; if ($1 != $5 || d > 1e-5 || d < -1e-5) exit 1 } END { exit NR != 4001 }'
}
test_that 'another backend gives the same scores' plain_agrees

table_by_category() {
    "$train" evaluate "$work/run" "$work/table" >"$work/table.txt" &&
        "$train" evaluate "$work/run" "$work/table" --format json >"$work/table.json" || return 1
    cat "$work/table.txt"
    python3 - "$work/table.json" "$work/prior.csv" <<'END'
import csv, json, math, sys
found = json.load(open(sys.argv[1]))
rows = list(csv.DictReader(open(sys.argv[2])))
loss = -sum(math.log(float(r['score']) if r['label'] == '1' else 1 - float(r['score'])) for r in rows) / len(rows)
assert abs(found['all']['log_loss'] - loss) < 1e-5, (found['all'], loss)
assert sorted(c['value'] for c in found['categories']) == ['a', 'b', 'c']
assert sum(c['rows'] for c in found['categories']) == found['all']['rows'] == 4000
assert sum(c['positives'] for c in found['categories']) == found['all']['positives']
assert found['field'] == 'shop' and found['all']['roc_auc'] > 0.7
END
}
test_that 'a table by category adds up' table_by_category

# The exported numbers give the same scores by arithmetic written down anew.
cat >"$work/compute.py" <<'END'
import csv, json, math, struct, sys
from array import array
folder, scores, table = sys.argv[1:]
model = json.load(open(folder + '/model.json'))
data = open(folder + '/model.safetensors', 'rb').read()
size = struct.unpack('<Q', data[:8])[0]
header = json.loads(data[8:8 + size])
def tensor(name):
    first, end = header[name]['data_offsets']
    floats = array('f')
    floats.frombytes(data[8 + size + first:8 + size + end])
    return list(floats)
def rows_of(name):
    values, shape = tensor(name), header[name]['shape']
    return [values[i * shape[1]:(i + 1) * shape[1]] for i in range(shape[0])]
columns = {f['name']: (f['first'], f['count']) for f in model['feature_columns']}
edges = model['fields']['number'][0]['edges']
shops = model['source']['values']['shop']
mean, scale = tensor('dense.mean'), tensor('dense.scale')
weight, bias = rows_of('fusion.0.linear.weight'), tensor('fusion.0.norm.bias')
gamma, running = tensor('fusion.0.norm.weight'), rows_of('fusion.0.norm.running')
out, last = rows_of('fusion.out.weight')[0], tensor('fusion.out.bias')[0]
number, shop = rows_of('number.size'), rows_of('category.shop')
worst = 0
rows = list(csv.DictReader(open(table)))
compared = 0
for score in csv.DictReader(open(scores)):
    row = rows[int(score['row'])]
    x = [0.0] * model['features']
    def put(name, values):
        first, count = columns[name]
        assert count == len(values)
        x[first:first + count] = values
    value = float(row['size'])
    put('number.size', number[sum(e <= value for e in edges)])
    put('category.shop', shop[shops.index(row['shop']) + 1])
    dense = [math.log1p(value), 0.0]
    put('dense', [(d - m) * s for d, m, s in zip(dense, mean, scale)])
    hidden = []
    for k, w in enumerate(weight):
        z = sum(a * b for a, b in zip(w, x))
        z = (z - running[0][k]) / math.sqrt(running[1][k] + 1e-5) * gamma[k] + bias[k]
        hidden.append(max(z, 0))
    logit = sum(a * b for a, b in zip(out, hidden)) + last + model['calibration']['shift'][0]
    p = 1 / (1 + math.exp(-logit))
    worst = max(worst, abs(p - float(score['score'])))
    compared += 1
print('largest difference', worst, 'of', compared)
sys.exit(not (compared == 4000 and worst < 1e-5))
END
exports() {
    "$train" --config "$work/train.yaml" --set model.text.type=none --folder "$work/plain" &&
        "$train" predict "$work/plain" "$work/table" --split test -o "$work/plain.csv" &&
        "$train" export "$work/plain" -o "$work/exported" &&
        python3 "$work/compute.py" "$work/exported" "$work/plain.csv" "$work/table.csv"
}
test_that 'the exported model computes the same scores' exports

fails() { # STATUS WORD COMMAND...
    wanted=$1 word=$2
    shift 2
    "$@" >"$work/said" 2>&1
    got=$?
    cat "$work/said"
    test $got = "$wanted" && grep -q -- "$word" "$work/said"
}

new_rows() {
    "$build/sentei-data" pack "$work/new.yaml" -o "$work/other" &&
        fails 2 'pack --like' "$train" predict "$work/run" "$work/other" &&
        "$build/sentei-data" pack "$work/new.yaml" -o "$work/like" --like "$work/table" &&
        "$train" evaluate "$work/run" "$work/like" --split all >"$work/like.txt" || return 1
    cat "$work/like.txt"
    grep -q '(unknown)' "$work/like.txt"
}
test_that 'new rows are packed like those of the training' new_rows

# Row k of the old table is found under its value's new number.
begins_with() {
    "$train" --config "$work/train.yaml" --set "data=$work/other" --set model.category.dimension=3 \
        --set "init_from=$work/same/best.safetensors" --set init_other=fresh --set optimizer.lr=0 --set epochs=1 \
        --folder "$work/warm" 2>"$work/said" || return 1
    cat "$work/said"
    grep -q 'category.shop: 1 of 4 values are new' "$work/said" &&
        python3 - "$work/same/best.safetensors" "$work/warm/best.safetensors" <<'END'
import json, struct, sys
from array import array
def read(path):
    data = open(path, 'rb').read()
    size = struct.unpack('<Q', data[:8])[0]
    header = json.loads(data[8:8 + size])
    first, end = header['fold0.category.shop']['data_offsets']
    floats = array('f')
    floats.frombytes(data[8 + size + first:8 + size + end])
    values = json.loads(header['__metadata__']['source'])['values']['shop']
    return {v: list(floats[3 * (i + 1):3 * (i + 2)]) for i, v in enumerate(values)}
old, new = read(sys.argv[1]), read(sys.argv[2])
print(old, new)
assert set(new) == set(old) | {'d'}
assert all(old[v] == new[v] for v in old)
END
}
test_that 'a new training begins with the old weights' sh -c "
    '$train' --config '$work/train.yaml' --set model.category.dimension=3 --set epochs=1 --folder '$work/same'"
test_that 'each value finds its row again, a new one has its own' begins_with

test_that 'another shape is refused with a word' fails 2 'init_other: fresh' \
    "$train" --config "$work/train.yaml" --set "init_from=$work/run/best.safetensors" --set model.fusion.width=9
test_that 'a checkpoint is no finished model' fails 2 'no finished model' \
    "$train" predict "$work/run/checkpoint.safetensors" "$work/table"
test_that 'a category that is not there is named' fails 2 "no category 'x'" \
    "$train" evaluate "$work/run" "$work/table" --by x
test_that 'a backend that is not there is refused' fails 2 'cpu, cuda' "$train" predict "$work/run" "$work/table" -b gpu
test_that 'predict wants two things' fails 2 'MODEL DATA' "$train" predict "$work/run"
test_that 'a file that is no model is named' fails 1 "$work/table.csv" "$train" export "$work/table.csv" -o "$work/x"
tap_end
