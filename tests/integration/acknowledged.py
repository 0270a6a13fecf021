"""A trial that writes down every report the study acknowledged, and the comparison with what is stored.

    acknowledged.py trial STEPS EVERY      one rank of a trial: a step takes 0.1 s, every EVERY-th is a checkpoint;
                                           from the one before the second on it waits until the study's file 'go' is there
    acknowledged.py check RUN TRIALS ATTEMPTS MOST  nothing acknowledged is missing; that many trials are complete, in
                                           so many attempts at least; no trial did more than MOST steps twice
    acknowledged.py takeover RUN PID       kills PID by force; prints how long until a report was acknowledged again
SPDX-License-Identifier: Apache-2.0
"""
import http.client
import json
import os
import signal
import sqlite3
import sys
import time
from urllib.parse import urlparse


def read(path, otherwise=''):
    try:
        with open(path, encoding='utf-8') as f:
            return f.read()
    except OSError:
        return otherwise


def append(path, line):
    with open(path, 'a', encoding='utf-8') as f:
        f.write(line + '\n')
        f.flush()
        os.fsync(f.fileno())


def post(run, path, body):
    """The status, from whoever serves the run by now."""
    while True:
        try:
            url = urlparse(json.loads(read(run + '/controller.json'))['url'])
            connection = http.client.HTTPConnection(url.hostname, url.port, timeout=5)
            connection.request('POST', path, json.dumps(body), {'Authorization': 'Bearer ' + read(run + '/token').strip()})
            status = connection.getresponse().status
            if status != 503:
                return status
        except (OSError, ValueError, http.client.HTTPException):
            pass
        time.sleep(0.1)


class Trial:
    def __init__(self, every):
        self.run, self.folder = os.environ['SENTEI_RUN'], os.environ['SENTEI_DIR']
        self.attempt, self.every, self.told = int(os.environ['SENTEI_ATTEMPT']), every, False
        self.lease = {'trial': int(os.environ['SENTEI_TRIAL']), 'attempt': self.attempt, 'lease': os.environ['SENTEI_LEASE']}
        signal.signal(signal.SIGTERM, self.tell)

    def tell(self, *_):
        self.told = True

    def file(self, name):
        return os.path.join(self.folder, name)

    def save(self, step):
        with open(self.file('step.new'), 'w', encoding='utf-8') as f:
            f.write(str(step))
        os.replace(self.file('step.new'), self.file('step'))

    def report(self, step):
        value = self.lease['trial'] + step / 1000
        status = post(self.run, '/v1/report', dict(self.lease, step=step, metrics={'v': value}))
        if status != 200:
            sys.exit('report refused: %d' % status)
        append(self.file('acknowledged'), json.dumps([time.time(), self.attempt, step, value]))

    def hold(self):
        while not self.told and not os.path.exists(self.run + '/go'):
            time.sleep(0.1)

    def lead(self, steps):
        """Rank 0."""
        for step in range(int(read(self.file('step'), '0')) + 1, steps + 1):
            time.sleep(0.1)
            append(self.file('done'), str(step))
            self.report(step)
            if step >= 2 * self.every - 1:
                self.hold()
            if step % self.every == 0 or step == steps or self.told:
                self.save(step)
            if self.told:
                break
        append(self.file('ended-%d' % self.attempt), 'told' if self.told else 'complete')

    def follow(self):
        """Another rank: ends as rank 0 does."""
        while not os.path.exists(self.file('ended-%d' % self.attempt)):
            time.sleep(0.1)

    def play(self, steps):
        if os.environ['SLURM_PROCID'] == '0':
            self.lead(steps)
        else:
            self.follow()
        return 75 if 'told' in read(self.file('ended-%d' % self.attempt)) else 0


def folders(run):
    base = os.path.join(run, 'trials')
    return {int(name): os.path.join(base, name) for name in sorted(os.listdir(base))}


def acknowledged(run):
    """(trial, time, attempt, step, value) of every report that was answered."""
    return [[trial] + json.loads(line) for trial, folder in folders(run).items()
            for line in read(folder + '/acknowledged').splitlines()]


def check(run, trials, at_least, most):
    database = sqlite3.connect(os.path.join(run, 'study.db'))
    stored = set(database.execute('SELECT trial, attempt, step, value FROM report'))
    complete = database.execute("SELECT count(*) FROM trial WHERE state = 'complete'").fetchone()[0]
    told = acknowledged(run)
    missing = [(trial, attempt, step) for trial, _, attempt, step, value in told if (trial, attempt, step, value) not in stored]
    again = [len(done) - len(set(done)) for done in (read(f + '/done').split() for f in folders(run).values())]
    attempts = database.execute('SELECT count(*) FROM attempt').fetchone()[0]
    print('%d reports acknowledged, %d of them missing; %d trials complete in %d attempts; %d steps done twice, at most %d of a trial'
          % (len(told), len(missing), complete, attempts, sum(again), max(again)))
    if missing:
        print('missing:', missing[:20])
    return not missing and complete == trials and attempts >= at_least and told and max(again) <= most


def takeover(run, pid):
    before = json.loads(read(run + '/controller.json'))
    os.kill(pid, signal.SIGKILL)
    killed = time.time()
    while time.time() < killed + 60:
        state = json.loads(read(run + '/controller.json') or '{}')
        if state.get('term', before['term']) != before['term']:
            since = [when for _, when, *_ in acknowledged(run) if when > state['started']]
            if since:
                print('a report was acknowledged %.1f s after the host was killed' % (min(since) - killed))
                return min(since) - killed < 10
        time.sleep(0.05)
    return False


if __name__ == '__main__':
    verb, *words = sys.argv[1:]
    if verb == 'trial':
        sys.exit(Trial(int(words[1])).play(int(words[0])))
    if verb == 'check':
        sys.exit(not check(words[0], *map(int, words[1:])))
    if verb == 'takeover':
        sys.exit(not takeover(words[0], int(words[1])))
    sys.exit(__doc__)
