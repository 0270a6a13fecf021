#!/bin/sh
# A Slurm that binds tasks to CPUs (task/affinity): each rank of a trial has its
# own, and so have trials that share an allocation, each with its share of the
# GPUs and the memory too.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
. tests/cluster.sh
need_cluster "ranks are bound to CPUs"
if [ "$(nproc)" -lt 2 ]; then
    echo "ok 1 - ranks are bound to CPUs # SKIP this machine has only one"
    echo "1..1"
    exit 0
fi
BIND=yes CPUS=2 cluster_start test-cluster-binding || exit 1

# make_study NAME TRIALS RESOURCES SLURM: each rank writes down which CPUs and GPUs it has
# and how much memory its step; a trial stays until there are as many as work at a time.
make_study() {
    write_study "$1" "$2" "[sh, $cluster/rank.sh, \"$2\"]" "$3, time: \"00:10:00\"" "mpi: none, array: 1, ${4:-}"
}
cat >"$cluster/rank.sh" <<'END_OF_RANK'
sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status >"$SENTEI_DIR/cpu.$SLURMD_NODENAME.$SLURM_PROCID"
echo "${CUDA_VISIBLE_DEVICES:-none}" >"$SENTEI_DIR/gpu.$SLURMD_NODENAME.$SLURM_PROCID"
scontrol show step "$SLURM_JOB_ID.$SLURM_STEP_ID" | sed -n 's/.*TRES=.*mem=\([^,]*\).*/\1/p' >"$SENTEI_DIR/memory.$SLURMD_NODENAME.$SLURM_PROCID"
for _ in $(seq 300); do
    test "$(ls -d "$SENTEI_DIR"/../*/cpu.* | sed 's|/cpu.*||' | sort -u | wc -l)" -lt "$1" || break
    sleep 0.1
done
[ "$SLURM_PROCID" != 0 ] || echo "sentei: step=1 v=1"
END_OF_RANK

# have RUN WHAT [NODE]: what the ranks (there) have, a line each.
have() { cat "$runs/$1"/trials/*/"$2".${3:-*}.* | sort; }
# have_two RUN WHAT [NODE]: two of them, one each.
have_two() {
    have "$@" | tr '\n' ' '
    test "$(have "$@" | sort -u | grep -c '^[0-9]*$')" = 2 && test "$(have "$@" | wc -l)" = 2
}
# where RANK: its node.
where() { ls "$runs"/ranks/trials/00000/cpu.*."$1" | sed 's/.*cpu\.\(.*\)\..*/\1/'; }

ranks_have_cpus() {
    make_study ranks 1 'nodes: 2, tasks_per_node: 2, cpus_per_task: 1'
    submit ranks && complete ranks 1 60 || show ranks || return 1
    test "$(where 0)" != "$(where 3)" && have_two ranks cpu "$(where 0)" && have_two ranks cpu "$(where 3)"
}

a_rank_has_several() {
    make_study wide 1 'tasks_per_node: 1, cpus_per_task: 2'
    submit wide && complete wide 1 60 || show wide || return 1
    have wide cpu | tee "$work/cpus" | grep -q '^[0-9]*[-,][0-9]*$' || { cat "$work/cpus"; return 1; }
}

trials_have_their_share() {
    make_study shared 2 'tasks_per_node: 1, cpus_per_task: 1, gpus_per_task: 1, memory: 100M' 'trials_at_once: 2'
    submit shared && complete shared 2 60 || show shared || return 1
    have_two shared cpu && have_two shared gpu && have shared memory && test "$(have shared memory | grep -cx 100M)" = 2
}

test_that "each rank of a node has a CPU of its own" ranks_have_cpus
test_that "a rank has as many as were asked for" a_rank_has_several
test_that "trials that share an allocation have CPUs, a GPU and memory of their own" trials_have_their_share
tap_end
