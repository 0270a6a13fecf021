#!/bin/sh
# What a cluster does to a study, in the middle of it: each time the study ends
# with all its trials, every acknowledged report is stored, and no trial
# repeats more than what it did since its last checkpoint. What a fault waits for
# takes Slurm most of the time, so those that leave each other's nodes alone
# happen at the same time, each to a study of its own.
#
#   FAULTS="host limit" tests/integration/slurm-faults.sh     these only
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
. tests/cluster.sh
need_cluster "faults of a Slurm"
CPUS=10 LOST=8 cluster_start test-cluster-faults || exit 1
cp tests/integration/acknowledged.py "$cluster/"
tool="python3 $cluster/acknowledged.py"
every=5 # steps between checkpoints
told=$work/told

# begin NAME TRIALS STEPS [SED]: submit a study of trials over two nodes, two
# elements; wait until it is in the middle of its work, where it stays until 'release' or 'end'.
begin() {
    write_study "$1" "$2" "[python3, $cluster/acknowledged.py, trial, \"$3\", \"$every\"]" \
        'nodes: 2, tasks_per_node: 2, time: "00:10:00"' "array: 2, mpi: none, signal: 60s, $share"
    [ -z "${4:-}" ] || sed -i "$4" "$cluster/$1.yaml"
    submit "$1" && wait_for 60 ask "$1" "len(s['workers']) == 2 and s['reports'] == 2 * (2 * $every - 1)" || show "$1"
}

# end NAME TRIALS SECONDS AGAIN: all is there; so many trials at least were hit and begun again, and
# none repeated more than what it did since its last checkpoint.
end() {
    release "$1" && complete "$1" "$2" "$3" && $tool check "$runs/$1" "$2" $(($2 + $4)) $every >"$work/said" || { cat "$work/said"; show "$1"; return 1; }
    sed "s/^/# $1: /" "$work/said" >>"$told"
}

nothing_queued() { test -z "$(squeue -h)"; }
controller() { sed -n 's/.*"pid": \([0-9]*\).*/\1/p' "$runs/$1/controller.json"; }
parent() { sed -n 's/^PPid:\t//p' "/proc/$1/status"; }

# The pilot with all it has started: the controller, a worker, its trial.
host() {
    begin host 6 40 && release host || return 1
    $tool takeover "$runs/host" "$(parent "$(controller host)")" >"$work/took" || { cat "$work/took"; show host; return 1; }
    sed 's/^/# host: /' "$work/took" >>"$told"
    end host 6 90 1
}

kills_rank() { kill -9 "$(rank_of "rank-$1" "$1" acknowledged.py)"; }

killed_rank() { begin "rank-$1" 4 20 && kills_rank "$1" && end "rank-$1" 4 90 1; }
rank() { killed_rank 3; }
leader() { killed_rank 0; }

# lost_node NAME: with slurmd, all that it started and its share of the trial; Slurm
# notices (LOST), takes the job back, and begins it anew.
lost_node() {
    begin "lost-$1" 2 40 && slurm/dev-cluster/daemon kill "$1" "$cluster" || return 1
    wait_for 60 sh -c "sinfo -h -n $1 -o %T | grep -q down" && slurm/dev-cluster/daemon start "$1" "$cluster" || return 1
    wait_for 60 sh -c "sinfo -h -n $1 -o %T | grep -q idle" || show "lost-$1" || return 1
    scontrol update jobid="$job" StartTime=now
    end "lost-$1" 2 120 1
}
node() { lost_node n4; }
batch() { lost_node n1; }

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

slurmctld() {
    begin slurmctld 3 50 && is_written_down && slurm/dev-cluster/daemon kill slurmctld "$cluster" && release slurmctld || return 1
    before=$(acknowledged slurmctld)
    wait_for 30 has_acknowledged slurmctld $((before + 10))
    went_on=$?
    slurm/dev-cluster/daemon start slurmctld "$cluster" && wait_for 30 scontrol ping && test $went_on = 0 &&
        end slurmctld 3 200 0
}

cancelled() {
    begin cancelled 4 20 && scancel "${job}_1" && end cancelled 4 90 1
}

back_into_the_queue() { squeue -h -r -j "$job" -o '%T %r' | grep -c '^PENDING BeginTime' | grep -qx "$1"; }

preempted() {
    begin preempted 6 20 && srun -p high -N4 --exclusive --mpi=none true || return 1
    wait_for 60 back_into_the_queue 2 || show preempted || return 1
    scontrol update jobid="$job" StartTime=now
    end preempted 6 120 2
}

# Whether the job, or that element of it, runs again.
has_come_back() { scontrol show -o job "$job${1:+_$1}" | grep -q 'JobState=RUNNING .* Restarts=[1-9]'; }

# The other element serves the study, or takes over, and sees to it that the one that
# was preempted need not wait two minutes.
half() {
    begin half 4 40 || return 1
    srun -p high -N2 --exclusive --mpi=none true && wait_for 40 has_come_back || show half || return 1
    end half 4 200 1
}

# Slurm's signal or the clock, whichever comes first. Both elements are back before
# Slurm's two minutes: the one with the controller sees to the other, that one in its
# next life to it.
both_came_back() {
    for element in 0 1; do
        [ -e "$work/back.$element" ] || { has_come_back $element && : >"$work/back.$element"; }
    done
    [ -e "$work/back.0" ] && [ -e "$work/back.1" ]
}
limit() {
    begin limit 2 40 's/00:10:00/00:01:00/; s/signal: 60s/signal: 45s/' || return 1
    wait_for 110 both_came_back || show limit || return 1
    end limit 2 300 2
}

title() {
    case $1 in
    host) echo "the controller's host is killed: taken over in less than 10 s" ;;
    rank) echo "a rank is killed" ;;
    leader) echo "rank 0 is killed" ;;
    node) echo "a node is lost" ;;
    batch) echo "a node is lost that holds a pilot" ;;
    slurmctld) echo "slurmctld is killed and comes back" ;;
    cancelled) echo "an element is cancelled" ;;
    preempted) echo "a higher partition takes all nodes" ;;
    half) echo "a higher partition takes half of the nodes" ;;
    limit) echo "the time limit" ;;
    esac
}

# What a fault that began as process $1 has come to; it said so in file $2.
came_to() {
    wait "$1"
    set -- $? "$2"
    cat "$2"
    return "$1"
}

# together FAULT...: at the same time.
together() {
    begun=
    for fault; do
        case " ${FAULTS:-$*} " in *" $fault "*) ;; *) continue ;; esac
        mkdir "$work/$fault"
        (work=$work/$fault && "$fault") >"$work/$fault.said" 2>&1 &
        begun="$begun $fault:$!"
    done
    for fault in $begun; do
        test_that "$(title "${fault%:*}")" came_to "${fault#*:}" "$work/${fault%:*}.said"
    done
    scancel --user="$(id -un)" && wait_for 60 nothing_queued # what a failed one left is not the next one's
}

: >"$told"
share=
# shellcheck disable=SC2046
together host rank cancelled limit $(! whole || echo leader)
share='extra: [--exclusive]' # two elements fill the cluster
for fault in slurmctld node preempted $(! whole || echo batch half); do
    together "$fault"
done
cat "$told"
test_that "no process, socket nor temporary file is left" nothing_left
tap_end
