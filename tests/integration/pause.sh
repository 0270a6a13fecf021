#!/bin/sh
# Pause and promote: trials that fall short pause with a checkpoint, those that
# are among the best of their rung after all go on from it, on any worker. Real
# processes, and the same in virtual time. TAP.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
PATH=$build:$PATH
command -v sentei >/dev/null || { echo "Bail out! $build/sentei is not built"; exit 1; }
cd "$work" || exit 1
ln -s "$root/studies" studies

# Twelve steps; its checkpoint is the last step. The log says where it began. A trial
# asks what is decided about its report, which may come twice, and waits for the worker's
# SIGTERM where that is not to go on; the first, which is the best, does so only once. However
# slow the machine is, each first step follows that of the trial before, and those from the
# seventh on the return of the third, which they may be better than.
cat >trial.py <<'END'
import http.client, json, os, signal, sys, time
of = os.environ
trial = int(of["SENTEI_TRIAL"])
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])

def goes_on(step, loss):
    controller = http.client.HTTPConnection(of["SENTEI_URL"].split("//")[1])
    report = {"trial": trial, "attempt": int(of["SENTEI_ATTEMPT"]), "lease": of["SENTEI_LEASE"],
              "step": step, "metrics": {"loss": loss}}
    controller.request("POST", "/v1/report", json.dumps(report),
                       {"Authorization": "Bearer " + open(of["SENTEI_TOKEN_FILE"]).read().strip()})
    return json.load(controller.getresponse())["decision"] == "continue"

def mark(trial, name):
    return os.path.join(of["SENTEI_RUN"], "trials", f"{trial:05}", name)

def wait_for(path, tries=2000):
    while tries > 0 and not os.path.exists(path):
        time.sleep(0.01)
        tries -= 1

path = os.path.join(of["SENTEI_DIR"], "step")
step = int(open(path).read()) if os.path.exists(path) else 0
print(f"begins after step {step}", flush=True)
if step == 0 < trial:
    wait_for(mark(trial - 1, "first-step"))
if step == 0 and trial == 6:
    wait_for(mark(2, "return"))
if step > 0:
    open(mark(trial, "return"), "w").close()
while step < 12:
    step += 1
    loss = float(sys.argv[1]) + 1 / step
    print(f"sentei: step={step} loss={loss!r}", flush=True)
    with open(path + ".new", "w") as f:
        f.write(str(step))
    os.replace(path + ".new", path)
    if trial == 0 and step > 1:
        continue
    stays = not goes_on(step, loss)
    if step == 1:
        open(mark(trial, "first-step"), "w").close()
    if stays:
        signal.sigwait([signal.SIGTERM])
        sys.exit(75)
END
cat >pausing.yaml <<'END'
study: pausing
objective: {metric: loss, direction: minimize}
space: {x: {type: float, low: 0, high: 1}}
search: {sampler: random, pruner: {type: asha, min_step: 1, mode: pause}, seed: 3}
trainer: {command: [python3, trial.py, "{x}"]}
stop: {trials: 12}
enqueue: [{x: 0.5}, {x: 0.6}, {x: 0.55}, {x: 0.9}, {x: 0.8}, {x: 0.7}]
END
test_that 'a study with pauses comes to its end' sentei run pausing.yaml -j 2
test_that 'all its trials have begun' board runs/pausing 'len(rows) == 12 and state["waiting"] == state["running"] == 0'
test_that 'it says so' board runs/pausing 'study["reason"] == "12 of 12 trials"'
test_that 'some trials are paused, none is pruned or failed' board runs/pausing 'state["paused"] >= 3 and state["pruned"] == state["failed"] == 0'
test_that 'they have a value' board runs/pausing 'all(r["value"] is not None for r in rows)'
test_that 'the best is complete' board runs/pausing 'rows[0]["state"] == "complete" and rows[0]["step"] == 12'
test_that 'the third of three pauses, and goes on when it is second of six' board runs/pausing 'trial[2]["attempts"] > 1 and trial[2]["step"] > 1'
test_that 'no step was trained twice' board runs/pausing 'all(r["reports"] == r["step"] for r in rows)'
test_that 'from its checkpoint' grep -q 'begins after step 1' runs/pausing/trials/00002/log
test_that 'status counts the paused' sh -c 'sentei status runs/pausing | grep -q "[0-9] paused"'

# With a greater budget, what was paused goes on where it is promoted.
sed -i 's/trials: 12/trials: 30/' pausing.yaml
before=$(board runs/pausing 'study["reports"]')
test_that 'a greater budget goes on' sentei run pausing.yaml -j 3
test_that 'with new trials and old ones' board runs/pausing "len(rows) == 30 and study['reports'] > $before and all(r['reports'] == r['step'] for r in rows)"
test_that 'among the best third at step 1 nobody is left behind' board runs/pausing \
    'all(r["step"] > 1 for r in sorted(rows, key=lambda r: r["params"]["x"])[:10])'

# The example of the tree, which knows nothing of pauses but its checkpoint.
sed 's/pruner: {type: median}/pruner: {type: asha, mode: pause}/; s/trials: 30/trials: 12/' studies/any-program.yaml >any.yaml
test_that 'any program that checkpoints can be paused' sentei run any.yaml -j 2
test_that 'and comes to its end' board runs/any-program 'state["paused"] > 0 and state["complete"] > 0 and len(rows) == 12'

# In virtual time: the same rule.
cat >oracle.py <<'END'
import json, sys
for line in sys.stdin:
    x = json.loads(line)["params"]["x"]
    print(json.dumps({"columns": ["step", "seconds", "loss"],
                      "curve": [[k, k, x + 1 / k] for k in range(1, 13)]}), flush=True)
END
sed 's/^trainer:.*/oracle: {command: [python3, oracle.py]}/' pausing.yaml >virtual.yaml
test_that 'a simulation pauses, too' sh -c 'sentei simulate virtual.yaml --workers 2 >summary && cat summary && grep -q "[1-9][0-9]* paused" summary'
test_that 'and resumes' sh -c 'cat summary; grep -q times.resumed summary'
tap_end
