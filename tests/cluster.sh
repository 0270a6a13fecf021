# cluster.sh: what tests on a Slurm share; read by '. tests/cluster.sh'
# after tap.sh. cluster_start brings up a Slurm of four nodes, which goes when the script ends.
#
#   $cluster  its folder; each node has a /tmp of its own, so all a job needs is here
#   $runs     where the run folders are           $sentei   the program
# shellcheck shell=sh disable=SC2034
# SPDX-License-Identifier: Apache-2.0
sentei=$build/sentei
PATH=$PATH:/usr/sbin:/sbin

# need_cluster WHAT [PROGRAM...]: ends the script, skipped, where no Slurm can be started, or
# one of these is not there.
need_cluster() {
    what=$1 why=
    shift
    unshare --mount --uts true 2>/dev/null || why='a node needs namespaces of its own: root'
    for program in slurmctld slurmd srun munged "$@"; do
        command -v "$program" >/dev/null || why="there is no $program (make deps-slurm)"
    done
    [ -n "$why" ] || return 0
    echo "ok 1 - $what # SKIP $why"
    echo "1..1"
    exit 0
}

# Whether all is to be tested ('make check-slurm') or what takes a minute or two.
whole() { [ "${SENTEI_TEST_SLURM:-}" = 1 ]; }

# cluster_start NAME: in $build/NAME.
cluster_start() {
    cluster=$build/$1
    runs=$cluster/runs
    trap 'slurm/dev-cluster/stop "$cluster" >&2; rm -rf "$work" "$cluster"' EXIT
    slurm/dev-cluster/start "$cluster" >&2 && . "$cluster/env"
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
    wait_until=$(($(date +%s) + $1))
    shift
    until "$@"; do
        test "$(date +%s)" -lt $wait_until || { echo "waited in vain: $*"; return 1; }
        sleep 0.2
    done
}

# ask RUN PYTHON: an expression over the study's summary 's'.
ask() {
    "$sentei" status "$runs/$1" --format json 2>/dev/null |
        python3 -c "import json, sys; s = json.load(sys.stdin); sys.exit(not ($2))" 2>/dev/null
}

# write_study NAME TRIALS COMMAND RESOURCES SLURM: $cluster/NAME.yaml, a study by random search; the
# last three are YAML, of RESOURCES and SLURM what stands between the braces.
write_study() {
    plain_study "$1" "$2" "$3" >"$cluster/$1.yaml"
    printf 'resources: {%s}\nslurm: {%s}\n' "$4" "$5" >>"$cluster/$1.yaml"
}

# steps N [held]: a command of so many steps of a tenth of a second; a held one stays at the fifth until
# its study is released, so that the study is met in the middle of its work however slow the machine is.
steps() {
    hold=
    [ -z "${2:-}" ] || hold='[ $i != 5 ] || until [ -e $SENTEI_RUN/go ]; do sleep 0.1; done; '
    printf '[sh, -c, "for i in $(seq %d); do sleep 0.1; echo sentei: step=$i v=$i; %sdone"]' "$1" "$hold"
}

# release NAME: its trials go on.
release() { touch "$runs/$1/go"; }

# submit NAME: the study $cluster/NAME.yaml; its job's id goes into $job.
submit() {
    "$sentei" submit "$cluster/$1.yaml" --runs "$runs" >"$work/submitted" || return 1
    cat "$work/submitted"
    job=$(sed -n 's/^job \([0-9]*\):.*/\1/p' "$work/submitted")
    test -n "$job"
}

has_left() { ! squeue -h -j "$job" 2>/dev/null | grep -q .; }

# complete NAME TRIALS SECONDS: all of them, and the jobs are gone.
complete() {
    wait_for "$3" ask "$1" "s['states']['complete'] == $2 == s['trials'] and s['state'] == 'finished'" &&
        wait_for 30 has_left && test ! -e "$runs/$1/controller.json"
}

# show NAME: for the log of a failure, of which the end is shown; fails.
show() {
    tail -n 5 "$runs/$1"/slurm/*.log "$runs/$1"/trials/*/log
    "$sentei" leaderboard "$runs/$1" --columns trial,state,attempts,reason
    "$sentei" status "$runs/$1"
    squeue
    return 1
}

# ranks RUN: the processes of its trials.
ranks() { grep -lz "^SENTEI_DIR=$runs/$1/" /proc/[0-9]*/environ 2>/dev/null | sed 's|/proc/\([0-9]*\)/.*|\1|'; }

# rank_of RUN NUMBER SCRIPT: the process that is this rank of one of its trials, by the name of
# what it runs; not srun, whose words are the same.
rank_of() {
    for process in $(ranks "$1"); do
        if grep -qz "^SLURM_PROCID=$2\$" "/proc/$process/environ" && grep -qz "/$3\$" "/proc/$process/cmdline" &&
            ! grep -qz srun "/proc/$process/cmdline"; then
            echo "$process"
            return
        fi
    done 2>/dev/null
}

# nothing_left: no process of a run of ours, no address of a controller, socket, open
# database or other temporary file, in the run folders and in what is /tmp on the nodes.
nothing_left() {
    ! echo "$runs/" | grep -lFf - /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null &&
        ! find "$runs" \( -name controller.json -o -name '*-wal' -o -name '*-shm' -o -name '*.new' -o -name '*.tmp*' -o \
            -name 'spool*' -o -path '*/slurm/back/*' -o -type s -o -type p \) | grep . &&
        ! find "$cluster"/tmp.* -mindepth 1 | grep .
}
