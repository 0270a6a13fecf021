#!/bin/sh
# The Slurm of slurm/dev-cluster: it comes up, runs ranks over nodes, and goes
# without a trace.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
. tests/cluster.sh
need_cluster "the Slurm of slurm/dev-cluster"
cluster=$build/test-cluster
trap 'slurm/dev-cluster/stop "$cluster"; rm -rf "$work" "$cluster"' EXIT

comes_up() {
    slurm/dev-cluster/start "$cluster" && . "$cluster/env" && test "$(sinfo -h -o %D)" = 4
}

is_alone() {
    ! slurm/dev-cluster/start "$cluster" && sinfo -h
}

spans_nodes() {
    test "$(srun -N4 -n4 hostname | sort | tr '\n' ' ')" = "n1 n2 n3 n4 "
}

has_gpus() {
    test "$(srun --gres=gpu:2 sh -c 'echo $CUDA_VISIBLE_DEVICES')" = 0,1 && ! srun --gres=gpu:3 true
}

has_pmix() {
    srun -N2 -n4 --mpi=pmix sh -c 'echo $PMIX_RANK' >"$work/ranks" && test "$(sort "$work/ranks" | tr '\n' ' ')" = "0 1 2 3 "
}

doctor_knows_it() {
    "$build/sentei" doctor --runs "$cluster" >"$work/doctor" && grep -q 'arrays up to *1001' "$work/doctor" &&
        grep -q 'PMIx *pmix' "$work/doctor" && grep -q 'partition *low\*' "$work/doctor" &&
        grep -q 'GPUs *low: gpu:2' "$work/doctor" && grep -q 'locks *work' "$work/doctor" &&
        ! "$build/sentei" doctor --runs "$work/nowhere"
}

# What a job left running when the cluster is stopped goes with it.
leaves_nothing() {
    echo 'touch "$1"; exec sleep 3600' >"$cluster/job.sh"
    sbatch -o /dev/null --wrap "sh $cluster/job.sh $cluster/began" || return 1
    for _ in $(seq 100); do
        test -e "$cluster/began" && break
        sleep 0.1
    done
    namespaces=$(sed -n 's/.*\(mnt:.*\)/\1/p' "$cluster/pids")

    slurm/dev-cluster/stop "$cluster" || return 1
    ! ls -l /proc/[0-9]*/ns/mnt 2>/dev/null | grep -F "$namespaces" && ! sinfo -h
}

# Of a cluster that never came up, 'stop' ends nothing: not every process, nor those in a
# namespace that has got the number of a node's.
ends_nothing_else() {
    mkdir "$work/half"
    sleep 60 &
    other=$!
    unshare --mount sh -c 'touch "$1" && exec sleep 60' sh "$work/inside" &
    inside=$!
    await test -e "$work/inside" &&
        printf 'munged 999999 -\nslurmctld 999998 -\nn1 999997 %s\n' "$(readlink /proc/$inside/ns/mnt)" >"$work/half/pids" &&
        slurm/dev-cluster/stop "$work/half" && kill "$other" && kill "$inside" && test ! -e "$work/half/pids"
}

test_that "a cluster that did not come up is stopped, and nothing else" ends_nothing_else
test_that "four nodes come up" comes_up
test_that "a folder has one cluster" is_alone
test_that "a step spans nodes" spans_nodes
test_that "a node has two GPUs, pretended ones" has_gpus
test_that "steps are wired up by PMIx" has_pmix
test_that "sentei doctor tells what it allows" doctor_knows_it
test_that "a stopped cluster leaves no process" leaves_nothing
tap_end
