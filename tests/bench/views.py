#!/usr/bin/env python3
"""What it costs to look at a large study, beside Optuna's command and dashboard.

    tests/bench/views.py [--build DIR] [--trials 100000] [--beside 10000]

Fills a run folder with --trials trials of 10 reports and looks at it with
sentei, with a controller and without; then fills one of --beside trials, looks
at it with sentei, exports it for Optuna and looks at that with 'optuna' and
optuna-dashboard where they are there. Prints processor seconds (user and
system, which a busy machine changes little; of the controller and of Chromium
too, where they take part) and the most memory held; of pages also how long their
frames take.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests/e2e'))
import browser  # noqa: E402

browser.PATIENCE_S = 300
TICK = os.sysconf('SC_CLK_TCK')


def say(what, seconds, mib=None):
    print('%-66s %9.3f s %8s' % (what, seconds, '' if mib is None else '%.0f MiB' % mib), flush=True)


def run(words, **options):
    """Runs a command: its processor seconds and its most memory in MiB."""
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL, **options)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit('%s failed' % words[0])
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def least(words, times=3):
    return min(run(words) for _ in range(times))


def spent(pid):
    """Processor seconds of a process and its children so far, its most memory in MiB."""
    with open('/proc/%d/stat' % pid, encoding='ascii') as f:
        fields = f.read().rpartition(')')[2].split()
    with open('/proc/%d/status' % pid, encoding='ascii') as f:
        peak = next(int(line.split()[1]) for line in f if line.startswith('VmHWM'))
    return sum(int(n) for n in fields[11:15]) / TICK, peak / 1024


# The page scrolled from its top to its end: milliseconds between its frames.
SCROLL = """new Promise((done) => {
  const times = [], far = document.documentElement.scrollHeight / 120;
  let last = performance.now();
  const frame = (now) => {
    times.push(now - last);
    last = now;
    scrollBy(0, far);
    if (times.length < 120) requestAnimationFrame(frame); else done(times.slice(1).sort((a, b) => a - b));
  };
  requestAnimationFrame(frame);
})"""


def metrics(b):
    return {m['name']: m['value'] for m in b.call('Performance.getMetrics')['metrics']}


def open_page(what, url):
    """A page in Chromium: seconds of its main thread until its rows are there, MiB of its heap; then how fluid it is."""
    with browser.Browser() as b:
        b.call('Performance.enable', timeDomain='threadTicks')
        b.open(url)
        b.wait("document.querySelectorAll('#rows tr').length > 0")
        numbers = metrics(b)
        say(what, numbers['TaskDuration'], numbers['JSHeapUsedSize'] / 2**20)
        frames = b.ask(SCROLL)
        print('    scrolled through: a frame takes %.0f ms, one in twenty %.0f, the longest %.0f' % (
            frames[len(frames) // 2], frames[len(frames) * 19 // 20], frames[-1]))
        before = metrics(b)['TaskDuration']
        b.ask('scrollTo(0, 0)')
        b.dark(True)
        frames = b.ask(SCROLL)
        print('    scrolled while all pictures are drawn anew: one in twenty %.0f ms, the longest %.0f' % (
            frames[len(frames) * 19 // 20], frames[-1]))
        say('    both, its main thread', metrics(b)['TaskDuration'] - before)


def wait_for(path):
    while not os.path.exists(path):
        time.sleep(0.05)


def look(sentei, folder, trials, work):
    """Everything that sentei shows of a run folder."""
    print('\nsentei, %d trials' % trials)
    say('leaderboard, its first 24 rows, from the file', *least([sentei, 'leaderboard', folder, '--top', '24']))
    say('best, from the file', *least([sentei, 'best', folder]))
    say('show 1, from the file', *least([sentei, 'show', folder, '1']))
    report = os.path.join(work, 'report.html')
    say('report', *run([sentei, 'report', folder, '-o', report]))
    print('    %.1f MB' % (os.path.getsize(report) / 1e6))
    open_page('the report in Chromium (its main thread, its heap)', 'file://' + report)
    ready, told = os.pipe()
    controller = subprocess.Popen([sentei, 'controller', folder, '--ready-fd', str(told)], pass_fds=(told,))
    os.close(told)
    os.read(ready, 1)
    say('a controller that takes it over', *spent(controller.pid))
    before, times = spent(controller.pid)[0], 10
    own = [run([sentei, 'leaderboard', folder, '--top', '24']) for _ in range(times)]
    say("leaderboard, its first 24 rows, from the controller, both's", (spent(controller.pid)[0] - before) / times +
        sum(seconds for seconds, _ in own) / times, max(mib for _, mib in own))
    with open(os.path.join(folder, 'token.read'), encoding='ascii') as f:
        key = f.read().strip()
    with open(os.path.join(folder, 'controller.json'), encoding='utf-8') as f:
        url = f.read().split('"url": "')[1].split('"')[0]
    before = spent(controller.pid)[0]
    open_page('the live page in Chromium', '%s/#key=%s' % (url, key))
    say("    the controller's part", spent(controller.pid)[0] - before, spent(controller.pid)[1])
    controller.terminate()
    controller.wait()


def look_with_optuna(sentei, folder, work):
    journal = os.path.join(work, 'study.journal')
    say('export for Optuna', *run([sentei, 'export', folder, '--format', 'optuna', '-o', journal]))
    if not shutil.which('optuna'):
        print('no optuna here (pip install optuna optuna-dashboard)')
        return
    print('\nOptuna, the same trials in its journal')
    store, quiet = ['--storage', journal, '--storage-class', 'JournalFileBackend', '--study-name', 'leaderboard'], {'stderr': subprocess.DEVNULL}
    say('optuna best-trial', *run(['optuna', 'best-trial'] + store, **quiet))
    say('optuna trials', *run(['optuna', 'trials'] + store, **quiet))
    if not shutil.which('optuna-dashboard'):
        print('no optuna-dashboard here')
        return
    server = subprocess.Popen(['optuna-dashboard', journal, '--storage-class', 'JournalFileStorage', '--port', '18099'], stdout=subprocess.DEVNULL, **quiet)
    for _ in range(300):
        try:
            urllib.request.urlopen('http://127.0.0.1:18099/api/studies', timeout=60).read()
            break
        except OSError:
            time.sleep(0.2)
        if server.poll() is not None:
            sys.exit('optuna-dashboard failed')
    before = spent(server.pid)[0]
    urllib.request.urlopen('http://127.0.0.1:18099/api/studies/0').read()
    say("optuna-dashboard's first answer with all trials", spent(server.pid)[0] - before, spent(server.pid)[1])
    server.terminate()
    server.wait()


def main():
    parser = argparse.ArgumentParser(description='what it costs to look at a large study')
    parser.add_argument('--build', default='build')
    parser.add_argument('--trials', type=int, default=100000)
    parser.add_argument('--beside', type=int, default=10000)
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    sentei, fill = os.path.join(build, 'sentei'), os.path.join(build, 'tests/bench/leaderboard')
    print('load %.1f on %d processors' % (os.getloadavg()[0], os.cpu_count()))
    work = tempfile.mkdtemp(prefix='views.', dir=build)
    try:
        for trials in (options.trials, options.beside):
            folder = os.path.join(work, 'run-%d' % trials)
            os.mkdir(folder)
            subprocess.run([fill, 'fill', folder, str(trials)], check=True)
            look(sentei, folder, trials, work)
        look_with_optuna(sentei, folder, work)
    finally:
        shutil.rmtree(work)
    return 0


if __name__ == '__main__':
    sys.exit(main())
