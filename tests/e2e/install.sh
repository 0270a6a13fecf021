#!/bin/sh
# What 'make install' puts in place can be used: the programs start, a trial in
# C and one in C++ link with what pkg-config says and see only sentei_*. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
export PKG_CONFIG_PATH="$work/lib/pkgconfig"

cat >"$work/trial.c" <<'END'
#include <sentei.h>
#include <stdio.h>

int main(void)
{
    char why[256];
    struct sentei *s = sentei_open(why, sizeof why);

    if (!s)
        return 1;
    printf("lr=%g in_study=%d\n", sentei_float(s, "lr", 0.25), sentei_in_study(s));
    sentei_metric(s, "loss", 1.0);
    return sentei_report(s, 1) == SENTEI_CONTINUE ? sentei_close(s) : 1;
}
END
# Words of pkg-config are to be split.
# shellcheck disable=SC2046
build_trial() {
    "$1" "$2" -o "$work/$3" $(pkg-config --cflags --libs sentei)
}
only_sentei() {
    test -s "$work/lib/libsentei.a" && nm -g --defined-only "$work/lib/libsentei.a" | awk 'NF == 3 && $3 !~ /^sentei_/ { print; bad = 1 } END { exit bad }'
}

test_that 'make install' make -s OUT="${BUILD:-build}" CC="${CC:-cc}" PREFIX="$work" install
for program in sentei sentei-train sentei-data; do
    test_that "$program --help" "$work/bin/$program" --help
done
test_that 'a manual page for each verb' test "$(find "$work/share/man/man1" -name 'sentei-*.1' | wc -l)" -gt 15
test_that 'which says what --help says' grep -q 'only trials that match' "$work/share/man/man1/sentei-leaderboard.1"
# completes WORDS... : what bash makes of them, the last one unfinished.
completes() {
    PATH=$work/bin:$PATH bash -c '
        . "$1" && shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _sentei && echo "${COMPREPLY[*]}"' bash "$work/share/bash-completion/completions/sentei" "$@"
}
test_that 'bash completes a verb' test "$(completes sentei lead)" = leaderboard
test_that 'and an option' test "$(completes sentei leaderboard --whe)" = --where
test_that 'a C trial links' build_trial cc "$work/trial.c" trial
test_that 'and runs outside a study, with its own defaults' test "$("$work/trial")" = 'lr=0.25 in_study=0'
cp "$work/trial.c" "$work/trial.cpp"
test_that 'a C++ trial links' build_trial c++ "$work/trial.cpp" trial++
test_that 'the library shows only sentei_*' only_sentei
test_that 'the studies are there' test -e "$work/share/sentei/studies/quickstart.yaml"
tap_end
