#!/bin/sh
# What one trial needs of this machine, without Slurm: several ranks by mpirun,
# interrupted, killed, resumed; and GPUs, shared by the workers (what trials are
# told to see: no GPU is needed for that). TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
PATH=$build:$PATH
command -v mpirun >/dev/null || { echo "1..0 # SKIP no mpirun"; exit 0; }
group=
trap 'test -z "$group" || kill -s KILL -- "-$group" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1

# --- the trainer on two ranks ------------------------------------------------------
sentei-data synth listings --rows 600 --seed 3 -o data >/dev/null || exit 1
sed 's/study: small/study: ranks/; s/trials: 12/trials: 2/; s/workers: 2/workers: 1/' "$root/tests/e2e/small.yaml" >ranks.yaml
echo 'resources: {tasks_per_node: 2}' >>ranks.yaml
test_that 'a study whose trials have two ranks' sentei run ranks.yaml
test_that 'is trained' board runs/ranks 'state["complete"] + state["pruned"] == 2'
test_that 'by two ranks' grep -q '2 ranks' runs/ranks/trials/00000/log

# --- any program: the ranks checkpoint when they are told to -------------------------
# Each rank goes on until it is told to stop, and then leaves its number.
cat >trial.py <<'END'
import os, signal, sys, time
rank = os.environ["OMPI_COMM_WORLD_RANK"]
mark = os.path.join(os.environ["SENTEI_DIR"], "stopped." + rank)
if os.path.exists(mark):
    sys.exit(0)
stop = []
signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
open(os.path.join(os.environ["SENTEI_DIR"], "pid." + rank), "w").write(str(os.getpid()))
if rank == "0":
    print("sentei: step=1 loss=1", flush=True)
while not stop:
    signal.sigtimedwait([], 0.05)
time.sleep(2)  # a checkpoint takes longer than mpirun would wait
open(mark, "w").close()
sys.exit(75)
END
cat >program.yaml <<'END'
study: program
objective: {metric: loss, direction: minimize}
space: {x: {type: float, low: 0, high: 1}}
search: {sampler: random, pruner: {type: none}}
trainer: {command: [python3, trial.py]}
resources: {tasks_per_node: 2}
stop: {trials: 1}
END
started() {
    test -s "$1/trials/00000/pid.0" && test -s "$1/trials/00000/pid.1"
}
setsid sentei run program.yaml >run.out 2>&1 &
group=$!
await started runs/program
kill -s INT $group
wait $group
group=
test_that 'upon Ctrl-C each rank may checkpoint' test -e runs/program/trials/00000/stopped.0 -a -e runs/program/trials/00000/stopped.1
test_that 'and the trial is paused' board runs/program 'state["paused"] == 1 and rows[0]["reason"] == ""'
test_that 'it goes on' sentei run program.yaml
test_that 'to its end' board runs/program 'state["complete"] == 1 and trial[0]["attempts"] == 2'

sed 's/study: program/study: killed/' program.yaml >killed.yaml
setsid sentei run killed.yaml >run.out 2>&1 &
group=$!
await started runs/killed
ranks="$(cat runs/killed/trials/00000/pid.0) $(cat runs/killed/trials/00000/pid.1)"
kill -s KILL -- "-$group"
wait $group 2>/dev/null
group=
gone() {
    for pid in $ranks; do
        kill -0 "$pid" 2>/dev/null && return 1
    done
    return 0
}
test_that 'no rank outlives a sentei that was killed' await gone

# --- GPUs ---------------------------------------------------------------------------
cat >gpus.yaml <<'END'
study: gpus
objective: {metric: loss, direction: minimize}
space: {x: {type: float, low: 0, high: 1}}
search: {sampler: random, pruner: {type: none}}
trainer: {command: [sh, -c, "echo GPUs $CUDA_VISIBLE_DEVICES; echo sentei: step=1 loss=1; until ls $SENTEI_RUN/trials/0000[01]/log | wc -l | grep -q 2; do sleep 0.1; done"]}
resources: {gpus_per_task: 2}
stop: {trials: 2}
local: {workers: 2}
END
test_that 'trials side by side' env CUDA_VISIBLE_DEVICES=4,GPU-5,6,7,8 sentei run gpus.yaml
test_that 'have two GPUs each' sh -c 'cat runs/gpus/trials/*/log | grep "^GPUs" | sort | tr "\n" " " | grep "^GPUs 4,GPU-5 GPUs 6,7 $"'
refused() {
    CUDA_VISIBLE_DEVICES=$1 sentei run gpus.yaml --runs other -j "$2" >refused 2>&1
    test $? = 2 && cat refused && test ! -e other && grep -q "$3" refused
}
test_that 'three want more than there are' refused 0,1,2,3,4 3 'hint: -j 2'
test_that 'one wants more than there are' refused 0 1 '1 at a time with 2 GPUs a trial: there are 1 here'
test_that 'where there is none it is said' sh -c 'CUDA_VISIBLE_DEVICES= sentei run gpus.yaml --runs none 2>&1 | grep "no GPU is seen"'
tap_end
