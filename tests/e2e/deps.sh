#!/bin/sh
# A machine on which nothing is installed yet is told what it lacks, whatever
# of it is missing: programs that stand before the real ones find nothing. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh

# lacks PROGRAM PACKAGES...: without PROGRAM, all of them are named, with the remedy.
lacks() {
    mkdir -p "$work/without-$1" && printf '#!/bin/sh\nexit 1\n' >"$work/without-$1/$1" && chmod +x "$work/without-$1/$1" || return 1
    PATH=$work/without-$1:$PATH .ci/deps --check all >"$work/said" 2>&1 && return 1
    cat "$work/said"
    shift
    for package; do
        grep -q "^missing packages:.* $package\( \|\$\)" "$work/said" || return 1
    done
    grep -q "hint: run 'make deps', or: apt-get install" "$work/said"
}

test_that 'nothing is missing here' .ci/deps --check all
test_that 'no header is found' lacks cc libc6-dev libyaml-dev libjansson-dev libopenmpi-dev libpmix-dev libcmocka-dev
test_that "no library's flags are found" lacks pkg-config libopenmpi-dev
tap_end
