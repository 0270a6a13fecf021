#!/bin/sh
# A study tells a web server and a program how it goes; a server that is not
# there holds nothing up. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
PATH=$build:$PATH
cd "$work" || exit 1

# A web server that writes down what it is sent; its port is in 'port'.
cat >server.py <<'END'
import http.server
class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        with open('posted', 'ab') as f:
            f.write(body + b'\n')
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(('127.0.0.1', 0), Server)
with open('port.new', 'w') as f:
    f.write(str(server.server_port))
import os
os.rename('port.new', 'port')
server.serve_forever()
END
python3 server.py &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
await test -e port
port=$(cat port)

cat >told.sh <<'END'
echo "$SENTEI_EVENT $SENTEI_TRIAL $SENTEI_TEXT" >>told
END
cat >loud.yaml <<END
study: loud
objective: {metric: loss, direction: minimize}
space: {x: {type: int, low: 1, high: 6}}
search: {sampler: grid}
trainer: {command: [sh, -c, "test \$1 != 3 && echo sentei: step=1 loss=\$1", sh, "{x}"]}
retry: {attempts: 1}
notify:
  - {on: [best, failed, finished], webhook: "http://127.0.0.1:$port/hook"}
  - {on: [finished], webhook: "http://127.0.0.1:$port/", body: {channel: "#ml", text: "{event}: {text}"}}
  - {on: [started, finished], exec: [sh, $work/told.sh]}
  - {on: [best], webhook: "http://127.0.0.1:1/nobody"}
END
test_that 'the study runs to its end' sentei run loud.yaml -j 1 --no-progress
test_that 'the web server was told of the best' grep -q '^{"text":"loud: new best loss' posted
test_that 'of the failure' grep -q '^{"text":"loud: trial . has failed: ' posted
test_that 'of the end' grep -q '^{"text":"loud: finished (.*best loss 1 (trial' posted
test_that 'in its own words' grep -q '^{"channel":"#ml","text":"finished: loud: finished' posted
test_that 'the program was told of the beginning' grep -q '^started  loud: has begun' told
test_that 'and of the end, once' test "$(grep -c '^finished . loud: finished' told)" = 1
test_that 'who is not there is in the log' grep -q 'could not tell' runs/loud/notify.log
test_that 'the address of a webhook, a secret, is not' sh -c '! grep -q nobody runs/loud/notify.log'
test_that 'no notifier is left' sh -c '! pgrep -f "^sentei notify .*/loud"'
tap_end
