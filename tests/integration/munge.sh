#!/bin/sh
# A study that lets its owner's MUNGE credentials in, in place of a token: with a
# munged of its own. TAP.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh
PATH=$build:$PATH:/usr/sbin
for program in munged mungekey munge; do
    command -v $program >/dev/null || { echo "1..0 # SKIP $program is not installed (make deps-slurm)" && exit 0; }
done
socket=$work/munge/socket
munged= pid= worker=
trap 'kill $munged $pid $worker 2>/dev/null; rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work" || exit 1

has_a_munged() {
    mkdir -m 755 munge && mungekey --create --keyfile="$work/munge/key" || return 1
    munged --foreground --force --num-threads=1 --key-file="$work/munge/key" --socket="$socket" \
        --pid-file="$work/munge/pid" --log-file="$work/munge/log" --seed-file="$work/munge/seed" 2>munge/err &
    munged=$!
    await munge --no-input --socket="$socket"
}

cat >vouched.yaml <<END
study: vouched
objective: {metric: v, direction: maximize}
space: {x: {type: float, low: 0, high: 1}}
search: {sampler: random, pruner: none}
stop: {trials: 2}
trainer: {command: [sh, -c, 'echo sentei: step=1 v=\$1; echo sentei: step=2 v=\$1', sh, '{x}']}
controller: {auth: munge, munge_socket: $socket}
END
run=$work/runs/vouched

study_runs() {
    sentei run vouched.yaml --no-progress 2>err || { cat err && return 1; }
    board "$run" 'state["complete"] == 2 and all(r["reports"] == 2 for r in rows)'
}
# What stands where the token would is no secret.
no_token_is_made() {
    test "$(cat "$run/token")" = "munge:$socket" && test "$(wc -c <"$run/token.read")" = 65
}
serves() {
    test -p ready || mkfifo ready
    sentei controller "$run" --ready-fd 3 "$@" 3>ready 2>err &
    pid=$!
    read -r word <ready && test "$word" = ready
}
# Credentials as munged makes them, by a client that is not ours.
credentials_are_judged() {
    python3 - "$run" "$socket" <<'END'
import http.client, json, os, subprocess, sys
from urllib.parse import urlparse
run, socket = sys.argv[1:]
url = json.load(open(run + '/controller.json'))['url']
place = urlparse(url)

def make(text=url, user=None):
    return subprocess.run(['munge', '--socket=' + socket, '--string=' + text], stdout=subprocess.PIPE, text=True,
                          check=True, user=user).stdout.strip()

def call(authorization, connection=None):
    connection = connection or http.client.HTTPConnection(place.hostname, place.port, timeout=30)
    connection.request('GET', '/v1/study', headers={'Authorization': authorization} if authorization else {})
    answer = connection.getresponse()
    answer.read()
    return answer.status

known = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
good = make()
checks = {'the owner': call('MUNGE ' + good, known) == 200,
          'the same connection, without': call(None, known) == 200,
          'the same credential again': call('MUNGE ' + good) == 401,
          'none': call(None) == 401,
          'for another address': call('MUNGE ' + make('http://127.0.0.1:1')) == 401,
          'a part of one': call('MUNGE ' + make()[:-9]) == 401,
          'as a token': call('Bearer ' + make()) == 401,
          'what stands for the token': call('Bearer ' + open(run + '/token').read().strip()) == 401,
          'the token that reads': call('Bearer ' + open(run + '/token.read').read().strip()) == 200}
if os.getuid() == 0:
    checks['another user'] = call('MUNGE ' + make(user=65534)) == 401
for name, right in checks.items():
    print('%s: %s' % (name, 'right' if right else 'WRONG'))
sys.exit(not all(checks.values()))
END
}
views_are_let_in() {
    sentei status "$run" >out && grep -q vouched out && sentei annotate "$run" 0 'seen' && kill $pid && wait $pid
}
# Its connections end with the first controller; the next one, at the same address, has their credentials
# shown again, which are no good any more.
outlives_its_connection() {
    mkdir runs/long
    sed "s/trials: 2/trials: 1/; s/study: .*/study: long/; s|; echo sentei: step=2|; until test -e $work/go; do sleep 0.1; done&|" \
        vouched.yaml >runs/long/study.yaml
    run=$work/runs/long
    serves || return 1
    sentei worker "$run" 2>worker.err &
    worker=$!
    await board "$run" 'state["running"] == 1 and rows[0]["reports"] == 1' || return 1
    port=$(sed -n 's|.*"url": "http://127.0.0.1:\([0-9]*\)".*|\1|p' "$run/controller.json")
    kill $pid && wait $pid
    serves --port "$port" && touch go && wait $worker && kill $pid && wait $pid && board "$run" 'rows[0]["reports"] == 2'
}
says_that_munged_is_away() {
    kill $munged && wait $munged
    munged=
    sentei controller "$run" 2>err && return 1
    grep -q 'MUNGE makes no credential' err && grep -q 'hint: is munged running' err
}

test_that 'a munged' has_a_munged
test_that 'a study whose controller asks for credentials' study_runs
test_that 'it has no token' no_token_is_made
test_that 'its controller' serves
test_that 'lets its owner in, once a credential, and nobody else' credentials_are_judged
test_that 'and the views' views_are_let_in
test_that 'who talks for longer than his connection lives' outlives_its_connection
test_that 'without munged it says so' says_that_munged_is_away
tap_end
