#!/bin/sh
# How a study gets to a real Slurm: its controller in a job of its own or in this
# shell, arrays over the site's limits, and what is left when it is stopped.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
. tests/cluster.sh
need_cluster "a study is submitted"
cluster_start test-cluster-submit || exit 1

# make_study NAME TRIALS TENTHS [SLURM [held]]: trials of so many tenths of a second.
make_study() { write_study "$1" "$2" "$(steps "$3" "${5:-}")" 'time: "00:10:00"' "array: 2, mpi: none, ${4:-}"; }

server() { sed -n 's/.*"pid": \([0-9]*\).*/\1/p' "$runs/$1/controller.json" 2>/dev/null; }

# Whether the controller of run $1 is a process of job $2.
serves_from() { grep -qz "^SLURM_JOB_ID=$2\$" "/proc/$(server "$1")/environ"; }

no_jobs() { test -z "$(squeue -h)"; }

# The first job is the controller's; the array waits until that has begun.
places_the_controller_in_a_job() {
    make_study placed 6 10 'controller_partition: high, controller_time: 5m' held
    "$sentei" submit "$cluster/placed.yaml" --runs "$runs" --controller job >"$work/submitted" || return 1
    jobs=$(sed -n 's/^jobs \([0-9,]*\):.*/\1/p' "$work/submitted")
    wait_for 60 ask placed "s['reports'] > 0" && serves_from placed "${jobs%,*}" &&
        test "$(squeue -h -j "${jobs%,*}" -o '%P %l %C')" = "high 5:00 1" || show placed || return 1
    "$sentei" status "$runs/placed" | grep -q "^ *${jobs%,*} *controller" || show placed || return 1
    release placed
    wait_for 60 ask placed "s['states']['complete'] == 6" && wait_for 90 no_jobs || show placed
}

# The controller's job is cancelled: a worker takes over.
outlives_the_controllers_job() {
    make_study orphaned 6 10 '' held
    "$sentei" submit "$cluster/orphaned.yaml" --runs "$runs" --controller job >"$work/submitted" || return 1
    first=$(sed -n 's/^jobs \([0-9]*\),.*/\1/p' "$work/submitted")
    wait_for 60 ask orphaned "s['reports'] > 5" && scancel "$first" && release orphaned || show orphaned || return 1
    wait_for 60 ask orphaned "s['states']['complete'] == 6" && wait_for 60 no_jobs || show orphaned
}

serves_from_this_shell() {
    make_study here 4 10 '' held
    "$sentei" submit "$cluster/here.yaml" --runs "$runs" --controller here >"$work/submitted" 2>"$work/said" &
    shell=$!
    wait_for 60 ask here "s['reports'] > 0" || { cat "$work/said"; show here; } || return 1
    test "$(sed -n 's/^PPid:\t//p' "/proc/$(server here)/status")" = $shell && release here && wait $shell || show here || return 1
    ask here "s['state'] == 'finished' and s['states']['complete'] == 4" && wait_for 60 no_jobs || show here
}

is_another() { test -n "$(server "$1")" && test "$(server "$1")" != "$2"; }

# Ctrl-C in that shell (a background job hears no SIGINT: SIGTERM).
hands_over_to_a_worker() {
    make_study left 6 10 '' held
    "$sentei" submit "$cluster/left.yaml" --runs "$runs" --controller here >"$work/submitted" 2>"$work/said" &
    shell=$!
    wait_for 60 ask left "s['reports'] > 5" || show left || return 1
    host=$(server left)
    kill $shell && wait $shell && grep -q 'a worker serves the study from now on' "$work/said" || show left || return 1
    wait_for 20 is_another left "$host" && release left && wait_for 60 ask left "s['states']['complete'] == 6" && wait_for 60 no_jobs || show left
}

by_hand() {
    make_study byhand 4 10
    first=$(SENTEI=$sentei sbatch --parsable -t 5 -o "$cluster/hand.log" slurm/controller.sbatch "$cluster/byhand.yaml" --runs "$runs") &&
        job=$(SENTEI=$sentei sbatch --parsable --dependency="after:$first" --array=0-1 -o "$cluster/hand-%a.log" \
            slurm/study.sbatch "$cluster/byhand.yaml" --runs "$runs") &&
        wait_for 60 ask byhand "s['states']['complete'] == 4" && wait_for 90 no_jobs || show byhand
}

# Rank 0 logs with the trial, the others apart; what it ran under is told.
logs_ranks_apart() {
    make_study ranks 2 3 'rank_logs: true'
    sed -i 's/^resources: {/resources: {nodes: 2, tasks_per_node: 2, /' "$cluster/ranks.yaml"
    "$sentei" submit "$cluster/ranks.yaml" --runs "$runs" >/dev/null &&
        wait_for 60 ask ranks "s['states']['complete'] == 2" && wait_for 60 no_jobs || show ranks || return 1
    for rank in 1 2 3; do
        grep -q '^sentei: step=3' "$runs/ranks/trials/00000/log.1.$rank" || return 1
    done
    test "$(grep -c '^sentei: step=3' "$runs/ranks/trials/00000/log")" = 1 &&
        "$sentei" status "$runs/ranks" | grep -q '^sentei [0-9.]*, commit [0-9a-f]\{8\}.*slurm.*MPI' ||
        { "$sentei" status "$runs/ranks"; cat "$runs/ranks/environment.json"; return 1; }
}

# MaxArraySize is 1001 here. The study is done long before all have begun.
splits_an_array() {
    make_study split 3 2
    "$sentei" submit "$cluster/split.yaml" --runs "$runs" --array 2500 >"$work/submitted" || return 1
    cat "$work/submitted"
    grep -q '^jobs [0-9]*,[0-9]*,[0-9]*: 2500 workers' "$work/submitted" &&
        test "$(sed -n 's/.*"array": "\(.*\)",*/\1/p' "$runs/split/slurm/jobs.json" | tr '\n' ' ')" = "0-1000 0-1000 0-497 " &&
        wait_for 60 ask split "s['states']['complete'] == 3 == s['trials'] and s['state'] == 'finished'" &&
        wait_for 120 no_jobs || show split
}

# What runs at once is dealt out to the first arrays; more would only wait.
deals_out_what_runs_at_once() {
    make_study dealt 2 2
    "$sentei" submit "$cluster/dealt.yaml" --runs "$runs" --array 2500 --at-once 3 >"$work/submitted" 2>"$work/said" || return 1
    cat "$work/submitted" "$work/said"
    grep -q '^job [0-9]*: 1001 workers, 3 at once' "$work/submitted" && grep -q '1001 of 2500 workers' "$work/said" &&
        wait_for 60 ask dealt "s['states']['complete'] == 2" && wait_for 60 no_jobs || show dealt
}

no_processes() { ! pgrep -f "$runs/$1"; }

# Stopped in the middle: jobs (also those that wait), processes, sockets,
# addresses, locks and temporary files are gone.
leaves_nothing() {
    make_study stopped 500 20
    sed -i 's/array: 2/array: 60/' "$cluster/stopped.yaml"
    "$sentei" submit "$cluster/stopped.yaml" --runs "$runs" >/dev/null &&
        wait_for 60 ask stopped "s['reports'] > 20" && "$sentei" stop "$runs/stopped" && wait_for 60 no_jobs || show stopped || return 1
    wait_for 10 no_processes stopped && test ! -e "$runs/stopped/controller.json" && test -z "$(find "$runs" -name '*.new' -o -name '*.tmp*' -o -name '*-wal' -o -name '*-shm' -o -name '*.lock')" &&
        test -z "$(find "$cluster"/tmp.* -mindepth 1 -not -type d)" || show stopped
}

test_that "--controller=job: the array starts after it" places_the_controller_in_a_job
test_that "--controller=here: this shell serves" serves_from_this_shell
test_that "an array over MaxArraySize becomes several" splits_an_array
test_that "sentei stop leaves nothing" leaves_nothing
if whole; then
    test_that "the controller's job is cancelled: a worker serves" outlives_the_controllers_job
    test_that "the shell is left: a worker serves" hands_over_to_a_worker
    test_that "by hand: sbatch slurm/controller.sbatch" by_hand
    test_that "rank_logs: a log for each rank" logs_ranks_apart
    test_that "--at-once holds for all of them" deals_out_what_runs_at_once
fi
tap_end
