#!/bin/sh
# What others on the cluster cannot do: write into a run, read its secrets from
# process lists or logs, have a shell execute a study's values, hold a
# controller's connections. docs/security.md says what this is part of. TAP.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
PATH=$build:$PATH
cd "$work" || exit 1

# A trial that looks at what it was started with: the secret must be in no
# command line and not in its environment, a value is one word as it stands.
cat >trial.sh <<'END_OF_TRIAL'
grep -qf "$SENTEI_TOKEN_FILE" /proc/[0-9]*/cmdline /proc/self/environ 2>/dev/null && exit 1
test "$1" = '$(touch pwned); `touch pwned` "; touch pwned #' || exit 1
echo 'sentei: step=1 v=1'
END_OF_TRIAL
cat >guarded.yaml <<'END_OF_STUDY'
study: guarded
objective: {metric: v, direction: maximize}
space: {word: {type: categorical, choices: ['$(touch pwned); `touch pwned` "; touch pwned #']}}
search: {sampler: grid, pruner: none}
stop: {trials: 1}
trainer: {command: [sh, trial.sh, '{word}']}
END_OF_STUDY

run=$work/runs/guarded
run_openly() {
    (umask 0 && sentei run guarded.yaml --no-progress 2>run.err) && board "$run" 'state["complete"] == 1'
}
nobody_else_may_write() {
    test -d "$run/trials/00000" && test -z "$(find "$work/runs" -perm /022 ! -type l)"
}
secrets_are_private() {
    test "$(stat -c %a "$run/token" "$run/token.read" | sort -u)" = 600
}
# The link with the key is for a person's eyes: a log gets the file's name.
shows_the_key_to_a_terminal_alone() {
    grep -q "live at http://.*/ (its key is in $run/token.read)" run.err && ! grep -qFf "$run/token.read" run.err &&
        python3 -c 'import pty; pty.spawn(["sentei", "run", "guarded.yaml", "--no-progress"])' >seen </dev/null &&
        grep -qF "/#key=$(cat "$run/token.read")" seen
}
# The file names of these two are their own.
no_secret_elsewhere() {
    for secret in "$run/token" "$run/token.read"; do
        grep -rlFf "$secret" "$run" | grep -v '/token\(.read\)\?$' && return 1
    done
    return 0
}
# with_controller RUN OPTION COMMAND...: while it is served.
with_controller() {
    served=$1 option=$2
    shift 2
    test -p ready || mkfifo ready
    sentei controller "$served" "$option" --ready-fd 3 3>ready &
    pid=$!
    read -r _ <ready
    "$@"
    status=$?
    kill "$pid" && wait "$pid"
    return $status
}
shuts_strangers_out() {
    with_controller "$run" --rate=10000 python3 "$root/tests/integration/controller.py" "$run" strangers
}
says_when_to_come_back() {
    with_controller "$run" --rate=2 python3 "$root/tests/integration/controller.py" "$run" hasty
}
# Its worker calls more often than once a second, waits when told so, and loses nothing.
loses_nothing_of_the_hasty() {
    mkdir runs/hasty && sed 's/trials: 1/trials: 3/; s/^study: .*/study: hasty/; s/, trial.sh, .*/, -c, "for i in 1 2 3; do echo sentei: step=$i v=$i; done"]}/
        s/choices: .*/choices: [a, b, c]}}/' guarded.yaml >runs/hasty/study.yaml
    with_controller runs/hasty --rate=1 env SENTEI_TRACE=http sentei worker runs/hasty 2>worker.err || return 1
    grep -q ' -> 429 ' worker.err && board runs/hasty 'state["complete"] == 3 and all(r["reports"] == 3 for r in rows)'
}
a_view_waits() {
    with_controller "$run" --rate=1 env SENTEI_TRACE=http sentei show "$run" 0 >out 2>view.err || return 1
    cat view.err
    grep -q ' -> 429 ' view.err && grep -q complete out
}
is_no_link() {
    mv "$run/token" elsewhere && ln -s "$work/elsewhere" "$run/token"
    sentei controller "$run" 2>err && return 1
    grep -q "cannot open the secret" err
}

test_that 'a study runs under umask 0' run_openly
test_that 'nobody else may write into its run folder' nobody_else_may_write
test_that 'the secrets are for their owner alone' secrets_are_private
test_that 'the key of the page is shown to a terminal, not to a log' shows_the_key_to_a_terminal_alone
test_that 'they are in no other file of the run' no_secret_elsewhere
test_that 'no value was executed' test ! -e pwned -a ! -e "$run/trials/00000/pwned"
test_that 'who shows no token is shut out, slow or silent' shuts_strangers_out
test_that 'who calls too often is told when to come back' says_when_to_come_back
test_that 'and comes back: nothing is lost' loses_nothing_of_the_hasty
test_that 'so does a view' a_view_waits
test_that 'a secret that is a link is refused' is_no_link
tap_end
