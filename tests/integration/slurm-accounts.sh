#!/bin/sh
# A Slurm that keeps accounts (slurmdbd over a MariaDB): what an account or a QOS
# does not allow is told, its limit on jobs makes the array smaller, and earlier
# jobs are counted by how they ended.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
. tests/cluster.sh
need_cluster "a Slurm with accounts" slurmdbd mariadbd
ACCOUNTS=yes cluster_start test-cluster-accounts || exit 1

# make_study NAME TRIALS TENTHS SLURM [held]: trials of so many tenths of a second.
make_study() { write_study "$1" "$2" "$(steps "$3" "${5:-}")" 'time: "00:10:00"' "mpi: none, $4"; }

# submit_two NAME: both its elements are at work.
submit_two() { submit "$1" && wait_for 60 ask "$1" "len(s['workers']) == 2 and s['reports'] == 10"; }

doctor_knows_it() { "$sentei" doctor --runs "$cluster" | grep 'accounting *accounting_storage/slurmdbd'; }

# refused NAME WORDS...: each is in what 'sentei submit' says.
refused() {
    name=$1
    shift
    ! "$sentei" submit "$cluster/$name.yaml" --runs "$runs" 2>"$work/said" || return 1
    cat "$work/said"
    for word in "$@"; do grep -qF "$word" "$work/said" || return 1; done
    test -z "$(squeue -h)"
}

explains_accounts() {
    make_study account 1 1 'account: shop'
    refused account 'slurm.account: not one you may use here' 'sacctmgr show associations'
}

explains_qos() {
    make_study qos 1 1 'qos: express'
    refused qos 'slurm.qos: not one you may use here' 'sacctmgr show associations'
}

# Of 40 elements the QOS takes 6 jobs: 5 and 1.
submits_what_is_allowed() {
    make_study many 8 2 'array: 40'
    sacctmgr -i modify qos normal set MaxSubmitJobsPerUser=6 || return 1
    "$sentei" submit "$cluster/many.yaml" --runs "$runs" >"$work/submitted" 2>"$work/said" || { cat "$work/said"; return 1; }
    cat "$work/submitted" "$work/said"
    grep -q '6 of 40 workers were submitted' "$work/said" &&
        wait_for 60 ask many "s['states']['complete'] == 8 == s['trials'] and s['state'] == 'finished'" &&
        wait_for 60 sh -c 'test -z "$(squeue -h)"' || show many
}

# Elements that wait for the QOS's limit on running jobs: status says for what. It asks
# Slurm every 10 s.
says_what_is_waited_for() { "$sentei" status "$runs/waits" | tee "$work/status" | grep -q 'you run as many jobs as the QOS allows'; }

tells_what_is_waited_for() {
    make_study waits 12 20 'array: 4' held
    sacctmgr -i modify qos normal set MaxJobsPerUser=1 && submit waits && wait_for 40 says_what_is_waited_for
    told=$?
    sacctmgr -i modify qos normal set MaxJobsPerUser=-1
    release waits
    test $told = 0 || { cat "$work/status"; show waits; } || return 1
    wait_for 90 ask waits "s['states']['complete'] == 12" && wait_for 30 has_left || show waits
}

earlier_jobs() { "$sentei" status "$runs/$1" | sed -n 's/^earlier jobs: //p' | tr ',' '\n' | sed 's/^ //' | sort | tr '\n' ' '; }
counts() { test "$(earlier_jobs "$1")" = "$2"; }

# One element is cancelled, the other does the rest.
counts_how_jobs_ended() {
    make_study ended 6 10 'array: 2' held
    submit_two ended && scancel "${job}_1" && release ended &&
        wait_for 60 ask ended "s['states']['complete'] == 6" && wait_for 60 has_left || show ended || return 1
    wait_for 30 counts ended '1 cancelled 1 completed ' || { earlier_jobs ended; sacct -X -D -P; return 1; }
}

lives_again() { scontrol show -o job "${job}_1" | grep -q 'JobState=RUNNING .* Restarts=1'; }

# An element that goes back into the queue and comes again has two lives.
counts_each_life() {
    make_study lives 12 20 'array: 2, signal: 60s' held
    submit_two lives && scancel -b -s USR1 "${job}_1" && wait_for 120 lives_again && release lives &&
        wait_for 120 ask lives "s['states']['complete'] == 12" && wait_for 60 has_left || show lives || return 1
    wait_for 30 counts lives '1 requeued 2 completed ' || { earlier_jobs lives; sacct -X -D -P; return 1; }
}

test_that "sentei doctor tells of it" doctor_knows_it
test_that "an account that is not yours" explains_accounts
test_that "a QOS that is not yours" explains_qos
test_that "a QOS's limit on jobs makes the array smaller" submits_what_is_allowed
test_that "earlier jobs are counted by how they ended" counts_how_jobs_ended
if whole; then
    test_that "a QOS's limit on what runs: status says what is waited for" tells_what_is_waited_for
    test_that "each life of a job counts" counts_each_life
fi
tap_end
