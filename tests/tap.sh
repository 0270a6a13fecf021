# tap.sh: what shell tests share; read by '. tests/tap.sh' in the root of the
# tree. Results are printed as TAP; the script ends with tap_end.
#
#   $build   the build folder, absolute     $work   an empty folder, removed at the end
# shellcheck shell=sh disable=SC2034
# SPDX-License-Identifier: Apache-2.0
set -u
root=$PWD
build=$(cd "${BUILD:-build}" && pwd) || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
tap_count=0 tap_failures=0

# test_that NAME COMMAND...: one test; its output is shown when it fails.
test_that() {
    tap_name=$1
    shift
    tap_count=$((tap_count + 1))
    if "$@" >"$work/output" 2>&1; then
        echo "ok $tap_count - $tap_name"
    else
        echo "not ok $tap_count - $tap_name"
        tail -40 "$work/output" | sed 's/^/# /'
        tap_failures=$((tap_failures + 1))
    fi
}

# The plan, and the exit status.
tap_end() {
    echo "1..$tap_count"
    test $tap_failures = 0
}
