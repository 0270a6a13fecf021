#!/bin/sh
# What fuzzing has collected (tests/fuzz/corpus) is read under sanitizers, by
# build/debug/tests/corpus ('make check' builds them). TAP.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh

for program in "$build"/debug/tests/corpus/*; do
    name=${program##*/}
    test -x "$program" || { echo '1..0 # SKIP not built (make DEBUG=1 corpus)' && exit 0; }
    test_that "$name" "$program" tests/fuzz/corpus/"$name"/*
done
tap_end
