#!/bin/sh
# A folder on a file system without locks, as Lustre may be mounted (ENOSYS) or
# NFS be served (ENOLCK): no study is begun there, what there is stays as it is,
# and a person is told why and what to do.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
PATH=$build:$PATH
trap 'rm -rf "$work"' EXIT
runs=$work/runs

for error in ENOLCK ENOSYS; do
    if ! ${CC:-cc} -shared -fPIC -DREFUSED=$error -o "$work/$error.so" tests/integration/lost_locks.c; then
        echo "ok 1 - a file system without locks # SKIP no library that plays it can be built"
        echo "1..1"
        exit 0
    fi
done

plain_study locked 2 '[sh, -c, "echo sentei: step=1 v={x}"]' >"$work/study.yaml"
echo 'resources: {time: "00:10:00"}' >>"$work/study.yaml"

# refused ERROR WORDS...: where locks give that error the command fails, and says so.
refused() {
    error=$1
    shift
    LD_PRELOAD=$work/$error.so "$@" >"$work/said" 2>&1
    status=$?
    cat "$work/said"
    test $status = 1 && grep -q "the file system of '.*' has no locks: " "$work/said" && grep -q 'with --runs' "$work/said"
}

is_empty() { test ! -e "$runs/locked/trials" && test ! -e "$runs/locked/controller.json"; }

doctor_tells() { refused ENOLCK sentei doctor --runs "$work" && sentei doctor --runs "$work" >/dev/null; }
run_is_refused() { refused "$1" sentei run "$work/study.yaml" --runs "$runs" && is_empty; }
submit_is_refused() { refused ENOLCK sentei submit "$work/study.yaml" --runs "$runs" && is_empty; }

controller_is_refused() { refused ENOLCK sentei controller "$runs/locked" && is_empty; }

a_finished_one_stays() {
    sentei run "$work/study.yaml" --runs "$runs" >/dev/null 2>&1 || return 1
    sentei leaderboard locked --runs "$runs" >"$work/before"
    refused ENOLCK sentei leaderboard locked --runs "$runs" || return 1
    sentei leaderboard locked --runs "$runs" >"$work/after"
    diff "$work/before" "$work/after" && grep -q complete "$work/after"
}

nothing_is_left() { ! find "$work" -name '.sentei-*' | grep .; }

test_that "sentei doctor tells" doctor_tells
test_that "sentei run: NFS without lockd" run_is_refused ENOLCK
test_that "sentei run: Lustre without flock" run_is_refused ENOSYS
test_that "sentei submit: before any job" submit_is_refused
test_that "sentei controller" controller_is_refused
test_that "what was stored elsewhere is as it was" a_finished_one_stays
test_that "no file of a trial is left" nothing_is_left
tap_end
