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

# await COMMAND...: wait (60 s at most) until it succeeds.
await() {
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        test $tries -lt 600 || return 1
        sleep 0.1
    done
}

# in_ranks COUNT COMMAND...: so many of it by mpirun, also as root and where there are fewer processors.
in_ranks() {
    OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe --mca mpi_yield_when_idle 1 -n "$@"
}

# plain_study NAME TRIALS COMMAND: the plainest study, its file as text: 'x' by random search, 'v' to be
# large. COMMAND is YAML.
plain_study() {
    cat <<YAML
study: $1
objective: {metric: v, direction: maximize}
space: {x: {type: float, low: 0, high: 1}}
search: {sampler: random, pruner: none, seed: 1}
stop: {trials: $2}
trainer: {command: $3}
YAML
}

# board RUN EXPRESSION: a Python expression over the leaderboard: 'study',
# 'rows', 'state' (trials by state), 'trial' (rows by number). Needs sentei in PATH.
board() {
    sentei leaderboard "$1" --format json >"$work/board.json" || return 1
    python3 - "$work/board.json" "$2" <<'END'
import json, sys
board = json.load(open(sys.argv[1]))
study, rows = board['study'], board['rows']
value = eval(sys.argv[2], {'study': study, 'rows': rows, 'state': study['states'],
                           'trial': {r['trial']: r for r in rows}})
print(value)
sys.exit(0 if value or value == 0 and value is not False else 1)
END
}

# The plan, and the exit status.
tap_end() {
    echo "1..$tap_count"
    test $tap_failures = 0
}
