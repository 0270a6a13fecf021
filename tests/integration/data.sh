#!/bin/sh
# sentei-data as a person types it: made-up and real sets, wrong use, damage,
# a disk that fills up, a packing that is killed. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
PATH=$build:$PATH
cd "$work" || exit 1

# fails STATUS WORD COMMAND...: the command exits so and says WORD.
fails() {
    wanted=$1 word=$2
    shift 2
    "$@" >said 2>&1
    got=$?
    cat said
    test $got = "$wanted" && grep -q -- "$word" said
}

# flip FILE BYTE: another value at that place.
flip() {
    value=$(od -An -tu1 -j "$2" -N1 "$1")
    printf "\\$(printf %03o $((value ^ 64)))" |
        dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# same FOLDER FOLDER: the sets are equal byte for byte.
same() {
    diff -r "$1" "$2"
}

# --- made-up listings ---------------------------------------------------------
test_that 'synth makes listings' sentei-data synth listings -o a --rows 3000
test_that 'show tells what is in them' sh -c 'sentei-data show a | grep -q "leaf_category"'
test_that 'verify finds every shard good' sentei-data verify a
sentei-data synth listings -o b --rows 3000 >/dev/null
test_that 'the same seed gives the same bytes' same a b
sentei-data synth listings -o c --rows 3000 --seed 2 >/dev/null
test_that 'another seed gives others' sh -c '! diff -rq a c'
sentei-data synth listings --csv raw --rows 400
sentei-data synth listings -o direct --rows 400 >/dev/null
test_that 'pack reads what synth writes' sentei-data pack raw/listings.data.yaml -o packed -j 3
test_that 'and gives the same bytes as packing at once' same direct packed

# The same rows as JSON Lines: numbers and strings as another program writes them.
python3 - raw/listings.csv raw/listings.jsonl <<'END'
import csv, json, sys
def value(text):
    try:
        return int(text)
    except ValueError:
        return text or None
with open(sys.argv[2], 'w') as out:
    for row in csv.DictReader(open(sys.argv[1])):
        print(json.dumps({k: value(v) for k, v in row.items() if v or k == 'title'}), file=out)
END
sed 's/listings.csv/listings.jsonl/' raw/listings.data.yaml >raw/lines.yaml
sentei-data pack raw/lines.yaml -o lines -j 1 >/dev/null
test_that 'JSON Lines give the same bytes as CSV' same direct lines
sed 's/"title"/"Title"/' raw/listings.jsonl >raw/other.jsonl
sed 's/listings.csv/other.jsonl/' raw/listings.data.yaml >raw/other.yaml
test_that 'a key that no line has is named' fails 2 "other.jsonl: no line has the key 'title'" sentei-data pack raw/other.yaml -o x

# One picture under two names, in training and in test.
cat >twice.yaml <<'END'
dataset: twice
files: {train: train.csv, test: test.csv}
label: {column: y, positive: 1}
image: {column: picture, folder: raw}
END
picture=$(cd raw && find . -name '*.jpg' -o -name '*.png' | sort | head -1)
other=$(cd raw && find . -name '*.jpg' -o -name '*.png' | sort | tail -1)
cp "raw/$picture" raw/copy.img
printf 'y,picture\n1,%s\n0,%s\n' "$picture" "$other" >train.csv
printf 'y,picture\n1,copy.img\n0,%s\n' "$other" >test.csv
sentei-data pack twice.yaml -o twice >/dev/null
test_that 'duplicates finds a picture in two splits' sh -c 'sentei-data duplicates twice | grep -q "^2 test rows have"'
test_that 'a set without pictures has none to compare' sh -c '
    sed "/^image/d; s/^dataset.*/&\ntext: [picture]/" twice.yaml >blind.yaml && sentei-data pack blind.yaml -o blind &&
    ! sentei-data duplicates blind 2>said && grep -q "no pictures" said'

# --- many leaves, few classes -----------------------------------------------------
mkdir leaves
cat >leaves/d.yaml <<'END'
dataset: leaves
files: d.csv
label: {column: y, positive: 1}
category: [{column: leaf, min_count: 1, map: map.tsv, unknown: other}]
END
printf 'y,leaf\n1,Bags/Tote\n0,Sale/Tote\n0,Hats\n1,New\n0,\n' >leaves/d.csv
printf '# ours\nBags/Tote\tbags\nSale/Tote\t-> Old/Tote\nOld/Tote\t-> Bags/Tote\nHats\thats\n' >leaves/map.tsv
test_that 'a map makes classes of leaves' sh -c '
    sentei-data pack leaves/d.yaml -o leaves/set 2>said && grep -q "1 values are in no category map" said &&
    tr -d " \n" <leaves/set/dataset.json | grep -q "\"leaf\":\[\"bags\",\"hats\",\"other\"\]"'
sed -i 's/, unknown: other//' leaves/d.yaml
test_that 'an unknown leaf has a place' fails 2 "d.csv:5.*'New' is not in map.tsv" sentei-data pack leaves/d.yaml -o x
printf 'a\tb\na\tc\n' >leaves/map.tsv
test_that 'a leaf comes once' fails 2 "map.tsv:2.*on line 1 already" sentei-data pack leaves/d.yaml -o x
printf 'a\t-> b\nb\t-> a\n' >leaves/map.tsv
test_that 'links end somewhere' fails 2 'map.tsv:1.*in a circle' sentei-data pack leaves/d.yaml -o x
printf 'a\t-> nowhere\n' >leaves/map.tsv
test_that 'links lead to leaves' fails 2 'map.tsv:1.*no leaf' sentei-data pack leaves/d.yaml -o x
printf 'a b\n' >leaves/map.tsv
test_that 'a line has a tab' fails 2 'map.tsv:1.*a tab' sentei-data pack leaves/d.yaml -o x

# --- wrong use ------------------------------------------------------------------
test_that '--help shows an example' sh -c 'sentei-data pack --help | grep -q "studies/data/reviews.yaml"'
test_that 'an unknown verb is named, with the nearest' fails 2 "did you mean 'pack'" sentei-data pakc
test_that 'no description: usage' fails 2 'no description given' sentei-data pack -o x
test_that 'no output folder: usage' fails 2 'no output folder' sentei-data pack raw/listings.data.yaml
test_that 'no such description' fails 2 'nowhere.yaml' sentei-data pack nowhere.yaml -o x
test_that 'no such set to make up' fails 2 'listings, kinds and frames' sentei-data synth lists -o x
test_that 'a folder that is no set' fails 2 'no packed data set' sentei-data show raw
mkdir elsewhere
test_that 'data that are elsewhere' fails 2 '--source' sentei-data pack raw/listings.data.yaml -s elsewhere -o x
printf 'dataset: d\nfiles: a.csv\nlabel: {column: y, positive: 1}\ncategry: [c]\ntext: [t]\n' >bad.yaml
test_that 'a misspelt key has a place' fails 2 "bad.yaml:4:1: unknown key 'categry'" sentei-data pack bad.yaml -o x
printf 'y,a\033[2J\n1,x\n0,x\n' >escape.csv
printf 'dataset: d\nfiles: escape.csv\nlabel: {column: y, positive: 1}\ncategory: ["a\\e[2J"]\n' >escape.yaml
test_that 'a column may have any name' sentei-data pack escape.yaml -o escape
test_that 'which does not steer the terminal' sh -c 'sentei-data show escape >said && grep -q "a?.2J" said'
sed 's/^images.000007.png,/images\/gone.png,/' raw/listings.csv >raw/gone.csv
sed 's/listings.csv/gone.csv/' raw/listings.data.yaml >raw/gone.yaml
test_that 'a missing image: row and file' fails 2 'gone.csv:9: cannot open.*gone.png' sentei-data pack raw/gone.yaml -o x
test_that 'and no folder that could be taken for a set' test ! -e x/dataset.json

# --- damage ---------------------------------------------------------------------
shard=$(ls b/00000.*.shard)
flip "$shard" 5000
test_that 'a flipped byte: file, section, bytes' fails 1 "bad .*$shard.*section .*bytes [0-9]* to" sentei-data verify b
test_that 'and nobody opens the set' fails 1 'pack the data again' sentei-data show b
flip "$shard" 5000
test_that 'flipped back, all is good' sentei-data verify b
truncate -s -100 "$shard"
test_that 'a truncated shard is named' fails 1 "$shard.*truncated" sentei-data verify b
rm "$shard"
test_that 'a lost shard is named' fails 1 "$shard" sentei-data verify b
test_that 'packing anew repairs it' sentei-data synth listings -o b --rows 3000
test_that 'to the same bytes' same a b

# --- a disk that fills up, a folder that cannot be written ------------------------
full() (
    ulimit -f 64 # blocks of 512 or 1024 bytes
    exec sentei-data synth listings -o "$1" --rows 3000
)
test_that 'no room: a word, and what to do' fails 1 'cannot write' full fresh
test_that 'no half set is left' sh -c 'test -z "$(ls -A fresh)"'
test_that 'no room over an older set' fails 1 'cannot write' full c
test_that 'which stays whole' sentei-data verify c
if mkdir tiny && mount -t tmpfs -o size=2m tmpfs tiny 2>/dev/null; then
    test_that 'a full disk is named' fails 1 'No space left' sentei-data synth listings -o tiny/set --rows 3000
    test_that 'and empty again' sh -c 'test -z "$(ls -A tiny/set)"'
    umount tiny
else
    echo "ok $((tap_count += 1)) - a full disk is named # SKIP may not mount"
fi
if test "$(id -u)" != 0; then
    mkdir -m 555 closed
    test_that 'a read-only folder is named' fails 1 'Permission denied' sentei-data synth listings -o closed/set --rows 10
else
    test_that 'a folder that cannot be made is named' fails 1 '/proc/set' sentei-data synth listings -o /proc/set --rows 10
fi

# --- killed in the middle ---------------------------------------------------------
sentei-data synth listings -o killed --rows 150000 >/dev/null 2>&1 &
packing=$!
while test -z "$(ls killed/*.shard 2>/dev/null)" && kill -0 $packing 2>/dev/null; do :; done
test_that 'a second packer is refused' fails 1 'another program' sentei-data synth listings -o killed --rows 10
kill -9 $packing
wait $packing 2>/dev/null
test_that 'killed, the folder holds no set' fails 2 'no packed data set' sentei-data show killed
test_that 'another packing takes the folder over' sentei-data synth listings -o killed --rows 100
test_that 'and leaves nothing of the killed one' sh -c 'test "$(ls -A killed | wc -l)" = 2'

# Killed twice on its way: what is packed already is not packed again.
sentei-data synth listings -o whole --rows 25000 >/dev/null
kill_when() { # CONDITION
    sentei-data synth listings -o parts --rows 25000 >said 2>&1 &
    packing=$!
    while ! sh -c "$1" 2>/dev/null && kill -0 $packing 2>/dev/null; do :; done
    kill -9 $packing
    wait $packing 2>/dev/null
}
kill_when 'test -e parts/packing.json'
kill_when 'grep -q already said'
test_that 'killed, the next says what is there' grep -E 'sentei-data: [0-9]{4,} of 25000 rows are packed already' said
test_that 'and goes on from there' sentei-data synth listings -o parts --rows 25000
test_that 'to the same bytes, and nothing else' same whole parts

touch killed/mine.shard
sentei-data synth listings -o killed --rows 300000 >said 2>&1 &
packing=$!
while test "$(ls killed/*.shard | wc -l)" = 2 && kill -0 $packing 2>/dev/null; do :; done
kill -TERM $packing
wait $packing
test_that 'Ctrl-C: a word' grep 'stopped by a signal' said
test_that 'the older set stays' sentei-data verify killed

# --- the real sets, where they are ------------------------------------------------
data=${SENTEI_DATA:-$root/../shared/data}
if test -e "$data/reviews/val.csv"; then
    test_that 'the reviews pack' sentei-data pack "$root/studies/data/reviews.yaml" --source "$data/reviews" -o reviews
    test_that '2,349 rows to train and to test on' sh -c 'sentei-data show reviews | grep -c " 2349 rows" | grep -qx 2'
else
    echo "ok $((tap_count += 1)) - the reviews pack # SKIP no $data/reviews"
fi
if test -e "$data/clothing/listings.csv"; then
    test_that 'the clothing photographs pack' sentei-data pack "$root/studies/data/clothing.yaml" --source "$data/clothing" -o clothing
    test_that 'into the folds of the baseline' sh -c 'sentei-data show clothing | grep -q "fold 1 *1552 rows *264 positive"'
else
    echo "ok $((tap_count += 1)) - the clothing photographs pack # SKIP no $data/clothing"
fi
tap_end
