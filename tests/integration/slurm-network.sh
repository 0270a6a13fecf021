#!/bin/sh
# The network between a worker's node and the controller's is cut, on a Slurm whose nodes
# have a network each: for a while, which its trial outlives, and for longer than a lease.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
. tests/cluster.sh
need_cluster "a node that is cut off" ip
# The bridge between the nodes is in a network of ours, which it goes with.
[ -n "${SENTEI_OWN_NETWORK:-}" ] || exec env SENTEI_OWN_NETWORK=yes unshare --net "$0"
NETWORK=yes LOST=300 cluster_start test-cluster-network || exit 1
cp tests/integration/acknowledged.py "$cluster/"
tool="python3 $cluster/acknowledged.py"
every=5 # steps between checkpoints

# begin NAME TRIALS COMMAND: submit a study of two workers, on a node each; wait until both
# have reported; then its trials go on.
begin() {
    write_study "$1" "$2" "$3" 'time: "00:10:00"' 'array: 2, mpi: none, signal: 60s, extra: [--exclusive]'
    submit "$1" && wait_for 60 ask "$1" "len(s['workers']) == 2 and all(w['step'] for w in s['workers'])" && release "$1" || show "$1"
}

# away NAME PYTHON: of the worker 'w' that is not on the controller's node.
away() {
    host=$(sed -n 's/.*"host": "\([^"]*\)".*/\1/p' "$runs/$1/controller.json")
    "$sentei" status "$runs/$1" --format json |
        python3 -c "import json, sys; print(*($2 for w in json.load(sys.stdin)['workers'] if w['worker'].split(':')[0] != '$host'))"
}

# cut NAME: off goes the node of the worker that is not on the controller's.
cut() {
    node=$(away "$1" "w['worker'].split(':')[0]")
    trial=$(away "$1" "w['trial']")
    folder=$runs/$1/trials/$(printf %05d "$trial")
    slurm/dev-cluster/daemon cut "$node" "$cluster"
}
join() { slurm/dev-cluster/daemon join "$node" "$cluster"; }

steps=300
cat >"$cluster/steps.sh" <<'END'
for step in $(seq "$1"); do
    sleep 0.1
    echo "$step" >"$SENTEI_DIR/step"
    echo "sentei: step=$step v=$step"
    until [ "$step" != 5 ] || [ -e "$SENTEI_RUN/go" ]; do sleep 0.1; done
done
END

done_since_cut() { test "$(cat "$folder/step")" -ge $((at_cut + $1)); }

# Each step of each trial once, by one attempt.
all_stored() {
    said=$(sqlite3 "$runs/$1/study.db" 'SELECT count(*), count(DISTINCT trial * 1000 + step), max(attempt) FROM report')
    echo "$said"
    test "$said" = "$(($2 * steps))|$(($2 * steps))|1"
}

# Shorter than a lease: the trial goes on, its reports wait in the spool, and are stored when
# there is a way again.
outlives_a_cut() {
    begin cut 2 "[sh, $cluster/steps.sh, \"$steps\"]" && cut cut || return 1
    at_cut=$(cat "$folder/step")
    wait_for 25 test -s "$folder/spool.worker.jsonl" && done_since_cut 50
    went_on=$?
    ask cut "all(w['step'] <= $at_cut for w in s['workers'] if w['trial'] == $trial)"
    nothing_came=$?
    echo "cut off at step $at_cut, joined at $(cat "$folder/step"), $(wc -l <"$folder/spool.worker.jsonl") reports in the spool" >"$work/said"
    join && cat "$work/said" && test $went_on = 0 && test $nothing_came = 0 && complete cut 2 90 && all_stored cut 2 || show cut || return 1
    sed 's/^/# /' "$work/said" >>"$work/told"
}

# Longer than a lease: another worker goes on with the trial. The one that was cut off lives on
# and is refused when there is a way again; what it was told is stored.
is_refused_after_its_lease() {
    begin leased 3 "[python3, $cluster/acknowledged.py, trial, \"300\", \"$every\"]" && cut leased || return 1
    wait_for 90 ask leased "any(w['trial'] == $trial and w['attempt'] == 2 for w in s['workers'])"
    again=$?
    zombie=$(grep -lz "^SENTEI_DIR=$folder\$" /proc/[0-9]*/environ 2>/dev/null | xargs grep -lz '^SENTEI_ATTEMPT=1$' | wc -l)
    join && test $again = 0 && test "$zombie" -gt 0 && complete leased 3 120 &&
        $tool check "$runs/leased" 3 4 $((every + 1)) >"$work/said" && cat "$folder/log" && grep -q 'report refused: 409' "$folder/log" ||
        { cat "$work/said"; show leased; } || return 1
    sed 's/^/# /' "$work/said" >>"$work/told"
}

: >"$work/told"
test_that "a trial outlives a cut of its network" outlives_a_cut
if whole; then
    test_that "a trial that was cut off for longer than its lease is another's" is_refused_after_its_lease
fi
cat "$work/told"
test_that "no process, socket nor temporary file is left" nothing_left
tap_end
