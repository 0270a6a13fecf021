#!/bin/sh
# sentei run over programs of any kind: good ones and bad ones, interrupted,
# killed, resumed; the controller killed under it. Nothing here needs the
# trainer. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
PATH=$build:$PATH
command -v sentei >/dev/null || { echo "Bail out! $build/sentei is not built"; exit 1; }
group=
trap 'test -z "$group" || kill -s KILL -- "-$group" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1

# start STUDY [options]: 'sentei run' in its own process group, in $group.
start() {
    setsid sentei run "$@" >run.out 2>run.err &
    group=$!
}

# Its exit status, when it has ended.
finish() {
    wait "$group" 2>/dev/null
    status=$?
    group=
    cat run.out run.err
    return $status
}

# --- the examples ---------------------------------------------------------------
ln -s "$root/studies" studies
test_that 'a shell script is a trial' sentei run studies/any-program-shell.yaml
test_that 'every one of its trials is complete' board runs/any-program-shell 'state["complete"] == 12'
test_that 'a Python program is a trial' sentei run studies/any-program.yaml -j 2
test_that 'and some are pruned' board runs/any-program 'state["pruned"] > 0 and state["complete"] + state["pruned"] == 30'
test_that 'its parameters come by places' grep -q -- '--lr=.*--hidden [0-9]' runs/any-program/trials/00000/log

# --- trials that misbehave --------------------------------------------------------
cat >trial.sh <<'END'
echo "sentei: step=1 loss=2"
case $1 in
garbage) head -c 100000 /dev/urandom; echo; echo "sentei: step=x loss"; echo "sentei: step=2 loss=1" ;;
status) echo "out of luck" >&2; exit 3 ;;
killed) kill -9 $$ ;;
diverged) echo "sentei: step=2 loss=nan" ;;
twice) echo "sentei: step=1 loss=3"; echo "sentei: step=1 loss=2" ;;
good) echo "sentei: step=2 loss=0.5" ;;
esac
END
cat >bad.yaml <<'END'
study: bad
objective: {metric: loss, direction: minimize}
space: {kind: {type: categorical, choices: [garbage, status, killed, diverged, twice, good]}}
search: {sampler: grid, pruner: {type: none}}
trainer: {command: [sh, trial.sh, "{kind}"]}
retry: {attempts: 2}
END
test_that 'a study with bad trials comes to its end' sentei run bad.yaml -j 2
test_that 'all six were tried' board runs/bad 'len(rows) == 6'
kind() {
    board runs/bad "[r for r in rows if r['params']['kind'] == '$1'][0]$2"
}
test_that 'garbage between reports does no harm' kind garbage '["value"] == 1'
test_that 'exit 3 is a failure with the last line of its log' kind status '["reason"] == "exit status 3: out of luck"'
test_that 'and was tried twice' kind status '["attempts"] == 2'
test_that 'a killed trial says by which signal' kind killed '["reason"] == "killed by signal 9 (Killed)"'
test_that 'a NaN does not spoil what was reported before' kind diverged '["value"] == 2'
test_that 'the same step twice is harmless' kind twice '["reports"] == 1 and 1'
test_that 'the good one wins' board runs/bad 'rows[0]["params"]["kind"] == "good"'

sed 's/study: bad/study: silent/; s/sh, trial.sh/"true"/' bad.yaml >silent.yaml
fails() {
    "$@" >fails.out 2>&1
    status=$?
    cat fails.out
    test $status = 1
}
says() {
    cat fails.out
    grep -q "$1" fails.out
}
test_that 'trials that never report: exit 1' fails sentei run silent.yaml
test_that 'and the reason is said' says 'every trial failed'

cat >missing.yaml <<'END'
study: missing
objective: {metric: loss, direction: minimize}
space: {x: {type: float, low: 0, high: 1}}
trainer: {command: [no-such-program, "{x}"]}
stop: {trials: 200}
retry: {attempts: 1}
END
test_that 'a program that is missing: exit 1' fails sentei run missing.yaml
test_that 'it is named' says "cannot start 'no-such-program': No such file"
test_that 'so is the log' says 'runs/missing/trials/00'
test_that 'not all 200 trials were burnt' board runs/missing 'len(rows) < 50'

# As when the disk runs full: good trials, then one failure after the other.
cat >later.yaml <<'END'
study: later
objective: {metric: loss, direction: minimize}
space: {x: {type: float, low: 0, high: 1}}
search: {sampler: random, pruner: none}
trainer: {command: [sh, -c, 'echo "sentei: step=1 loss={x}"; test {trial} -lt 3 || { echo "no space"; exit 1; }']}
stop: {trials: 200}
retry: {attempts: 1}
END
test_that 'when trials begin to fail one after the other, a run stops' fails sentei run later.yaml -j 2
test_that 'with the reason' says 'one after the other; trial [0-9]*: exit status 1: no space'
test_that 'most of the 200 trials are left' board runs/later 'state["complete"] == 3 and len(rows) < 50'

# --- a slow study: interrupted, killed, resumed ----------------------------------
# All trials but the first two stay where they are from step 10 on, until there
# is a file 'go': what runs when it is interrupted does not depend on the clock.
cat >slow.py <<'END'
import os, signal, sys, time
stop = []
signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
path = os.path.join(os.environ["SENTEI_DIR"], "step")
step = int(open(path).read()) if os.path.exists(path) else 0
stays = int(os.environ["SENTEI_TRIAL"]) >= 2
while step < 20:
    step += 1
    time.sleep(0.05)
    with open(path + ".new", "w") as f:
        f.write(str(step))
    os.replace(path + ".new", path)
    print(f"sentei: step={step} loss={float(sys.argv[1]) + 1 / step!r}", flush=True)
    while stays and step >= 10 and not stop and not os.path.exists("go"):
        time.sleep(0.02)
    if stop:
        sys.exit(75)
END
cat >slow.yaml <<'END'
study: slow
objective: {metric: loss, direction: minimize}
space: {x: {type: float, low: 0, high: 1}}
search: {sampler: random, pruner: {type: none}, seed: 4}
trainer: {command: [python3, slow.py, "{x}"]}
stop: {trials: 8}
END
middle='state["complete"] == 2 and sum(r["state"] == "running" and (r["step"] or 0) >= 10 for r in rows) == 2'

start slow.yaml -j 2
test_that 'a run is in its middle' await board runs/slow "$middle"
test_that 'a second run of it is refused' fails sentei run slow.yaml
test_that 'with the word of who holds it' says 'this study runs already'
kill -s INT -- "-$group"
finish >fails.out 2>&1
status=$?
test_that 'Ctrl-C ends it with exit 1' test $status = 1
test_that 'and says how to go on' says "'sentei run slow.yaml' goes on"
test_that 'its running trials are paused' board runs/slow 'state["paused"] == 2 and state["running"] == 0'
steps=$(board runs/slow '{r["trial"]: r["step"] for r in rows if r["state"] == "paused"}')
reports=$(board runs/slow 'study["reports"]')
start slow.yaml -j 2
test_that 'the same command takes them up first' await board runs/slow "all(trial[n]['state'] in ('running', 'complete') for n in $steps)"
test_that 'from their checkpoints' board runs/slow "all(trial[n]['step'] >= s for n, s in $steps.items())"

test_that 'later it is in its middle' await board runs/slow "all(trial[n]['step'] > s for n, s in $steps.items())"
kill -s KILL -- "-$group"
finish >/dev/null 2>&1
test_that 'kill -9 of the group loses no report' board runs/slow "study['reports'] >= $reports"
reports=$(board runs/slow 'study["reports"]')
finished=$(board runs/slow '{r["trial"]: r["value"] for r in rows if r["state"] == "complete"}')
touch go
test_that 'and it goes on to the end' sentei run slow.yaml -j 2
test_that 'with 8 complete trials' board runs/slow 'state["complete"] == 8'
test_that 'finished ones kept' board runs/slow "all(trial[n]['value'] == v for n, v in $finished.items())"
test_that 'reports never fewer' board runs/slow "study['reports'] >= $reports"
# A trial reports each step once, however often it was started: 20 + resumed.
test_that 'no trial began again at its first step' board runs/slow 'all(r["step"] == 20 and r["reports"] <= 20 + 2 * (r["attempts"] - 1) for r in rows)'

# --- Ctrl-C twice, trials that do not want to end ----------------------------------
cat >stubborn.yaml <<'END'
study: stubborn
objective: {metric: loss, direction: minimize}
space: {x: {type: float, low: 0, high: 1}}
trainer: {command: [sh, -c, 'trap "" TERM; echo "sentei: step=1 loss={x}"; echo $$ >{folder}/pid; while :; do sleep 0.1; done']}
stop: {trials: 4}
END
start stubborn.yaml -j 2
test_that 'stubborn trials run' await test -s runs/stubborn/trials/00000/pid -a -s runs/stubborn/trials/00001/pid
kill -s INT -- "-$group"
test_that 'Ctrl-C is acknowledged' await grep -q 'again to kill' run.err
kill -s INT -- "-$group"
finish >fails.out 2>&1
test_that 'twice ends it' says 'stopped before the end'
gone() {
    for file in runs/stubborn/trials/*/pid; do
        ! kill -0 "$(cat "$file")" 2>/dev/null || return 1
    done
}
test_that 'and its trials' await gone

# --- the controller dies -----------------------------------------------------------
sed 's/study: slow/study: orphan/' slow.yaml >orphan.yaml
rm go
start orphan.yaml -j 2
test_that 'another run is in its middle' await board runs/orphan "$middle"
kill -9 "$(python3 -c 'import json; print(json.load(open("runs/orphan/controller.json"))["pid"])')"
touch go
test_that 'a killed controller is started again' finish
test_that 'it was said' grep -q 'controller ended unexpectedly' run.err
test_that 'every trial is complete with its first attempt' board runs/orphan 'state["complete"] == 8 and all(r["attempts"] == 1 and r["reports"] == 20 for r in rows)'

# --- the same seed and one worker, twice --------------------------------------------
outcome='sorted((r["trial"], r["state"], r["value"], r["step"], r["reports"], sorted(r["params"].items())) for r in rows)'
sed 's/study: any-program/study: same/; s/trials: 30/trials: 12/' studies/any-program.yaml >same.yaml
for n in 1 2; do
    test_that "one worker, time $n" sentei run same.yaml -j 1 --runs "same-$n"
done
first=$(board same-1/same "$outcome")
test_that 'the same trials, bit for bit' test -n "$first" -a "$first" = "$(board same-2/same "$outcome")"

tap_end
