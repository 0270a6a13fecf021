#!/usr/bin/env python3
"""How fast training is on this machine's GPU, beside PyTorch, in one run: 'make gpu-bench'.

    tests/gpu/bench.py --build build/gpu --json build/gpu-bench.json

For each model of tests/bench/reference.h and each size of batch, in bf16: samples a second of ours, of PyTorch eager and
of torch.compile (tests/bench/pytorch_twin.py, this Python's torch), each in a process of its own, in turn, the best of
the rounds; the time from the start of our process to the end of its first step; the share of a step in which the device
is idle, and for the three kernels it spends most of its time in what they reach of the chip's copy bandwidth or matrix
rate, both measured here by PyTorch. What is not to be had (no torch, no profiler) is left out and said.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import json
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MODELS, BATCHES = ['reference', 'resnet'], [512, 4096]

# Which operation of work.c a kernel belongs to: cuDNN's and cuBLASLt's names say which way they go, ours are known.
MATRIX = [('conv_forward', r'fprop|conv.*fwd|implicit_convolve'), ('conv_backward_data', r'dgrad'),
          ('conv_backward_weights', r'wgrad'), ('gemm', r'gemm|nvjet|cutlass')]
MEMORY = {'load_pixels': 'load_image', 'moments': 'norm_moments', 'affine': 'norm_forward', 'products': 'norm_gradient_sums',
          'combine': 'norm_backward', 'add_planes': 'add', 'stop_gradient': 'relu_backward', 'max_of_four': 'max_forward',
          'spread_to_four': 'max_backward', 'bag': 'bag', 'update_rows': 'update', 'update_pieces': 'update_all'}

CHIP = """
import torch
a = torch.empty(1 << 28, device='cuda'); b = torch.empty_like(a)
m = torch.randn(8192, 8192, device='cuda', dtype=torch.bfloat16)
def best(f):
    times = []
    for i in range(12):
        first, last = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        first.record(); f(); last.record(); torch.cuda.synchronize()
        times.append(first.elapsed_time(last) / 1e3)
    return min(times)
print(2 * a.numel() * 4 / best(lambda: b.copy_(a)), 2 * 8192**3 / best(lambda: m @ m), torch.cuda.get_device_name(),
      torch.__version__, torch.version.cuda, torch.backends.cudnn.version(), sep='|')
"""


def read_options():
    parser = argparse.ArgumentParser(description='training speed on a GPU beside PyTorch')
    parser.add_argument('--build', default='build/gpu')
    parser.add_argument('--json', default='build/gpu-bench.json')
    parser.add_argument('--backend', default='cuda:bf16')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--models', default=','.join(MODELS))
    parser.add_argument('--batches', default=','.join(map(str, BATCHES)))
    parser.add_argument('--steps', type=int, default=30)
    return parser.parse_args()


def environment(options):
    """Programs find the backend beside them; Python, which is not beside it, is told."""
    return dict(os.environ, SENTEI_CUDA=os.environ.get('SENTEI_CUDA') or os.path.abspath(
        os.path.join(options.build, 'sentei-cuda.so')))


def run_ours(options, model, batch):
    """Figures of one run: samples, parameters, first_step_s, work."""
    started, found = time.monotonic(), {'work': {}}
    with subprocess.Popen([os.path.join(options.build, 'bench'), options.backend, model, str(batch), str(options.steps)],
                          stdout=subprocess.PIPE, text=True, env=environment(options)) as child:
        for line in child.stdout:
            words = line.split()
            if words == ['first', 'step']:
                found['first_step_s'] = time.monotonic() - started
            elif words[0].startswith('work.'):
                found['work'][words[0][5:]] = {'operations': float(words[1]), 'bytes': float(words[3])}
            else:
                found[words[0].replace('train.', '')] = float(words[1])
    if child.returncode != 0:
        sys.exit('gpu-bench: our program failed')
    return found


def run_theirs(model, batch, steps, compiled):
    command = [sys.executable, os.path.join(HERE, '../bench/pytorch_twin.py'), '--device', 'cuda', '--bf16', '--model', model,
               '--batch', str(batch), '--steps', str(steps)] + (['--compile'] if compiled else [])
    child = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if child.returncode != 0:
        print('gpu-bench: PyTorch %s failed: %s' % (model, (child.stderr.strip().splitlines() or ['?'])[-1]), file=sys.stderr)
        return {}
    return {name: float(value) for name, value in re.findall(r'^train\.(\w+) ([\d.]+)', child.stdout, re.M)}


def look_at_chip():
    """What PyTorch reaches on this chip, or None where there is no torch or no GPU for it."""
    child = subprocess.run([sys.executable, '-c', CHIP], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    if child.returncode != 0:
        return None
    copy, matrix, name, torch, cuda, cudnn = child.stdout.strip().split('|')
    return {'copy_bytes_s': float(copy), 'matrix_operations_s': float(matrix), 'device': name, 'torch': torch, 'cuda': cuda,
            'cudnn': cudnn}


def watch(options, model, batch):
    child = subprocess.run([sys.executable, os.path.join(HERE, 'profile.py'), os.path.abspath(os.path.join(options.build, 'libbench.so')),
                            options.backend, model, str(batch)], stdout=subprocess.PIPE, text=True, env=environment(options), check=False)
    return json.loads(child.stdout.splitlines()[-1]) if child.returncode == 0 and child.stdout else None


def operation_of(kernel):
    """(the operation of work.c, whether the matrix units do it), or (None, False)."""
    for word in re.findall(r'\w+', kernel.split('(')[0]):
        if word in MEMORY:
            return MEMORY[word], False
    for name, pattern in MATRIX:
        if re.search(pattern, kernel):
            return name, True
    return None, False


def reached(seen, work, chip):
    """By operation: its share of the busy time, and what it reaches of the chip; the three longest."""
    spent = {}
    for kernel, us in seen['kernels'].items():
        name, matrix = operation_of(kernel)
        key = name or kernel
        spent[key] = (spent.get(key, (0, 0))[0] + us, matrix)
    lines = []
    for name, (us, matrix) in sorted(spent.items(), key=lambda item: -item[1][0])[:3]:
        seconds, of = us * 1e-6 / seen['steps'], work.get(name)
        limit = chip['matrix_operations_s' if matrix else 'copy_bytes_s']
        amount = of and of['operations' if matrix else 'bytes']
        lines.append({'operation': name, 'us_a_step': us / seen['steps'], 'share': us / seen['busy_us'],
                      'of': 'matrix rate' if matrix else 'copy bandwidth',
                      'reached': amount / seconds / limit if amount else None})
    return lines


def better(old, new):
    """The faster of two runs; the first step's time is the shortest."""
    if not old or not new:
        return new or old
    best = dict(max(old, new, key=lambda run: run['samples']))
    if 'first_step_s' in best:
        best['first_step_s'] = min(old['first_step_s'], new['first_step_s'])
    return best


def measure(options, model, batch, chip):
    ours, eager, compiled = {}, {}, {}
    for _ in range(options.rounds):
        ours = better(ours, run_ours(options, model, batch))
        if chip:
            eager = better(eager, run_theirs(model, batch, options.steps, False))
            compiled = better(compiled, run_theirs(model, batch, options.steps, True))
    if eager and eager['parameters'] != ours['parameters']:
        sys.exit('gpu-bench: the models differ: %g and %g parameters' % (ours['parameters'], eager['parameters']))
    result = {'model': model, 'batch': batch, 'ours': ours, 'eager': eager, 'compile': compiled}
    seen = watch(options, model, batch) if chip else None
    if seen:
        result['idle'] = 1 - seen['busy_us'] / seen['span_us']
        result['kernels'] = reached(seen, ours['work'], chip)
    return result


def show(result):
    ours, eager, compiled = (result[k].get('samples', 0) for k in ('ours', 'eager', 'compile'))
    ratio = lambda theirs: '%7.2f' % (ours / theirs) if theirs else '      -'  # noqa: E731
    print('%-10s %5d %10.0f %10.0f %10.0f %s %s %9.2f s %6s' % (
        result['model'], result['batch'], ours, eager, compiled, ratio(eager), ratio(compiled), result['ours']['first_step_s'],
        '%.1f %%' % (100 * result['idle']) if 'idle' in result else '-'), flush=True)
    for k in result.get('kernels', []):
        print('    %-24s %8.0f us %5.1f %% of the time, %s of %s' % (
            k['operation'][:24], k['us_a_step'], 100 * k['share'],
            'not known' if k['reached'] is None else '%.0f %%' % (100 * k['reached']), k['of']), flush=True)


def main():
    options = read_options()
    chip = look_at_chip()
    if chip:
        print('%(device)s: copies %(copy).0f GB/s, multiplies %(matrix).0f TFLOP/s in bf16; PyTorch %(torch)s, CUDA %(cuda)s' % dict(
            chip, copy=chip['copy_bytes_s'] / 1e9, matrix=chip['matrix_operations_s'] / 1e12))
    else:
        print('gpu-bench: this Python has no torch that sees a GPU: our figures alone')
    print('model      batch  samples/s      eager    compile   ratio   ratio  first step   idle')
    results = []
    for model in options.models.split(','):
        for batch in map(int, options.batches.split(',')):
            results.append(measure(options, model, batch, chip))
            show(results[-1])
    with open(options.json + '.new', 'w', encoding='utf-8') as out:
        json.dump({'chip': chip, 'backend': options.backend, 'results': results}, out, indent=1)
        out.write('\n')
    os.rename(options.json + '.new', options.json)
    print('written to ' + options.json)


if __name__ == '__main__':
    main()
