#!/bin/sh
# 200 workers of an array of 2,000 with one controller: Slurm is asked a few things for each
# worker and each trial, and nothing over and over. By the benchmark, whose other parts are
# run in small: it prints what it measured, which nothing is asked of.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
. tests/cluster.sh
need_cluster "200 workers"
trials=400 workers=200

# What else is tested meanwhile comes first.
measures() {
    RATE_TRIALS=8 OVERHEAD_TRIALS=10 STORM_TRIALS=$trials STORM_WORKERS=$workers nice -n 10 tests/bench/slurm.sh >"$work/figures" 2>"$work/said" &&
        test "$(grep -c '^slurm\.' "$work/figures")" = 13 || { cat "$work/figures" "$work/said"; return 1; }
}

# A slow machine may have done all trials before the last ones have begun.
many_were_there() { test "$(sed -n 's/^slurm.storm.workers *\([0-9]*\) .*/\1/p' "$work/figures")" -ge $((workers / 2)); }

# calls PATTERN: how many of these slurmctld has answered. REQUEST_JOB_INFO are the benchmark's own.
calls() { awk -v pattern="^($1)\$" '$2 ~ pattern { n += $1 } END { print n + 0 }' "$work/figures"; }

# srun makes three for each step; a worker one or two of each kind when it begins and ends. Twice
# as many, for what a busy machine has them try again.
are_few() {
    of_steps=$(calls 'REQUEST_JOB_STEP_CREATE|REQUEST_STEP_COMPLETE|REQUEST_HET_JOB_ALLOC_INFO')
    others=$(calls '(REQUEST|MESSAGE)_.*')
    others=$((others - of_steps - $(calls 'REQUEST_JOB_INFO')))
    echo "of steps: $of_steps, others: $others"
    test $of_steps -ge $trials && test $of_steps -le $((2 * 3 * trials)) && test $others -le $((2 * 11 * workers))
}

test_that "what a study costs is measured" measures
test_that "they are at work at once" many_were_there
test_that "Slurm is asked a few things for each, and no more" are_few
sed 's/^/# /' "$work/figures"
tap_end
