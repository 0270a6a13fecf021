#!/bin/sh
# Nothing leaks and nothing is read before it is written, where much is made and
# dropped: a controller, a worker, the views, under valgrind, with the libraries
# that the sanitizers do not look into. TAP.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
command -v valgrind >/dev/null || { echo '1..0 # SKIP valgrind is not installed (make deps)' && exit 0; }
run=$work/run

# Of children that become other programs it says nothing.
watched() {
    valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect,possible \
        --errors-for-leak-kinds=definite,indirect,possible --child-silent-after-fork=yes \
        --suppressions=tests/valgrind.supp "$build/sentei" "$@"
}
# The controller ends by itself, with the study.
study_runs() {
    mkdir "$run" && mkfifo "$work/ready"
    cat >"$run/study.yaml" <<'END'
study: watched
objective: {metric: v, direction: maximize}
space: {x: {type: float, low: 0, high: 1}, n: {type: int, low: 1, high: 9}}
search: {sampler: tpe, pruner: median, seed: 1}
stop: {trials: 6}
trainer: {command: [sh, -c, "for i in 1 2 3; do echo sentei: step=$i v=$1; done", sh, "{x}"]}
END
    watched controller "$run" --until-done --ready-fd 3 3>"$work/ready" &
    controller=$!
    read -r _ <"$work/ready"
    watched worker "$run" && wait $controller
}
view() {
    test_that "$1" watched "$@"
}

test_that 'controller, worker' study_runs
view leaderboard "$run"
view show "$run" 3
view report "$run" -o "$work/report.html"
view plot history "$run" -o "$work/history.svg"
view simulate --replay "$run"
view check tests/studies/good/full.yaml
tap_end
