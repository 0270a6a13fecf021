"""Whether two checkpoints are at the same place and hold the same numbers.

    same_weights.py ONE OTHER TOLERANCE     prints the largest difference
SPDX-License-Identifier: Apache-2.0
"""
import json
import struct
import sys
from array import array


def read(path):
    """(tensors' places, their numbers, the training's words)"""
    with open(path, 'rb') as f:
        data = f.read()
    size = struct.unpack('<Q', data[:8])[0]
    header = json.loads(data[8:8 + size])
    words = {k: v for k, v in header.pop('__metadata__').items() if k not in ('report', 'best')}
    floats = array('f')
    floats.frombytes(data[8 + size:])
    return header, floats, words


def main():
    (names, a, where), (others, b, there) = read(sys.argv[1]), read(sys.argv[2])
    worst = max(abs(x - y) for x, y in zip(a, b))
    print('largest difference', worst, 'of', len(a))
    same = [k for k in where if k in ('epoch', 'turn', 'step')]
    sys.exit(not (names == others and all(where[k] == there[k] for k in same) and worst <= float(sys.argv[3])))


main()
