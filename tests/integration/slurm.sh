#!/bin/sh
# Studies on a real Slurm of four nodes: submitted, refused, put back into the
# queue, stopped. What a cluster does to them: slurm-faults.sh.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
. tests/cluster.sh
need_cluster "studies on a Slurm"
cluster_start test-cluster-studies || exit 1

# A trial of so many tenths of a second; SIGTERM makes it stop with its step
# written down: 'slow' a second later where the controller is another element's,
# 'deaf' not at all. 'held': it stays at its fifth step until its study is released.
# Each rank leaves its mark.
cat >"$cluster/trial.sh" <<'END'
#!/bin/sh
step=$(cat "$SENTEI_DIR/step" 2>/dev/null || echo 0)
[ "$SLURM_PROCID" != 0 ] || echo "$step" >>"$SENTEI_DIR/begun"
echo "gpu ${CUDA_VISIBLE_DEVICES:-none}"
touch "$SENTEI_DIR/rank-$SLURM_PROCID-on-$SLURMD_NODENAME"
stop=
trap 'stop=yes' TERM
[ "${2:-}" != deaf ] || trap 'trap "" TERM; exec sleep 600' TERM
beside_the_controller() {
    pid=$(sed -n 's/.*"pid": \([0-9]*\).*/\1/p' "$SENTEI_RUN/controller.json") && grep -qz "^SLURM_JOB_ID=$SLURM_JOB_ID\$" "/proc/$pid/environ"
}
while [ "$step" -lt "$1" ]; do
    sleep 0.1
    held=
    [ "${2:-}" != held ] || [ "$step" != 5 ] || [ -e "$SENTEI_RUN/go" ] || held=yes
    [ -n "$held" ] || step=$((step + 1))
    if [ -z "$held" ] && [ "$SLURM_PROCID" = 0 ]; then
        echo $step >"$SENTEI_DIR/step.new" && mv "$SENTEI_DIR/step.new" "$SENTEI_DIR/step"
        echo "sentei: step=$step v=$step"
    fi
    [ -n "$stop" ] || continue
    [ "${2:-}" != slow ] || beside_the_controller || sleep 1
    exit 75
done
END

# make_study NAME TRIALS STEPS [HOW]: its file is $cluster/NAME.yaml.
make_study() {
    write_study "$1" "$2" "[sh, $cluster/trial.sh, \"$3\", ${4:-plain}]" 'nodes: 2, tasks_per_node: 2, time: "00:10:00"' \
        'array: 3, mpi: none, signal: 60s'
}

prints_the_script() {
    make_study dry 1 1
    "$sentei" submit "$cluster/dry.yaml" --runs "$runs" --dry-run >"$work/script" &&
        grep -q '^#SBATCH --nodes=2' "$work/script" && sh -n "$work/script" && test ! -e "$runs/dry" &&
        test -z "$(squeue -h)"
}

# refused KEY WORDS: a study with this key is not submitted, and told why.
refused() {
    sed "s/^slurm: {/slurm: {$1, /" "$cluster/bad.yaml" >"$cluster/refused.yaml"
    ! "$sentei" submit "$cluster/refused.yaml" --runs "$runs" 2>"$work/err" && cat "$work/err" &&
        grep -q "$2" "$work/err"
}

explains_refusals() {
    make_study bad 1 1
    refused 'partition: hgih' "did you mean 'high'" &&
        refused 'constraint: x' 'slurm.constraint: no node has this feature' &&
        refused 'extra: ["--nonsense"]' 'slurm.extra' &&
        refused 'extra: ["--gres=tpu:1"]' 'no GPUs that way' &&
        refused 'extra: ["--gres=gpu:9"]' 'no node has what the study asks for' &&
        refused 'extra: ["--mem=999999"]' 'resources.memory: no node has so much' &&
        refused 'nodelist: n9' 'slurm.nodelist' && refused 'reservation: x' 'slurm.reservation'
}

# A limit that sbatch does not look at: the job would wait for ever.
warns_of_what_never_starts() {
    make_study never 1 1
    sed -i 's/00:10:00/2-00:00:00/' "$cluster/never.yaml"
    "$sentei" submit "$cluster/never.yaml" --runs "$runs" 2>"$work/err" && cat "$work/err" &&
        grep -q 'starts never: ' "$work/err" &&
        "$sentei" stop "$runs/never" && wait_for 10 sh -c 'test -z "$(squeue -h)"'
}

# make_smoke NAME TRIALS: studies/slurm-smoke.yaml under that name.
make_smoke() {
    [ -e "$cluster/smoke" ] || "$build/sentei-data" synth listings -n 1200 -o "$cluster/smoke" || return 1
    sed "s|build/data/smoke|$cluster/smoke|; s/^study: .*/study: $1/; s/trials: 24/trials: $2/" studies/slurm-smoke.yaml >"$cluster/$1.yaml"
}

# all_trained NAME TRIALS: each by four ranks on two nodes, to its last epoch, at the first
# attempt, and judged; four at once.
all_trained() {
    complete "$1" "$2" 240 || show "$1" || return 1
    test "$(cat "$runs/$1"/trials/*/log | grep -c '4 ranks on 2 nodes, wired up by PMIx')" = "$2" || show "$1" || return 1
    at_once=$(sqlite3 "$runs/$1/study.db" 'SELECT max((SELECT count(*) FROM attempt b WHERE b.started <= a.started AND a.started < b.ended))
        FROM attempt a')
    echo "$at_once at once" && test "$at_once" = 4 || return 1
    "$sentei" leaderboard "$runs/$1" --top 0 --format json | python3 -c "
import json, sys
rows = json.load(sys.stdin)['rows']
wrong = [r for r in rows if not r['value'] or r['step'] != 2 or r['attempts'] != 1 or r['state'] != 'complete']
sys.exit(str(wrong) if wrong or len(rows) != $2 else 0)" || { grep -h . "$runs/$1"/slurm/*.log; show "$1"; }
}

trains_over_nodes() { make_smoke slurm-smoke 24 && submit slurm-smoke && all_trained slurm-smoke 24; }

has_ranks_on_both_nodes() {
    make_study ranks 2 2
    { submit ranks && complete ranks 2 60; } || show ranks || return 1
    for trial in 00000 00001; do
        test "$(ls "$runs/ranks/trials/$trial" | grep -c '^rank-[0-3]-on-')" = 4 || return 1
        test "$(ls "$runs/ranks/trials/$trial" | sed -n 's/^rank-.-on-//p' | sort -u | wc -l)" = 2 || return 1
    done
}

# The same without 'sentei submit', which is all that differs: 8 trials, two for each of the
# four elements.
by_hand() {
    make_smoke hand 8 || return 1
    job=$(SENTEI=$sentei OMPI_MCA_mpi_yield_when_idle=1 sbatch --parsable -N2 --ntasks-per-node=2 --array=0-3 \
        -o "$cluster/hand-%a.log" slurm/study.sbatch "$cluster/hand.yaml" --runs "$runs") || return 1
    all_trained hand 8
}

# The elements that live for the second time.
restarted() {
    scontrol show -o job "$job" | sed -n 's/.* ArrayTaskId=\([0-9]*\) .*JobState=RUNNING .* Restarts=1 .*/\1/p' | tr '\n' ' '
}
has_restarted() { restarted | grep -q "$1"; }

# Ahead of the time limit (the signal is sent by hand) an element goes back into
# the queue, alone, and works again in its next life, without Slurm's two minutes.
goes_back_into_the_queue() {
    make_study requeued 6 10 held
    { submit requeued && wait_for 60 ask requeued "len(s['workers']) == 3 and s['reports'] == 15"; } ||
        show requeued || return 1
    scancel -b -s USR1 "${job}_2" || return 1
    wait_for 60 has_restarted 2 && test "$(restarted)" = "2 " || show requeued || return 1
    wait_for 30 ask requeued "any('_2' in w['worker'] for w in s['workers'])" || show requeued || return 1
    release requeued
    complete requeued 6 120 || show requeued
}

# A rank and then a worker are killed by force: the step ends, nobody of it lives
# on, the trial goes on in a new attempt.
survives_killed_ranks() {
    make_study killed 3 10 held
    { submit killed && wait_for 60 ask killed "len(s['workers']) == 3 and s['reports'] == 15"; } || show killed || return 1
    kill -9 "$(rank_of killed 3 trial.sh)" || return 1
    wait_for 30 ask killed "any(w['attempt'] == 2 for w in s['workers'])" || show killed || return 1
    worker=$(ask killed "print(s['workers'][0]['worker'].split(':')[1]) or True" >"$work/pid"; cat "$work/pid")
    left=$(pgrep -P "$(pgrep -P "$worker")") # srun
    lease=$(tr '\0' '\n' <"/proc/$left/environ" | sed -n 's/^SENTEI_LEASE=//p')
    kill -9 "$worker" || return 1
    wait_for 10 sh -c "! grep -lqz '^SENTEI_LEASE=$lease' /proc/[0-9]*/environ 2>/dev/null" || show killed || return 1
    release killed
    complete killed 3 120 || show killed || return 1
    test -z "$(ranks killed)" || { ps -fp $(ranks killed); return 1; }
}

# The first rank to end says that the configuration is wrong, the others are killed
# by that, with a higher status: not tried again.
is_not_tried_again() {
    make_study wrong 1 1
    sed -i "s|^trainer: .*|trainer: {command: [sh, -c, 'test \$SLURM_PROCID != 0 \|\| { echo no key x; exit 2; }; exec sleep 60']}|" \
        "$cluster/wrong.yaml"
    { submit wrong && wait_for 60 ask wrong "s['states']['failed'] == 1" && wait_for 30 has_left; } || show wrong || return 1
    grep 'Terminated\|exit code' "$runs"/wrong/trials/00000/log
    "$sentei" leaderboard "$runs/wrong" --top 0 --columns trial,attempts,reason --format json | tee "$work/rows" | python3 -c "
import json, sys
row, = json.load(sys.stdin)['rows']
sys.exit(row['attempts'] != 1 or row['reason'] != 'exit status 2: no key x')" || { cat "$work/rows"; return 1; }
}

# Two trials in one allocation, at the same time, each with a GPU of its own.
shares_an_allocation() {
    make_study shared 4 10 held
    sed -e 's/^resources:.*/resources: {gpus_per_task: 1, memory: 100M}/' \
        -e 's/^slurm:.*/slurm: {array: 1, mpi: none, trials_at_once: 2}/' "$cluster/shared.yaml" >"$cluster/shared2.yaml"
    mv "$cluster/shared2.yaml" "$cluster/shared.yaml"
    { submit shared && wait_for 60 ask shared "len(s['workers']) == 2 and all(w['step'] for w in s['workers'])" && release shared &&
        complete shared 4 60; } || show shared || return 1
    test "$(cat "$runs"/shared/trials/*/log | grep '^gpu' | sort -u | tr '\n' ' ')" = "gpu 0 gpu 1 "
}

# A step is told to stop, and not the job: its element waits for what comes of that
# (a minute), but not when the others have meanwhile ended the study.
rests_no_longer_than_the_study() {
    make_study rested 3 10 held
    { submit rested && wait_for 60 ask rested "len(s['workers']) == 3 and s['reports'] == 15"; } || show rested || return 1
    scancel --signal=TERM "$(squeue -h -s -j "$job" -o '%i|%j' | sed -n 's/|.*trial-0*2\..*//p')" || return 1
    release rested
    { wait_for 60 ask rested "s['states']['complete'] == 3" && wait_for 30 has_left; } || show rested
}

# Without any signal: the clock tells that the time limit is near.
knows_the_time() {
    make_study timed 3 600
    sed -e 's/00:10:00/00:02:00/' -e 's/^slurm:.*/slurm: {array: 1, mpi: none, signal: 110s}/' "$cluster/timed.yaml" \
        >"$cluster/timed2.yaml"
    mv "$cluster/timed2.yaml" "$cluster/timed.yaml"
    submit timed && wait_for 60 sh -c "squeue -h -r -j $job -o '%T %r' | grep -q '^PENDING BeginTime'" || show timed || return 1
    "$sentei" status "$runs/timed" | grep -q 'put back into the queue' && "$sentei" stop "$runs/timed" && wait_for 30 has_left &&
        ask timed "s['states']['running'] == 0 and s['states']['failed'] == 0 and s['reports'] > 0" || show timed
}

# asked: how often slurmctld was asked about jobs so far.
asked() {
    sdiag | sed -n 's/^\tREQUEST_JOB[A-Z_]*INFO[A-Z_]* *( *[0-9]*) count:\([0-9]*\).*/\1/p' | awk '{ n += $1 } END { print n + 0 }'
}

# However often a person looks: one question in ten seconds, for all jobs of the study.
three_run() { "$sentei" status "$runs/looked" | grep -c "^ *${job}_[0-2] *worker *running" | grep -qx 3; }

looks_once() {
    make_study looked 3 600
    { submit looked && wait_for 60 three_run; } || show looked || return 1
    before=$(asked) began=$(date +%s)
    for _ in $(seq 30); do "$sentei" status "$runs/looked" >/dev/null; done
    took=$(($(date +%s) - began)) times=$(($(asked) - before))
    "$sentei" stop "$runs/looked" && wait_for 60 has_left || show looked || return 1
    echo "asked $times times in $took s"
    test $times -le $((1 + took / 10))
}

goes_on_after_a_stop() {
    make_study stopped 100 20
    { submit stopped && wait_for 60 ask stopped "s['reports'] >= 10"; } || show stopped || return 1
    "$sentei" stop "$runs/stopped" && wait_for 60 has_left || show stopped || return 1
    ask stopped "s['state'] == 'stopped' and s['states']['running'] == 0" && submit stopped &&
        wait_for 60 ask stopped "s['state'] == 'running' and len(s['workers']) > 0" &&
        "$sentei" stop "$runs/stopped" && wait_for 60 has_left || show stopped
}

# All that Slurm has of it is cancelled at once, in the middle of its trials. Those
# of other elements than the controller's take longer to stop: it stays for them,
# and no other takes over, only to be killed.
is_cancelled_whole() {
    make_study scancelled 100 600 slow
    sed -i 's/signal: 60s/environment: {SENTEI_TRACE: controller}, &/' "$cluster/scancelled.yaml"
    { submit scancelled && wait_for 60 ask scancelled "len(s['workers']) == 3 and s['reports'] >= 10"; } || show scancelled || return 1
    scancel "$job" && wait_for 60 has_left || show scancelled || return 1
    ask scancelled "s['states']['paused'] == 3 == s['trials']" || show scancelled || return 1
    test "$(cat "$runs"/scancelled/slurm/*.controller.log | grep -c 'serving at')" = 1 || show scancelled || return 1
    wait_for 10 nothing_left
}

# The same when a trial does not heed it and is killed with all of its element.
is_cancelled_by_force() {
    make_study forced 100 600 deaf
    { submit forced && wait_for 60 ask forced "len(s['workers']) == 3 and s['reports'] >= 10"; } || show forced || return 1
    scancel "$job" && wait_for 60 has_left || show forced || return 1
    ask forced "s['states']['failed'] == 0" && wait_for 10 nothing_left
}

test_that "--dry-run prints the script and does nothing" prints_the_script
test_that "a refusal says what to change" explains_refusals
test_that "what can never start is told at once" warns_of_what_never_starts
test_that "24 trials of the real trainer over two nodes each" trains_over_nodes
test_that "the same by hand: sbatch slurm/study.sbatch" by_hand
test_that "at the time limit an element goes back into the queue" goes_back_into_the_queue
test_that "a wrong configuration is not tried again" is_not_tried_again
test_that "trials share an allocation" shares_an_allocation
test_that "sentei stop ends the jobs, sentei submit goes on" goes_on_after_a_stop
test_that "scancel of all of it leaves nothing" is_cancelled_whole
if whole; then
    test_that "sentei status in a loop asks Slurm once in ten seconds" looks_once
    test_that "scancel of trials that do not heed it leaves nothing" is_cancelled_by_force
    test_that "the ranks of a trial are on both its nodes" has_ranks_on_both_nodes
    test_that "a rank and a worker are killed by force" survives_killed_ranks
    test_that "an element that rests ends with the study" rests_no_longer_than_the_study
    test_that "the clock tells that the time limit is near" knows_the_time
fi
test_that "no process, socket nor temporary file is left" nothing_left
tap_end
