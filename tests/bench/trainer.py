#!/usr/bin/env python3
"""How fast the reference model trains beside PyTorch, on this machine, in one run.

    tests/bench/trainer.py --build build [--pytorch PYTHON] [--rounds 3]

Runs tests/bench/train.c and pytorch_twin.py in turn, so that both meet the same weather, and keeps the best of all
rounds for each. PyTorch gets what makes it fast: channels-last, sparse gradients, and a malloc that keeps large blocks
(15 to 35 % of its time otherwise). Prints a table, writes BUILD/bench-trainer.json.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import json
import os
import re
import subprocess
import sys

# batch of a process, threads, processes, further options
SETTINGS = [(128, 1, 1), (512, 1, 1), (128, 2, 1), (512, 2, 1), (128, 1, 2), (128, 1, 4)]
TUNED = {'MALLOC_MMAP_THRESHOLD_': '4294967296', 'MALLOC_TRIM_THRESHOLD_': '8589934592', 'MALLOC_TOP_PAD_': '268435456'}


def read_options():
    parser = argparse.ArgumentParser(description='training speed beside PyTorch')
    parser.add_argument('--build', default='build')
    parser.add_argument('--pytorch', default='', help='a Python that has torch; without it only our figures')
    parser.add_argument('--rounds', type=int, default=3)
    return parser.parse_args()


def figures(text):
    return {name: float(value) for name, value in re.findall(r'^train\.(\w+) ([\d.]+)', text, re.M)}


def run_ours(options, batch, threads, ranks, extra=()):
    command = [os.path.join(options.build, 'tests/bench/train'), str(batch), str(threads), *extra]
    env = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT='1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM='1')
    if ranks > 1:
        command = ['mpirun', '--oversubscribe', '-n', str(ranks)] + command
    return figures(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=env).stdout)


def run_theirs(options, batch, threads, ranks, extra=()):
    twin = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'pytorch_twin.py')
    command = [options.pytorch, twin, '--batch', str(batch), '--threads', str(threads), *extra]
    if ranks > 1 and '--dense' not in command:
        command.append('--dense')  # gloo sums no sparse gradients
    children = []
    for rank in range(ranks):
        env = dict(os.environ, GLOO_RANK=str(rank), GLOO_SIZE=str(ranks), GLOO_SOCKET_IFNAME='lo', **TUNED)
        children.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env))
    outputs = [child.communicate()[0] for child in children]
    if any(child.returncode for child in children):
        raise subprocess.CalledProcessError(1, command)
    return figures(outputs[0])


def better(old, new):
    """The best of each figure; memory and parameters are the same each time."""
    return {name: max(value, old.get(name, 0)) for name, value in new.items()}


def has_torch(python):
    return python and subprocess.run([python, '-c', 'import torch'], stderr=subprocess.DEVNULL).returncode == 0


def show(setting, kind, ours, theirs):
    line = '%5d %8d %6d  %-5s %9.0f %9.0f %7.0f' % (*setting, kind, ours['samples'], ours['samples_by_cpu'],
                                                  ours['peak_memory'])
    if theirs:
        line += ' %9.0f %9.0f %7.0f %7.2f %7.2f' % (
            theirs['samples'], theirs['samples_by_cpu'], theirs['peak_memory'], ours['samples'] / theirs['samples'],
            ours['samples_by_cpu'] / theirs['samples_by_cpu'])
    print(line, flush=True)


def show_parts(results):
    """Of one thread, a batch of 128: the share of a step, and how near a large product's rate."""
    for result in results:
        if (result['batch'], result['threads'], result['ranks']) != (128, 1, 1):
            continue
        ours = result['ours']
        for part in ('image', 'fusion', 'tables', 'optimiser'):
            line = '%-5s %-9s %5.1f %% of a step' % (result['kind'], part, 100 * ours['samples'] / ours[part + '_alone'])
            if part + '_rate' in ours:
                line += '  %6.1f GFLOP/s, %.2f of a large product in fp32' % (
                    ours[part + '_rate'], ours[part + '_rate'] / ours['product_rate'])
            print(line)


def show_scaling(results, processors):
    """Samples a second of N ranks over N times those of one; PyTorch's sum dense gradients, its one has sparse ones."""
    for whose in ('ours', 'pytorch'):
        rate = {r['ranks']: r[whose]['samples'] for r in results
                if (r['batch'], r['threads'], r['kind']) == (128, 1, 'fp32') and r[whose]}
        for ranks in sorted(rate):
            if ranks > 1:
                print('%-8s %d ranks: %.2f of %d times one rank%s' % (
                    whose, ranks, rate[ranks] / rate[1] / ranks, ranks,
                    '' if ranks <= processors else ', on %d processors: at most %.2f' % (processors, processors / ranks)))


def main():
    options = read_options()
    torch = has_torch(options.pytorch)
    if options.pytorch and not torch:
        sys.exit("bench-trainer: '%s' has no torch (Debian: python3-torch, and PYTORCH=/usr/bin/python3)" % options.pytorch)
    print('batch  threads  ranks  kind  samples/s   per cpu-s     MiB' + (
        '   PyTorch   per cpu-s     MiB   ratio  by cpu' if torch else ''))
    results = []
    for setting in SETTINGS:
        for kind, ours_extra, theirs_extra in [('fp32', (), ()), ('bf16', ('bf16',), ('--bf16',))]:
            if kind == 'bf16' and setting[2] > 1:
                continue
            ours, theirs = {}, {}
            for _ in range(options.rounds):
                ours = better(ours, run_ours(options, *setting, ours_extra))
                if torch:
                    theirs = better(theirs, run_theirs(options, *setting, theirs_extra))
            if theirs and ours['parameters'] != theirs['parameters']:
                sys.exit('bench-trainer: the models differ: %s' % [ours, theirs])
            show(setting, kind, ours, theirs)
            results.append({'batch': setting[0], 'threads': setting[1], 'ranks': setting[2], 'kind': kind,
                            'ours': ours, 'pytorch': theirs})
    show_parts(results)
    show_scaling(results, len(os.sched_getaffinity(0)))
    with open(os.path.join(options.build, 'bench-trainer.json'), 'w', encoding='utf-8') as out:
        json.dump(results, out, indent=1)
        out.write('\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())
