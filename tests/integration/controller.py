"""What controller.sh says to a controller; needs nothing but Python.

    controller.py RUN call METHOD PATH [BODY]     prints the status and the reply
    controller.py RUN broken                      requests no client should send
    controller.py RUN reader                      what the token that only reads opens
    controller.py RUN strangers                   connections that say nothing, or slowly, without a token
    controller.py RUN hasty                       one connection that asks again and again, until it is told to wait
    controller.py RUN leavers                     requests whose senders are gone before the answer
    controller.py RUN load ACKS WORKERS           reports until killed, ACKS gets what was acknowledged
    controller.py RUN check ACKS                  all of that is there
    controller.py RUN trials COUNT                runs trials one after another, prints their parameters
SPDX-License-Identifier: Apache-2.0
"""
import http.client
import json
import os
import socket
import struct
import sys
import threading
import time
from urllib.parse import urlparse


class Controller:
    def __init__(self, run):
        with open(os.path.join(run, 'controller.json'), encoding='utf-8') as f:
            self.address = urlparse(json.load(f)['url'])
        with open(os.path.join(run, 'token'), encoding='utf-8') as f:
            self.token = f.read().strip()
        self.connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=30)

    def call(self, method, path, body=None, token=None):
        headers = {'Authorization': 'Bearer ' + (self.token if token is None else token)}
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        return answer.status, text

    def post(self, path, body):
        status, text = self.call('POST', path, body)
        if status != 200:
            raise RuntimeError('%s: %d %s' % (path, status, text))
        return json.loads(text)


def raw(c, data, read=True):
    """Send bytes as they are; returns the status line of what comes back."""
    with socket.create_connection((c.address.hostname, c.address.port), timeout=10) as s:
        s.sendall(data)
        return s.recv(4096).split(b'\r\n')[0].decode() if read else ''


def broken(run):
    c = Controller(run)
    checks = {
        'no token': raw(c, b'GET /v1/study HTTP/1.1\r\nHost: x\r\n\r\n').split()[1] == '401',
        'a wrong token': c.call('GET', '/v1/study', token='0' * 64)[0] == 401,
        'the beginning of the token': c.call('GET', '/v1/study', token=c.token[:20])[0] == 401,
        'the token and more': c.call('GET', '/v1/study', token=c.token + '0')[0] == 401,
        'an empty token': c.call('GET', '/v1/study', token='')[0] == 401,
        'no JSON': c.call('POST', '/v1/ask', '{"worker"')[0] == 400,
        'two values': c.call('POST', '/v1/ask', '{} {}')[0] == 400,
        'a key twice': c.call('POST', '/v1/ask', '{"worker": "a", "worker": "b"}')[0] == 400,
        'bytes that are no UTF-8': c.call('POST', '/v1/ask', b'{"worker": "\xff\xfe"}')[0] == 400,
        'no body': c.call('POST', '/v1/ask')[0] == 400,
        'another method': c.call('DELETE', '/v1/study')[0] == 404,
        'no such path': c.call('GET', '/etc/passwd')[0] == 404,
        'no HTTP': raw(c, b'\x16\x03\x01\x02\x00\x01\x00\r\n\r\n').split()[1:2] in ([], ['400'], ['501']),
        'health without a token': raw(c, b'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n').split()[1] == '200',
    }
    large = Controller(run)
    try:
        checks['too large'] = large.call('POST', '/v1/ask', '{"worker": "%s"}' % ('x' * (2 << 20)))[0] == 413
    except (BrokenPipeError, ConnectionResetError):
        checks['too large'] = True  # refused before all of it was sent
    head = 'POST /v1/ask HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 500\r\n\r\n{"wor' % c.token
    raw(c, head.encode(), read=False)  # gone in the middle
    checks['goes on'] = c.call('GET', '/v1/study')[0] == 200
    for name, good in checks.items():
        print('%s: %s' % (name, 'good' if good else 'BAD'))
    return all(checks.values())


def reader(run):
    """The token of the live page opens every GET and no POST, whatever the body."""
    c = Controller(run)
    with open(os.path.join(run, 'token.read'), encoding='utf-8') as f:
        key = f.read().strip()
    before = c.call('GET', '/v1/trials')[1]
    posts = {'ask': {'worker': 'test:1:0'}, 'report': {}, 'heartbeat': {}, 'tell': {}, 'stop': {'reason': 'x'},
             'retry': {'trial': 0}, 'annotate': {'trial': 0, 'note': 'x'}, 'enqueue': {'params': {'x': 0.5}},
             'import': {'source': 'x', 'params': {}, 'curve': []}, 'study': {}}
    good = key != c.token
    for path in ('study', 'trials', 'leaderboard', 'changes'):
        status = c.call('GET', '/v1/' + path, token=key)[0]
        good = good and status == 200
        print('GET %s: %d' % (path, status))
    for path, body in posts.items():
        status = c.call('POST', '/v1/' + path, body, token=key)[0]
        good = good and status == 401
        print('POST %s: %d' % (path, status))
    return good and c.call('GET', '/v1/trials')[1] == before and '"state":"running"' in c.call('GET', '/v1/study')[1]


def strangers(run):
    """Who shows no token is shut out, however busy he is; who has shown one stays, however silent."""
    c = Controller(run)
    known = c.call('GET', '/v1/study')[0] == 200
    place = (c.address.hostname, c.address.port)
    silent, slow = socket.create_connection(place), socket.create_connection(place)
    silent.settimeout(90)
    slow.settimeout(1)
    slow.sendall(b'GET /v1/study HTTP/1.1\r\nX: ')
    for _ in range(90):  # the second is the pause between two bytes
        try:
            slow.sendall(b'x')
            if slow.recv(1) == b'':
                break
        except socket.timeout:
            continue
        except OSError:
            break
    else:
        print('the slow one is still there')
        return False
    out = silent.recv(1) == b''
    sock = c.connection.sock
    return known and out and c.call('GET', '/v1/study')[0] == 200 and c.connection.sock is sock


def hasty(run):
    """Who asks too often is told when to come back, on the same connection; others are not in it."""
    c, other = Controller(run), Controller(run)
    for i in range(1000):
        c.connection.request('GET', '/v1/study', None, {'Authorization': 'Bearer ' + c.token})
        answer = c.connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            break
    print('call %d: %d, Retry-After: %s, %s' % (i, answer.status, answer.getheader('Retry-After'), text))
    told = answer.status == 429 and answer.getheader('Retry-After') == '1' and json.loads(text)['error']['hint']
    good = other.call('GET', '/v1/study')[0] == 200
    time.sleep(1)  # as it was told
    return bool(told) and good and c.call('GET', '/v1/study')[0] == 200


def leavers(run):
    """Nobody is there for the answer any more; the others, among whom it waited, get theirs."""
    c = Controller(run)
    request = 'GET /v1/study HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n' % c.token
    at_once = struct.pack('ii', 1, 0)
    silent = [Controller(run) for _ in range(20)]  # a commit waits a moment for those it has heard of lately
    for i in range(500):
        if i % 50 == 0:
            for other in silent:
                other.call('GET', '/v1/study')
        with socket.create_connection((c.address.hostname, c.address.port)) as s:
            s.sendall(request.encode())
            time.sleep(i % 25 / 1e4)  # before it is read, while it waits, after the answer
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
    return c.call('GET', '/v1/study')[0] == 200


def work(run, number, acks, lock):
    """One worker that reports until the controller is gone."""
    try:
        c = Controller(run)
        held = c.post('/v1/ask', {'worker': 'test:%d:0' % number})
        claim = {k: held[k] for k in ('trial', 'attempt', 'lease')}
        for step in range(1, 1000000):
            c.post('/v1/report', dict(claim, step=step, metrics={'v': step / 7}))
            with lock:
                acks.write('%d %d %r\n' % (held['trial'], step, step / 7))
                acks.flush()
    except (OSError, http.client.HTTPException):
        pass


def load(run, path, workers):
    lock = threading.Lock()
    with open(path, 'w', encoding='utf-8') as acks:
        threads = [threading.Thread(target=work, args=(run, i, acks, lock)) for i in range(workers)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    return True


def check(run, path):
    c = Controller(run)
    curves, missing, count = {}, 0, 0
    with open(path, encoding='utf-8') as acks:
        for line in acks:
            trial, step, value = line.split()
            if trial not in curves:
                curves[trial] = {p['step']: p['metrics']['v']
                                 for p in json.loads(c.call('GET', '/v1/trials/' + trial)[1])['curve']}
            count += 1
            missing += curves[trial].get(int(step)) != float(value)
    print('%d acknowledged, %d missing' % (count, missing))
    return count > 0 and missing == 0


def trials(run, count):
    c = Controller(run)
    for _ in range(count):
        held = c.post('/v1/ask', {'worker': 'test:1:0'})
        claim = {k: held[k] for k in ('trial', 'attempt', 'lease')}
        c.post('/v1/report', dict(claim, step=1, metrics={'v': held['params']['x']}))
        c.post('/v1/tell', dict(claim, outcome='complete'))
        print(held['trial'], json.dumps(held['params'], sort_keys=True))
    return True


def main():
    run, what, *rest = sys.argv[1:]
    if what == 'call':
        status, text = Controller(run).call(rest[0], rest[1], rest[2] if len(rest) > 2 else None)
        print(status, text)
        return True
    if what == 'broken':
        return broken(run)
    if what == 'reader':
        return reader(run)
    if what == 'strangers':
        return strangers(run)
    if what == 'hasty':
        return hasty(run)
    if what == 'leavers':
        return leavers(run)
    if what == 'load':
        return load(run, rest[0], int(rest[1]))
    if what == 'check':
        return check(run, rest[0])
    return trials(run, int(rest[0]))


if __name__ == '__main__':
    sys.exit(0 if main() else 1)
