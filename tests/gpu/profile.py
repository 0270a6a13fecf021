#!/usr/bin/env python3
"""What the device does while our steps run: kernels and how long, and how long nothing.

    tests/gpu/profile.py LIBRARY BACKEND MODEL BATCH [STEPS]

The library is tests/gpu/bench.c; PyTorch's profiler (CUPTI) sees every kernel of the process, ours too. Prints JSON:
{"steps", "span_us", "busy_us", "kernels": {name: us}}.
SPDX-License-Identifier: Apache-2.0
"""
import collections
import ctypes
import json
import sys


def covered(intervals):
    """How much of time some interval covers: kernels of several streams overlap."""
    total, end = 0.0, float('-inf')
    for first, last in sorted(intervals):
        total += max(0.0, last - max(first, end))
        end = max(end, last)
    return total


def summary(events, steps):
    """(name, start, end) of each thing the device did, in us."""
    kernels = collections.Counter()
    for name, first, last in events:
        kernels[name] += last - first
    return {'steps': steps, 'span_us': max(e[2] for e in events) - min(e[1] for e in events),
            'busy_us': covered([e[1:] for e in events]), 'kernels': dict(kernels.most_common(20))}


def device_events(profile):
    from torch.autograd import DeviceType
    return [(e.name, e.time_range.start, e.time_range.end) for e in profile.events() if e.device_type == DeviceType.CUDA]


def main():
    from torch.profiler import ProfilerActivity, profile
    import torch
    library, backend, model, batch = sys.argv[1:5]
    steps = int(sys.argv[5]) if len(sys.argv) > 5 else 10
    torch.cuda.init()
    bench = ctypes.CDLL(library)
    bench.bench_open.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t]
    if bench.bench_open(backend.encode(), model.encode(), int(batch)) < 0:
        sys.exit(1)
    with profile(activities=[ProfilerActivity.CUDA]) as seen:
        if bench.bench_steps(steps) < 0:
            sys.exit(1)
    events = device_events(seen)
    if not events:
        sys.exit('profile: the profiler saw no kernels')
    print(json.dumps(summary(events, steps)))


if __name__ == '__main__':
    main()
