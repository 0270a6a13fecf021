#!/bin/sh
# What a cluster does to a study, in the middle of it: each time the study ends
# with all its trials, every acknowledged report is stored, and no trial
# repeats more than what it did since its last checkpoint.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
. tests/cluster.sh
need_cluster "faults of a Slurm"
cluster_start test-cluster-faults || exit 1
cp tests/integration/acknowledged.py "$cluster/"
tool="python3 $cluster/acknowledged.py"
every=5 # steps between checkpoints

# begin NAME TRIALS STEPS [SED]: submit a study of trials over two nodes, two
# elements that fill the cluster; wait until it is in the middle of its work.
begin() {
    write_study "$1" "$2" "[python3, $cluster/acknowledged.py, trial, \"$3\", \"$every\"]" \
        'nodes: 2, tasks_per_node: 2, time: "00:10:00"' 'array: 2, mpi: none, signal: 60s, extra: [--exclusive]'
    [ -z "${4:-}" ] || sed -i "$4" "$cluster/$1.yaml"
    submit "$1" && wait_for 60 ask "$1" "len(s['workers']) == 2 and s['reports'] >= 12" || show "$1"
}

# end NAME TRIALS SECONDS REPEATS: all is there; no trial was repeated from its
# checkpoint more often than that.
end() {
    complete "$1" "$2" "$3" && $tool check "$runs/$1" "$2" $((every * $4)) >"$work/said" || { cat "$work/said"; show "$1"; return 1; }
    sed "s/^/# $1: /" "$work/said" >>"$work/told"
}

nothing_queued() { test -z "$(squeue -h)"; }
controller() { sed -n 's/.*"pid": \([0-9]*\).*/\1/p' "$runs/$1/controller.json"; }
parent() { sed -n 's/^PPid:\t//p' "/proc/$1/status"; }

# The pilot with all it has started: the controller, a worker, its trial.
host() {
    begin host 6 40 || return 1
    $tool takeover "$runs/host" "$(parent "$(controller host)")" >"$work/took" || { cat "$work/took"; show host; return 1; }
    sed 's/^/# host: /' "$work/took" >>"$work/told"
    end host 6 90 1
}

# rank RUN NUMBER: the process that is this rank of one of its trials.
rank() {
    for process in $(ranks "$1"); do
        if grep -qz "^SLURM_PROCID=$2\$" "/proc/$process/environ" && grep -qz 'acknowledged.py$' "/proc/$process/cmdline" &&
            ! grep -qz srun "/proc/$process/cmdline"; then
            echo "$process"
            return
        fi
    done 2>/dev/null
}

killed_rank() {
    begin "rank-$1" 4 40 && kill -9 "$(rank "rank-$1" "$1")" && end "rank-$1" 4 90 1
}

# node NAME: with slurmd, all that it started and its share of the trial; Slurm
# notices after 20 s, takes the job back, and begins it anew.
lost_node() {
    begin "lost-$1" 3 300 && slurm/dev-cluster/daemon kill "$1" "$cluster" || return 1
    wait_for 60 sh -c "sinfo -h -n $1 -o %T | grep -q down" && slurm/dev-cluster/daemon start "$1" "$cluster" || return 1
    wait_for 60 sh -c "sinfo -h -n $1 -o %T | grep -q idle" || show "lost-$1" || return 1
    scontrol update jobid="$job" StartTime=now
    end "lost-$1" 3 120 1
}

# acknowledged NAME: how many reports were, so far.
acknowledged() { cat "$runs/$1"/trials/*/acknowledged | wc -l; }
has_acknowledged() { test "$(acknowledged "$1")" -gt "$2"; }

# slurmctld writes its state down every few seconds; a job that it has not
# written when it dies is forgotten, and killed.
is_written_down() {
    touch "$work/mark"
    scontrol update jobid="${job}_0" comment=written && scontrol update jobid="${job}_1" comment=written &&
        wait_for 20 sh -c "find '$cluster/state/job_state' -newer '$work/mark' | grep -q ."
}

no_slurmctld() {
    begin slurmctld 4 300 && is_written_down && slurm/dev-cluster/daemon kill slurmctld "$cluster" || return 1
    before=$(acknowledged slurmctld)
    wait_for 30 has_acknowledged slurmctld $((before + 10))
    went_on=$?
    slurm/dev-cluster/daemon start slurmctld "$cluster" && wait_for 30 scontrol ping && test $went_on = 0 &&
        end slurmctld 4 200 1
}

cancelled_element() {
    begin cancelled 5 40 && scancel "${job}_1" && end cancelled 5 90 1
}

back_into_the_queue() { squeue -h -r -j "$job" -o '%T %r' | grep -c '^PENDING BeginTime' | grep -qx "$1"; }

preempted() {
    begin preempted 6 50 && srun -p high -N4 --exclusive --mpi=none true || return 1
    wait_for 60 back_into_the_queue 2 || show preempted || return 1
    scontrol update jobid="$job" StartTime=now
    end preempted 6 120 1
}

has_come_back() { scontrol show -o job "$job" | grep -q 'JobState=RUNNING .* Restarts=1 '; }

# The other element serves the study, or takes over, and sees to it that the one that
# was preempted need not wait two minutes.
preempted_half() {
    begin half 4 300 || return 1
    srun -p high -N2 --exclusive --mpi=none true && wait_for 40 has_come_back || show half || return 1
    end half 4 200 1
}

# Slurm's signal or the clock, whichever comes first. Both elements are back before
# Slurm's two minutes: the one with the controller sees to the other, that one in its
# next life to it.
time_limit() {
    begin limit 2 700 's/00:10:00/00:02:00/' || return 1
    wait_for 110 ask limit "len(s['workers']) == 2 and all(w['attempt'] > 1 for w in s['workers'])" || show limit || return 1
    end limit 2 300 1
}

: >"$work/told"
faults='host rank preempted'
! whole || faults="$faults half alone node batch slurmctld cancelled limit"
for fault in ${FAULTS:-$faults}; do
    case $fault in
    host) test_that "the controller's host is killed: taken over in less than 10 s" host ;;
    rank) test_that "a rank is killed" killed_rank 3 ;;
    alone) test_that "rank 0 is killed" killed_rank 0 ;;
    node) test_that "a node is lost" lost_node n4 ;;
    batch) test_that "a node is lost that holds a pilot" lost_node n1 ;;
    slurmctld) test_that "slurmctld is killed and comes back" no_slurmctld ;;
    cancelled) test_that "an element is cancelled" cancelled_element ;;
    preempted) test_that "a higher partition takes all nodes" preempted ;;
    half) test_that "a higher partition takes half of the nodes" preempted_half ;;
    limit) test_that "the time limit" time_limit ;;
    esac
    scancel --user="$(id -un)" && wait_for 60 nothing_queued # what a failed one left is not the next one's
done
cat "$work/told"
test_that "no process, socket nor temporary file is left" nothing_left
tap_end
