"""Hold JSON against docs/schema.json; called by schema.sh.

    schema.py SCHEMA NAME <JSON       the definition NAME; sNAME: of each line
    schema.py SCHEMA --live RUN       the answers of a controller: 'good CALL' or
                                      'bad CALL' and why; 'calls: N'

Stricter than the schema itself, which lets later versions say more: a field that
is not named in it is an error here.
SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import sys

import jsonschema

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from controller import Controller  # noqa: E402


def close(part, mixed_in=False):
    """No field besides the named ones, but where fields are only mixed in."""
    if isinstance(part, list):
        for item in part:
            close(item, mixed_in)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key == '$defs':
                for name, definition in value.items():
                    close(definition, mixed_in=name.endswith('_fields'))
            elif key == 'properties':
                for field in value.values():
                    close(field)
            elif key in ('oneOf', 'anyOf', 'allOf'):
                close(value, mixed_in=key != 'anyOf')
            else:
                close(value, mixed_in=False)
        if not mixed_in and part.get('type') == 'object' and 'properties' in part and 'additionalProperties' not in part:
            part['unevaluatedProperties'] = False


class Schema:
    def __init__(self, path):
        with open(path, encoding='utf-8') as f:
            self.whole = json.load(f)
        jsonschema.Draft202012Validator.check_schema(self.whole)
        close(self.whole)

    def errors(self, name, value):
        """Why 'value' is none of these; each as 'where: what'."""
        wanted = {'$schema': self.whole['$schema'], '$defs': self.whole['$defs'], '$ref': '#/$defs/' + name}
        return ['%s: %s' % (error.json_path, error.message) for error in
                jsonschema.Draft202012Validator(wanted).iter_errors(value)]


def live(schema, run):
    """Every call of the API once, in the order of a trial's life."""
    c, calls = Controller(run), set()

    def call(name, method, path, body=None, status=200):
        got, text = c.call(method, path, body)
        reply = json.loads(text)
        why = schema.errors(name, reply) + ([] if got == status else ['status %d' % got])
        calls.add((method, path.split('?')[0].rstrip('0123456789')))
        print('%s %s %s: %s' % ('bad' if why else 'good', method, path, name))
        print('\n'.join('    ' + line[:300] for line in why), end='\n' if why else '')
        return reply

    call('health', 'GET', '/healthz')
    call('summary', 'GET', '/v1/study')
    given = call('ask', 'POST', '/v1/ask', {'worker': 'test:1:0'})
    lease = {key: given[key] for key in ('trial', 'attempt', 'lease')}
    call('report', 'POST', '/v1/report', dict(lease, step=1, metrics={'v': 0.5, 'v.std': 0.1, 'w': 1}))
    call('report', 'POST', '/v1/report', dict(lease, reports=[{'step': 2, 'metrics': {'v': 'nan'}}]))
    call('heartbeat', 'POST', '/v1/heartbeat', lease)
    for path, name in (('study', 'summary'), ('trials', 'trials'), ('trials/0', 'trial'), ('leaderboard', 'leaderboard'),
                       ('leaderboard?top=1', 'leaderboard'), ('changes?term=0&since=0', 'changes'), ('logs/0', 'log')):
        call(name, 'GET', '/v1/' + path)
    call('tell', 'POST', '/v1/tell', dict(lease, outcome='failed', reason='told so'))
    call('error', 'POST', '/v1/tell', dict(lease, lease='0' * 32, outcome='complete'), 409)
    call('done', 'POST', '/v1/retry', {'trial': 0})
    call('done', 'POST', '/v1/annotate', {'trial': 0, 'note': 'looked at'})
    call('enqueue', 'POST', '/v1/enqueue', {'params': {'depth': 2}})
    curve = [{'step': 1, 'seconds': 1.0, 'metrics': {'v': 0.25, 'w': 2}}]
    for i in range(10):
        call('import', 'POST', '/v1/import', {'source': 'elsewhere#%d' % i, 'params': {'depth': 1 + i % 6, 'width': 1.5, 'kind': 3}, 'curve': curve})
    call('import', 'POST', '/v1/import', {'source': 'elsewhere#x', 'params': {'depth': 99}, 'curve': curve})
    call('importance', 'GET', '/v1/importance?pairs=1')
    call('error', 'GET', '/v1/importance?share=x', status=400)
    call('error', 'GET', '/v1/trials/99', status=404)
    call('leaderboard', 'GET', '/v1/leaderboard')
    call('done', 'POST', '/v1/pause', {'reason': 'lunch'})
    call('done', 'POST', '/v1/resume', {})
    call('done', 'POST', '/v1/stop', {'reason': 'enough'})
    call('ask', 'POST', '/v1/ask', {'worker': 'test:1:1'})
    print('calls: %d' % len(calls))


def main(path, name, *rest):
    schema = Schema(path)
    if name == '--live':
        live(schema, *rest)
        return 0
    each = name.startswith('s') and name not in schema.whole['$defs']
    texts = [line for line in sys.stdin if line.strip()] if each else [sys.stdin.read()]
    why = [error for text in texts for error in schema.errors(name[1:] if each else name, json.loads(text))]
    print('\n'.join(why[:20]) or '%d good' % len(texts))
    return 1 if why or not texts else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
