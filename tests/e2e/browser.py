"""A headless Chromium, driven over its DevTools pipe: pages as a person sees them.

    with Browser() as b:
        b.open('file:///tmp/report.html')
        assert b.ask('document.title') == 'x'

Console errors and exceptions of the pages are gathered in b.errors.
SPDX-License-Identifier: Apache-2.0
"""
import base64
import json
import os
import shutil
import subprocess
import tempfile
import time

PATIENCE_S = 30


class Browser:
    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix='browser.')
        from_us, self.out = os.pipe()
        self.into, to_us = os.pipe()
        # Chromium reads commands at descriptor 3 and writes to 4.
        self.process = subprocess.Popen(
            ['sh', '-c', f'exec 3<&{from_us} 4>&{to_us}; exec chromium --headless=new --no-sandbox --disable-gpu '
             f'--remote-debugging-pipe --user-data-dir={self.folder} about:blank 2>/dev/null'],
            pass_fds=(from_us, to_us))
        os.close(from_us)
        os.close(to_us)
        self.number, self.rest, self.errors, self.session = 0, b'', [], None
        target = self.call('Target.createTarget', url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log'):
            self.call(f'{domain}.enable')
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        os.close(self.out)
        os.close(self.into)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _message(self):
        while b'\0' not in self.rest:
            piece = os.read(self.into, 1 << 16)
            if not piece:
                raise RuntimeError('the browser has ended')
            self.rest += piece
        message, self.rest = self.rest.split(b'\0', 1)
        message = json.loads(message)
        self._note(message.get('method'), message.get('params', {}))
        return message

    def _note(self, method, p):
        if method == 'Runtime.exceptionThrown':
            self.errors.append(p['exceptionDetails'].get('exception', {}).get('description', p['exceptionDetails']['text']))
        elif method == 'Runtime.consoleAPICalled' and p['type'] == 'error':
            self.errors.append(str([a.get('value') for a in p['args']]))
        elif method == 'Log.entryAdded' and p['entry']['level'] == 'error':
            self.errors.append(p['entry']['text'])

    def call(self, method, **params):
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': params}
        if self.session:
            message['sessionId'] = self.session
        os.write(self.out, json.dumps(message).encode() + b'\0')
        while True:
            reply = self._message()
            if reply.get('id') == self.number:
                if 'error' in reply:
                    raise RuntimeError(f'{method}: {reply["error"]}')
                return reply['result']

    def open(self, url):
        self.call('Page.navigate', url=url)
        self.wait('document.readyState === "complete"')

    def ask(self, expression):
        reply = self.call('Runtime.evaluate', expression=expression, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in reply:
            raise RuntimeError(f'{expression}: {reply["exceptionDetails"]}')
        return reply['result'].get('value')

    def wait(self, expression):
        end = time.monotonic() + PATIENCE_S
        while not self.ask(expression):
            if time.monotonic() > end:
                raise RuntimeError(f'waited in vain for {expression}')
            time.sleep(0.05)

    def size(self, width, height):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=width < 600)

    def dark(self, yes):
        self.call('Emulation.setEmulatedMedia', features=[{'name': 'prefers-color-scheme', 'value': 'dark' if yes else 'light'}])

    def picture(self, path):
        data = self.call('Page.captureScreenshot', captureBeyondViewport=True)['data']
        with open(path, 'wb') as f:
            f.write(base64.b64decode(data))
