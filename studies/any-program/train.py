#!/usr/bin/env python3
"""A trial in any language: a small neural network that learns two spirals.

Needs nothing but Python's standard library. What makes it a good trial:
- its parameters come as words of the command line;
- after each epoch it prints "sentei: step=EPOCH NAME=VALUE ..." on stdout;
- it keeps a checkpoint in $SENTEI_DIR, replaced by rename, and goes on from
  there when it finds one;
- on SIGTERM it ends after the epoch at hand with status 75: "to be resumed".
By hand, outside a study: python3 train.py --lr 0.5 --hidden 8
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import json
import math
import os
import random
import signal
import sys

EXIT_PAUSED = 75


def spirals(count, rng):
    """Two classes wound around each other: [(x, y, label)]."""
    points = []
    for i in range(count):
        label = i % 2
        t = 0.5 + 5.5 * rng.random()
        angle = t + math.pi * label
        points.append((t / 6 * math.cos(angle) + 0.03 * rng.gauss(0, 1),
                       t / 6 * math.sin(angle) + 0.03 * rng.gauss(0, 1), label))
    return points


class Network:
    """2 inputs, one hidden layer, one logistic output; plain lists."""

    def __init__(self, hidden, activation, rng):
        self.activation = activation
        self.w = [[rng.gauss(0, 2), rng.gauss(0, 2), rng.gauss(0, 1)]
                  for _ in range(hidden)]
        self.v = [rng.gauss(0, 1 / math.sqrt(hidden)) for _ in range(hidden + 1)]
        self.dw = [[0.0] * 3 for _ in range(hidden)]
        self.dv = [0.0] * (hidden + 1)

    def forward(self, x, y):
        sums = [w[0] * x + w[1] * y + w[2] for w in self.w]
        if self.activation == "tanh":
            h = [math.tanh(s) for s in sums]
        elif self.activation == "relu":
            h = [max(0.0, s) for s in sums]
        else:
            h = [math.sin(s) for s in sums]
        z = self.v[-1] + sum(v * a for v, a in zip(self.v, h))
        return sums, h, 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))

    def slope(self, s, a):
        if self.activation == "tanh":
            return 1 - a * a
        if self.activation == "relu":
            return 1.0 if s > 0 else 0.0
        return math.cos(s)

    def learn(self, point, lr, momentum):
        x, y, label = point
        sums, h, p = self.forward(x, y)
        g = p - label
        for j, (s, a) in enumerate(zip(sums, h)):
            gh = g * self.v[j] * self.slope(s, a)
            for k, inp in enumerate((x, y, 1.0)):
                self.dw[j][k] = momentum * self.dw[j][k] - lr * gh * inp
                self.w[j][k] += self.dw[j][k]
            self.dv[j] = momentum * self.dv[j] - lr * g * a
            self.v[j] += self.dv[j]
        self.dv[-1] = momentum * self.dv[-1] - lr * g
        self.v[-1] += self.dv[-1]

    def judge(self, points):
        loss = right = 0.0
        for x, y, label in points:
            p = self.forward(x, y)[2]
            loss -= math.log(max(1e-12, p if label else 1 - p))
            right += (p > 0.5) == bool(label)
        return loss / len(points), right / len(points)


def save(path, epoch, net, rng):
    state = {"epoch": epoch, "w": net.w, "v": net.v, "dw": net.dw,
             "dv": net.dv, "rng": rng.getstate()}
    with open(path + ".new", "w") as f:
        json.dump(state, f)
        f.flush()
        os.fsync(f.fileno())
    os.replace(path + ".new", path)


def load(path, net, rng):
    """The epoch that the checkpoint was made after, 0 without one."""
    try:
        with open(path) as f:
            state = json.load(f)
    except FileNotFoundError:
        return 0
    net.w, net.v = state["w"], state["v"]
    net.dw, net.dv = state["dw"], state["dv"]
    version, numbers, gauss = state["rng"]
    rng.setstate((version, tuple(numbers), gauss))
    return state["epoch"]


def report(epoch, loss, accuracy):
    print(f"sentei: step={epoch} val.loss={loss!r} val.accuracy={accuracy!r}",
          flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--hidden", type=int, required=True)
    parser.add_argument("--activation", default="tanh",
                        choices=["tanh", "relu", "sin"])
    parser.add_argument("--momentum", type=float, default=0.0)
    parser.add_argument("--epochs", type=int, default=20)
    args = parser.parse_args()

    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    data = random.Random(1)
    train, valid = spirals(200, data), spirals(200, data)
    rng = random.Random(2)
    net = Network(args.hidden, args.activation, rng)
    checkpoint = os.path.join(os.environ.get("SENTEI_DIR", "."),
                              "checkpoint.json")
    first = load(checkpoint, net, rng) + 1
    parent = os.environ.get("SENTEI_INIT_FROM")
    if first == 1 and parent:  # population-based training: begin as its copy
        first = load(os.path.join(parent, "checkpoint.json"), net, rng) + 1
        if first > 1:
            report(first - 1, *net.judge(valid))

    for epoch in range(first, args.epochs + 1):
        train.sort()  # so that the order depends on the checkpoint alone
        rng.shuffle(train)
        for point in train:
            net.learn(point, args.lr, args.momentum)
        loss, accuracy = net.judge(valid)
        # First the report, then the checkpoint: killed in between, the epoch is
        # run and reported once more, which does no harm.
        report(epoch, loss, accuracy)
        save(checkpoint, epoch, net, rng)
        if stop:
            return EXIT_PAUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
