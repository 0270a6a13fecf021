#!/bin/sh
# A store of each earlier format opens, shows the same and goes on; one of a
# later format is refused with a word and left alone.
#
# formats/vN.sql: what 'sentei run formats/study.yaml -j 1' of the program that
# wrote format N left behind (PRAGMA user_version, then sqlite3's .dump). Who
# adds a step to launcher/store/schema.c first makes the one of the format before.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
command -v sqlite3 >/dev/null || { echo '1..0 # SKIP sqlite3 is not installed (make deps)'; exit 0; }
PATH=$build:$PATH
formats=$root/tests/integration/formats

# A run folder whose store is of format $1, called $2.
restore() {
    mkdir -p "$work/$2/old" && cp "$formats/study.yaml" "$work/$2/old/study.yaml" &&
        sqlite3 "$work/$2/old/study.db" <"$formats/v$1.sql" && sqlite3 "$work/$2/old/study.db" 'PRAGMA journal_mode = wal' >/dev/null
}
version() {
    sqlite3 "$work/$1/old/study.db" 'PRAGMA user_version'
}
board_is_right() {
    board "$work/$1/old" '[(t["value"], t["state"], t["reports"], t["params"]["n"]) for t in sorted(rows, key=lambda t: t["trial"])][:4] == \
        [(0.3, "complete", 3, 2), (0.3, "failed", 3, 9), (0.3, "failed", 3, 1), (0.3, "complete", 3, 1)]'
}
goes_on() {
    sed 's/trials: 4/trials: 6/' "$formats/study.yaml" >"$work/study.yaml" &&
        sentei run "$work/study.yaml" --runs "$work/$1" --no-progress && board "$work/$1/old" 'len(rows) == 6'
}
metrics_are_the_value_s() {
    board "$work/$1/old" 'all(t["metrics"]["v"] == t["value"] for t in rows)'
}
curve_is_there() {
    sentei show "$work/$1/old" 0 --format json | python3 -c 'import json, sys; c = json.load(sys.stdin)["curve"]
assert [p["step"] for p in c] == [1, 2, 3] and c[2]["metrics"]["v"] == 0.3, c'
}
# refused COMMAND...: it says what to do, and the store is as it was.
refused() {
    cp "$work/newer/old/study.db" "$work/before"
    "$@" 2>"$work/said" && return 1
    grep -q 'format 999' "$work/said" && grep -q 'use a newer sentei' "$work/said" && cmp "$work/before" "$work/newer/old/study.db"
}

restore 1 now && sentei leaderboard "$work/now/old" >/dev/null
newest=$(version now)
test_that 'there is a store of every earlier format' test "$(find "$formats" -name 'v*.sql' | wc -l)" = $((newest - 1))
format=1
while [ $format -lt "$newest" ]; do
    restore $format v$format
    test_that "format $format: the leaderboard" board_is_right v$format
    test_that "format $format: it is brought up to date" test "$(version v$format)" = "$newest"
    test_that "format $format: a trial's metrics" metrics_are_the_value_s v$format
    test_that "format $format: a trial's curve" curve_is_there v$format
    test_that "format $format: the study goes on" goes_on v$format
    test_that "format $format: what was there is as it was" board_is_right v$format
    format=$((format + 1))
done
restore 1 newer && sqlite3 "$work/newer/old/study.db" 'PRAGMA user_version = 999'
test_that 'a newer one is not shown' refused sentei leaderboard "$work/newer/old"
test_that 'a newer one is not gone on with' refused sentei run "$formats/study.yaml" --runs "$work/newer" --no-progress
tap_end
