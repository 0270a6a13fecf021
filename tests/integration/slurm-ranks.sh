#!/bin/sh
# Ranks of the trainer over nodes of a Slurm: how they find each other, and
# what becomes of them when one is lost.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
. tests/cluster.sh
need_cluster "ranks on a Slurm"
cluster_start test-cluster-ranks || exit 1
export OMPI_MCA_mpi_yield_when_idle=1 SLURM_PMIX_FENCE=ring # as a pilot has it
"$build/sentei-data" synth listings --rows 600 -o "$cluster/data" >/dev/null || exit 1
cat >"$cluster/train.yaml" <<END
data: $cluster/data
epochs: 5000
batch: {size: 64}
watchdog: 3s
model:
  image: {type: none}
  text: {type: bag, dimension: 8, buckets: 1024}
  fusion: {depth: 1}
END

# train TASKS-PER-NODE WORDS...: over two nodes.
train() {
    per_node=$1
    shift
    srun -w n1,n2 -N2 --ntasks-per-node="$per_node" --kill-on-bad-exit=1 "$build/sentei-train" --config "$cluster/train.yaml" "$@"
}

wired_up_by_pmix() {
    train 2 --set epochs=1 2>&1 | tee "$work/said" && grep -q '4 ranks on 2 nodes, wired up by PMIx' "$work/said" &&
        test "$(grep -c '^epoch 1/1' "$work/said")" = 1
}

refuses_strangers() {
    ! srun -N2 --ntasks-per-node=1 --mpi=none "$build/sentei-train" --config "$cluster/train.yaml" 2>"$work/said" &&
        cat "$work/said" && grep -q 'hint: srun --mpi=pmix' "$work/said"
}

# Its owner may have it start at once, when all its processes have ended.
trains_now() {
    ! squeue -h -j "$1" -o '%T %r' | grep -qx 'PENDING BeginTime' || scontrol update jobid="$1" StartTime=now
    grep -q '^epoch 1/1' "$cluster/twice.log"
}

# Only in its second life does the job train.
tells_of_its_earlier_life() {
    cat >"$cluster/twice.sh" <<END
#!/bin/sh
[ -n "\$SLURM_RESTART_COUNT" ] || { touch $cluster/began; exec sleep 600; }
srun --kill-on-bad-exit=1 $build/sentei-train --config $cluster/train.yaml --set epochs=1
END
    job=$(sbatch --parsable --requeue -N2 --ntasks-per-node=1 -o "$cluster/twice.log" --open-mode=append "$cluster/twice.sh") &&
        wait_for 30 test -e "$cluster/began" && scontrol requeue "$job" && wait_for 60 trains_now "$job"
    told=$?
    scontrol show -o job "$job" && cat "$cluster/twice.log"
    test $told = 0 && grep -q 'put back into the queue, 1 time by now' "$cluster/twice.log"
}

# rank NUMBER: its process.
rank() {
    for process in $(grep -lz "^SLURM_PROCID=$1\$" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3); do
        if grep -qzFx "$cluster/train.yaml" "/proc/$process/cmdline" && readlink "/proc/$process/exe" | grep -q sentei-train; then
            echo "$process"
            return
        fi
    done 2>/dev/null
}

has_trained() { grep -q '^epoch 3/' "$work/said"; }
has_ended() { ! kill -0 "$training" 2>/dev/null; }
has_no_rank() { test -z "$(rank 0)$(rank 1)"; }

by_itself() { wait_for 30 has_ended; }

# srun waits for a lost node for as long as Slurm does: the ranks have ended before, and
# the worker then ends srun, like this.
by_the_worker() { wait_for 30 has_no_rank && pkill -P "$training" -x srun && wait_for 30 has_ended; }

abandon() {
    pkill -KILL -P "$training" -x srun
    cat "$work/said"
    return 1
}

# loses TASKS-PER-NODE MESSAGE END COMMAND...: the training ends that way soon
# after the command, with this message and no other.
loses() {
    per_node=$1 message=$2 end=$3
    shift 3
    rm -rf "$cluster/folder"
    : >"$work/said"
    train "$per_node" --folder "$cluster/folder" >"$work/said" 2>&1 &
    training=$!
    await has_trained && "$@" || abandon || return 1
    lost=$(date +%s.%N)
    "$end" || abandon || return 1
    ! wait "$training" && grep -v '^epoch' "$work/said"
    echo "$lost $(date +%s.%N)" | awk -v what="$message" '{ printf "# %s: ended %.1f s after\n", what, $2 - $1 }' >>"$work/told"
    test "$(grep -c '^sentei-train: warning' "$work/said")" = 1 && grep -q "warning: $message" "$work/said"
}

kills() { kill -s "$1" "$(rank "$2")"; }

# After all that was lost before it.
goes_on() {
    wait_for 60 sh -c 'test "$(sinfo -h -p low -t idle -o %D)" = 4' || return 1
    last=$(grep -c '^epoch' "$work/said")
    train 1 --folder "$cluster/folder" --set "epochs=$((last + 3))" >"$work/again" 2>&1
    cat "$work/again"
    first=$(sed -n 's|^epoch \([0-9]*\)/.*|\1|p' "$work/again" | head -n 1)
    test -n "$first" && test "$first" -ge "$last"
}

: >"$work/told"
test_that "ranks over nodes are wired up by PMIx" wired_up_by_pmix
test_that "ranks that are not wired up are refused" refuses_strangers
test_that "ranks of a job that was put back tell so" tells_of_its_earlier_life
test_that "the only rank of a node is killed" loses 1 'rank 1 on n2 has died' by_itself kills KILL 1
test_that "rank 0 is killed" loses 1 'rank 0 on n1 has died' by_itself kills KILL 0
test_that "a rank is stopped" loses 2 'rank 3 on n2 has not been heard of for 3 s' by_itself kills STOP 3
test_that "a node is lost" loses 1 'rank 1 on n2 has died' by_the_worker slurm/dev-cluster/daemon kill n2 "$cluster"
slurm/dev-cluster/daemon start n2 "$cluster" >&2
test_that "the training goes on from its checkpoint" goes_on
cat "$work/told"
tap_end
