#!/bin/sh
# What a study costs on a Slurm, measured on the cluster of slurm/dev-cluster:
# trials a minute against an array with one task a trial, the wait for the first
# report, a worker's share of a trial, and 200 workers of an array of 2,000 with
# one controller. Prints "name value unit"; a few minutes, as root.
#
#     tests/bench/slurm.sh                 (make bench-slurm)
#     PARTS="rate overhead" tests/bench/slurm.sh     of: rate overhead storm
#
# Slurm looks for jobs to start as it does by default; where SCHEDULER says
# sched_min_interval=0,batch_sched_delay=0 a task each starts at once. RATE_TRIALS (120),
# OVERHEAD_TRIALS (60), STORM_TRIALS (2000), STORM_WORKERS (200).
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
. tests/cluster.sh
export SCHEDULER="${SCHEDULER:-default_queue_depth=100}"
CPUS=60 ELEMENTS=2000 cluster_start bench-cluster || exit 1

# make_study NAME TRIALS COMMAND SLURM: its file.
make_study() {
    write_study "$1" "$2" "[sh, -c, \"$3\"]" 'time: "00:20:00"' "mpi: none, requeue: false, $4"
}

now() { date +%s.%N; }
figure() { printf '%-44s %s\n' "$1" "$2"; }
# over EXPRESSION: with awk.
over() { awk "BEGIN { printf \"%.2f\", $1 }"; }
finished() { "$sentei" status "$runs/$1" --format json 2>/dev/null | grep -q '"state": "finished"'; }
ended() { test -z "$(squeue -h -j "$1" 2>/dev/null)"; }
# attempts NAME SQL: over the study's attempts.
attempts() { sqlite3 "$runs/$1/study.db" "SELECT $2 FROM attempt"; }

# Trials of a second, 4 at once.
rate() {
    trials=${RATE_TRIALS:-120}
    make_study rate $trials 'sleep 1; echo sentei: step=1 v=1' 'array: 4'
    began=$(now)
    submit rate >/dev/null && wait_for 500 finished rate && wait_for 60 ended "$job" || return 1
    pilot=$(over "60 * $trials / ($(attempts rate 'max(ended)') - $began)")
    first=$(over "$(attempts rate 'min(started)') - $began")
    report=$(over "$(sqlite3 "$runs/rate/study.db" "SELECT min(time) FROM (SELECT t.created + r.seconds AS time FROM report r JOIN trial t ON t.number = r.trial)") - $began")
    began=$(now)
    array=$(sbatch --parsable -o /dev/null --array=0-$((trials - 1))%4 --wrap "srun --mpi=none sh -c 'sleep 1'") || return 1
    wait_for 500 ended "$array" || return 1
    each=$(over "60 * $trials / ($(now) - $began)")
    figure slurm.trials.pilot "$pilot trials/min"
    figure slurm.trials.task_each "$each trials/min"
    figure slurm.trials.ratio "$(over "$pilot / $each") times"
    figure slurm.first_trial_began "$first s after sentei submit"
    figure slurm.first_report "$report s after sentei submit (the trial reports after 1 s)"
}

# The same steps by a loop in a batch script, and by a worker.
overhead() {
    trials=${OVERHEAD_TRIALS:-60}
    cat >"$cluster/loop.sh" <<END
#!/bin/sh
began=\$(date +%s.%N)
for i in \$(seq $trials); do
    srun --mpi=none --kill-on-bad-exit=1 --exact --input=none --nodes=1 --ntasks=1 --ntasks-per-node=1 --cpus-per-task=1 \\
        --gres=none sh -c 'echo sentei: step=1 v=1'
done
echo "\$began \$(date +%s.%N)" >"$cluster/loop"
END
    loop=$(sbatch --parsable -o /dev/null "$cluster/loop.sh") && wait_for 300 ended "$loop" || return 1
    read -r began over <"$cluster/loop"
    by_loop=$(over "1000 * ($over - $began) / $trials")
    make_study overhead $trials 'echo sentei: step=1 v=1' 'array: 1'
    submit overhead >/dev/null && wait_for 300 finished overhead && wait_for 60 ended "$job" || return 1
    by_worker=$(over "1000 * ($(attempts overhead 'max(ended) - min(started)')) / $trials")
    figure slurm.step.by_a_loop "$by_loop ms"
    figure slurm.step.by_the_worker "$by_worker ms"
    figure slurm.step.overhead "$(over "$by_worker - $by_loop") ms a trial"
}

# An array of 2,000 elements, 200 of them at once, trials that do nothing.
storm() {
    trials=${STORM_TRIALS:-2000}
    make_study storm $trials 'echo sentei: step=1 v=1' "array: 2000, at_once: ${STORM_WORKERS:-200}"
    sdiag --reset
    began=$(now)
    submit storm >/dev/null || return 1
    most=0 cost=
    until finished storm; do
        pid=$(sed -n 's/.*"pid": \([0-9]*\).*/\1/p' "$runs/storm/controller.json" 2>/dev/null)
        [ ! -e "/proc/${pid:-none}/stat" ] ||
            cost=$(awk -v tick="$(getconf CLK_TCK)" '{ printf "%.2f %.1f", ($14 + $15) / tick, $24 * 4 / 1024 }' "/proc/$pid/stat")
        workers=$(squeue -h -t RUNNING | wc -l)
        [ "$workers" -le $most ] || most=$workers
        test "$(over "($(now) - $began > 500)")" = 0.00 || return 1
        sleep 1
    done
    over=$(now)
    took=$(over "$over - $began")
    wait_for 120 ended "$job" || return 1
    gone=$(over "$(now) - $over")
    figure slurm.storm.workers "$most at once, of 2000"
    figure slurm.storm.trials "$trials in $took s"
    figure slurm.storm.all_jobs_gone "$gone s after the study's end"
    figure slurm.storm.controller_cpu "${cost% *} s"
    figure slurm.storm.controller_memory "${cost#* } MB"
    echo "RPCs that slurmctld answered (sdiag):"
    sdiag | sed -n '/by message type/,/by user/p' | sed -n 's/^\t\(REQUEST_[A-Z_]*\|MESSAGE_[A-Z_]*\) *( *[0-9]*) count:\([0-9]*\).*/\2 \1/p' | sort -rn | head -12
}

echo "$(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg), $SCHEDULER"
for part in ${PARTS:-rate overhead storm}; do
    $part || { echo "$part: failed" >&2; show "$part" >&2; exit 1; }
done
