#!/bin/sh
# What a person sees in a terminal, at 80 and at 200 columns: a run, the study on
# the whole screen with its keys, the leaderboard by a pager. In a tmux of its
# own. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
if ! command -v tmux >/dev/null; then
    echo "ok 1 - in a terminal # SKIP there is no tmux; 'make deps' installs it"
    echo "1..1"
    exit 0
fi
. tests/tap.sh
PATH=$build:$PATH
cd "$work" || exit 1
tmux() { command tmux -S "$work/socket" -f /dev/null "$@"; }
trap 'tmux kill-server 2>/dev/null; rm -rf "$work"' EXIT

# open NAME WIDTH HEIGHT COMMAND: a terminal called $at from here on, which runs
# that and then says how it ended.
open() {
    at=$1
    tmux new-session -d -s "$at" -x "$2" -y "$3" "export LANG=C.UTF-8 LESS=; unset PAGER; $4; echo \"ended: \$?\"; sleep 600"
}
press() { tmux send-keys -t "$at" "$@"; }
screen() { tmux capture-pane -p -t "$at"; }
shows() { screen | grep -q -- "$1"; }
hides() { ! shows "$1"; }

# Wait until the screen shows that, or does not; else tell what it showed.
sees() { await shows "$1" || { screen; return 1; }; }
loses() { await hides "$1" || { screen; return 1; }; }

# Of these trials the one at depth 3 ends when the test says so.
cat >trial.sh <<'END'
for step in 1 2 3 4; do echo "sentei: step=$step loss=$(($1 % 7 * 10 + 9 - step))"; done
test "$1" != 3 || until test -e go; do sleep 0.1; done
END
cat >seen.yaml <<END
study: seen
objective: {metric: loss, direction: minimize}
space: {model.depth: {type: int, low: 0, high: 29}}
search: {sampler: grid, pruner: none, seed: 1}
enqueue: [{model.depth: 6}]
stop: {gpu_hours: 9}
resources: {gpus_per_task: 1}
trainer: {command: [sh, trial.sh, "{model.depth}"]}
local: {workers: 2}
END
one_is_left() { board seen 'state["complete"] == 29 and state["running"] == 1'; }

open run 80 24 'sentei run seen.yaml'
test_that 'sentei run: the link to the page, with its key' sees '/#key='
test_that 'and how far it is' sees '29 complete, 1 running'
test_that 'all trials but one have ended' await one_is_left
kill -s KILL "$(python3 -c 'import json; print(json.load(open("runs/seen/controller.json"))["pid"])')"
under() { screen | tr '\n' ' ' | grep -q "$1.*$2"; }
test_that 'what is said meanwhile stays above that' await under 'the controller ended unexpectedly' '29 complete, 1 running'

open watch 80 24 'sentei watch seen'
test_that 'sentei watch: the study' sees '^seen: minimize loss; best 5'
test_that 'GPU-hours left' sees 'of 9 GPU-hours left'
test_that 'the best so far' sees '^best so far .*█'
test_that 'who is at which trial, with its curve' sees ' 1 \+4 .* 35 \+█▆▃▁'
test_that 'the leaderboard' sees '^\* *1 '
test_that 'what the keys do' sees '^1-[0-9]* of 30  q quit'
press s
test_that 's: another order' sees 'of 30 by -trial'
press / 'depth<5' Enter
test_that '/: only trials that match' sees '^1-5 of 5 by -trial where depth<5'
press / C-u 'dept<5' Enter
test_that 'a wrong expression is said' sees "no column 'dept'"
press / C-u Enter o C-u 'depth' Enter
test_that 'o: by any column' sees 'of 30 by depth'
press j j j Enter
test_that 'enter: a trial' sees '^  model.depth *3'
press Escape
test_that 'and back' sees 'of 30 by depth'
press '?'
test_that '?: all keys' sees 'quit; the study goes on'
press q
tmux resize-window -t "$at" -x 200 -y 50
test_that 'a resize: all of the rows' sees '^1-30 of 30 by depth'
press p
test_that 'p: nothing moves' sees '(still)'
touch go
ended() { board seen 'state["complete"] == 30'; }
await ended
test_that 'not even the end of a trial' shows ' 35 \+█▆▃▁'
press p
test_that 'and goes on' loses '█▆▃▁ *$'
press q
test_that 'q: the terminal as it was' sees '^ended: 0'

at=run
test_that 'the run ends with the leaderboard' sees '^ended: 0'

open board 200 20 'sentei leaderboard seen'
test_that 'a leaderboard longer than the terminal: by less' sees '^:$'
test_that 'from its beginning' sees '^seen: minimize loss'
press G
test_that 'to its end' sees '^    30 '
press q
test_that 'and back' sees '^ended: 0'
open whole 80 20 'sentei leaderboard seen --no-pager'
test_that '--no-pager: all at once' sees '^ended: 0'
open other 80 20 'PAGER="sed s/^/paged:/" sentei leaderboard seen'
test_that 'by $PAGER' sees '^paged:'
open none 80 20 'PAGER=no-such-pager sentei leaderboard seen'
test_that 'without one, all at once' sees '^ended: 0'
open showed 80 20 'PAGER="sed s/^/paged:/" sentei show seen 0'
test_that 'show, too' sees '^paged:'
open apart 80 8 'PAGER="sed s/^/paged:/" sentei diff seen 0 1'
test_that 'and diff' sees '^paged:'
open tall 80 60 'sentei leaderboard seen'
test_that 'a leaderboard that fits needs none' sees '^ended: 0'
tap_end
