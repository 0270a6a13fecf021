"""The live page and the report in a real browser: read, sorted, filtered, followed.

    page.py SENTEI STUDY.yaml RUNS      prints TAP; PICTURES=FOLDER keeps screenshots
SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from browser import Browser  # noqa: E402  (it stands beside this file)

sentei, study, runs = sys.argv[1:]
count = 0


def check(what, ok, seen=''):
    global count
    count += 1
    print(f'{"ok" if ok else "not ok"} {count} - {what}{"" if ok else f" # saw {seen!r}"}', flush=True)


def keep(browser, name):
    if 'PICTURES' in os.environ:
        browser.picture(os.path.join(os.environ['PICTURES'], f'{name}.png'))


ROWS = "document.querySelectorAll('#rows tr').length"
STATE = "document.getElementById('state').textContent"
COLUMN = "[...document.querySelectorAll('#rows tr')].map((r) => r.cells[%d].textContent)"


# Visible elements with words of their own that WCAG 2 (1.4.3) finds too faint: contrast below 4.5, large ones below 3.
FAINT = """(() => {
  const rgb = (c) => (c.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const light = (c) => { const [r, g, b] = rgb(c).map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if ((rgb(c)[3] ?? 1) > 0.99) return c; }
    return 'rgb(255, 255, 255)'; };
  return [...document.querySelectorAll('body *')].filter((e) => e.checkVisibility() && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .map((e) => { const s = getComputedStyle(e), a = light(s.color), b = light(ground(e)), size = parseFloat(s.fontSize);
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), large = size >= 24 || (size >= 18.66 && s.fontWeight >= 700);
      return [ratio.toFixed(2), e.tagName, e.className, e.textContent.trim().slice(0, 30), ratio < (large ? 3 : 4.5)]; })
    .filter((f) => f[4]); })()"""
# Controls without a name, and ids that are there twice.
NAMELESS = """[...document.querySelectorAll('button, select, input, a[href]')].filter((e) => e.checkVisibility() &&
  !(e.textContent.trim() || e.ariaLabel || e.title || e.labels?.length)).map((e) => e.outerHTML.slice(0, 80)).concat(
  [...document.querySelectorAll('[id]')].map((e) => e.id).filter((id, i, all) => all.indexOf(id) !== i))"""


def seen(trial):
    """Let this trial end, and those behind it."""
    open(os.path.join(runs, 'page', f'seen.{trial}'), 'w', encoding='utf-8').close()


def follow(b):
    """A running study grows on the page without a reload."""
    run = subprocess.Popen([sentei, 'run', study, '--runs', runs, '--no-progress'], stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, text=True)
    url = next((m.group() for m in (re.search(r'http://\S+', line) for line in run.stderr) if m), None)
    check('sentei run says where the study can be watched', url)
    b.open(url)
    b.wait("!document.getElementById('login').hidden")
    with open(os.path.join(runs, 'page', 'token.read'), encoding='utf-8') as f:
        key = f.read().strip()
    b.open('about:blank')
    b.open(f'{url}#key={key}')
    b.wait("!document.getElementById('main').hidden")
    check('the key does not stay in the address', b.ask('location.hash') == '', b.ask('location.href'))
    b.ask('window.mark = 1')
    b.wait(f"{STATE}.includes('3 complete') && {ROWS} === 5")  # three that ended, two that wait to be seen
    seen(3)
    b.wait(f"{STATE}.includes('8 complete') && {ROWS} === 10")
    check('trials appear and end without a reload', b.ask('window.mark') == 1)
    keep(b, 'live')
    seen(8)
    run.stderr.read()
    check('the study ends well', run.wait() == 0, run.returncode)
    b.wait("!document.getElementById('trouble').hidden")
    check('the page says that the controller has ended', 'does not answer' in b.ask("document.getElementById('trouble').textContent"))
    b.open('about:blank')
    b.errors.clear()  # the requests that nobody answered


def read_report(b, path):
    b.open(f'file://{path}')
    check('the report shows every trial', b.ask(ROWS) == 12, b.ask(ROWS))
    values = [float(v) for v in b.ask(COLUMN % 2) if v not in ('', 'NaN')]
    check('best first', values == sorted(values), values)
    board = json.loads(subprocess.run([sentei, 'leaderboard', '--runs', runs, '--format', 'json'], stdout=subprocess.PIPE, check=True).stdout)['rows']
    trials = b.ask(COLUMN % 1)
    check('in the order of the leaderboard', trials == [str(row['trial']) for row in board], trials)
    ranks = b.ask(COLUMN % 4)
    told = ['..'.join(map(str, sorted(set(row['ranks'])))) for row in board]
    check('each with the ranks that it may have', ranks == told and len(set(ranks)) > 1, ranks)
    b.ask("[...document.querySelectorAll('#heads button')].find((e) => e.textContent === 'x').click()")
    xs = [float(v) for v in b.ask(COLUMN % 9)]
    check('a click on a heading sorts by it', xs == sorted(xs), xs)
    check('and says so to a screen reader', b.ask("document.querySelectorAll('[aria-sort=ascending]').length") == 1)
    b.ask("const f = document.querySelector('#filter input'); f.value = 'x<0.5'; "
          "f.dispatchEvent(new Event('input', { bubbles: true }))")
    kept = [float(v) for v in b.ask(COLUMN % 9)]
    check('a filter keeps what matches', 0 < len(kept) < 12 and max(kept) < 0.5, kept)
    b.ask("document.querySelector('#rows button').click()")
    check('a trial opens', b.ask("document.getElementById('trial').open"))
    keep(b, 'trial')
    b.ask("document.getElementById('trial').close()")
    names = b.ask("[...document.querySelectorAll('canvas[role=img]')].filter((c) => c.checkVisibility()).map((c) => c.ariaLabel)")
    check('every picture has words for those who cannot see it', names and all(names), names)
    nameless = b.ask(NAMELESS)
    check('every control has a name', not nameless, nameless)
    check('the page says its language and has one heading', b.ask("document.documentElement.lang !== '' && document.querySelectorAll('h1').length === 1"))


def look(b, path):
    for name, width, height in (('desktop', 1400, 1800), ('phone', 390, 1200)):
        for dark in (False, True):
            b.size(width, height)
            b.dark(dark)
            b.open(f'file://{path}')
            wide = b.ask('document.documentElement.scrollWidth')
            check(f'{name}, {"dark" if dark else "light"}: nothing sticks out', wide <= width, wide)
            faint = b.ask(FAINT)
            check('all words stand out from their ground', not faint, faint[:8])
            keep(b, f'report-{name}-{"dark" if dark else "light"}')


with Browser() as browser:
    follow(browser)
    report = os.path.join(os.path.abspath(runs), 'report.html')
    done = subprocess.run([sentei, 'report', '--runs', runs, '-o', report], check=False)
    check('sentei report', done.returncode == 0, done.returncode)
    read_report(browser, report)
    look(browser, report)
    check('no error in the console', not browser.errors, browser.errors)
print(f'1..{count}')
