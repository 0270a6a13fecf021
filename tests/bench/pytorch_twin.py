#!/usr/bin/env python3
"""The models of tests/bench/reference.h in PyTorch: what 'make bench-trainer' and 'make gpu-bench' compare with.

    pytorch_twin.py --batch 128 --threads 1 [--bf16] [--dense]
    pytorch_twin.py --device cuda --batch 512 --bf16 [--model resnet] [--compile]

The same layers, sizes and number of parameters, random examples in memory, the fast settings of PyTorch: channels-last
images, sparse gradients and lazy Adam for the n-gram table as there (--dense: Adam over all of it). On a GPU each step
brings pixels and ids there from pinned memory, Adam is the fused one over all of the table, convolutions are timed to
choose from (cudnn.benchmark), and --compile is torch.compile with CUDA graphs (reduce-overhead).
Prints figures as bench programs do. With GLOO_RANK and GLOO_SIZE in the environment it is one of several processes.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import os
import resource
import time

parser = argparse.ArgumentParser()
parser.add_argument('--batch', type=int, default=128)
parser.add_argument('--threads', type=int, default=1)
parser.add_argument('--steps', type=int, default=15)
parser.add_argument('--bf16', action='store_true')
parser.add_argument('--dense', action='store_true')
parser.add_argument('--model', choices=['reference', 'resnet'], default='reference')
parser.add_argument('--device', choices=['cpu', 'cuda'], default='cpu')
parser.add_argument('--compile', action='store_true')
options = parser.parse_args()
options.dense |= options.device == 'cuda'
os.environ['OMP_NUM_THREADS'] = str(options.threads)

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

WORDS, BUCKETS, TEXT = 40, 1 << 16, 64
VALUES, CATEGORY = [30, 120, 500, 2000, 8000, 33000], 16
NUMBERS, EDGES, NUMBER = 4, 15, 8
WIDTHS, HIDDEN, DROPOUT = [32, 64, 128], [512, 512], 0.2
RESNET = [64, 128, 256, 512]
SIZE = 64 if options.model == 'resnet' else 32
WARM = 2 if options.device == 'cpu' else 10


def image_tower():
    layers, channels = [], 3
    for stage, width in enumerate(WIDTHS):
        for _ in range(2):
            layers += [nn.Conv2d(channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
            channels = width
        layers.append(nn.MaxPool2d(2) if stage + 1 < len(WIDTHS) else nn.AdaptiveAvgPool2d(1))
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


class Block(nn.Module):
    """Two convolutions and a way around them, filled up with zeros where there are more channels behind them."""

    def __init__(self, channels, width):
        super().__init__()
        self.more = width - channels
        self.first = nn.Sequential(nn.Conv2d(channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width),
                                   nn.ReLU(inplace=True))
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        around = F.pad(x, (0, 0, 0, 0, 0, self.more)) if self.more else x
        return F.relu(self.second(self.first(x)) + around)


class Resnet(nn.Module):
    def __init__(self):
        super().__init__()
        layers, channels = [nn.Conv2d(3, RESNET[0], 3, padding=1, bias=False), nn.BatchNorm2d(RESNET[0]),
                            nn.ReLU(inplace=True)], RESNET[0]
        for stage, width in enumerate(RESNET):
            layers += [Block(channels, width), Block(width, width)]
            layers.append(nn.MaxPool2d(2) if stage + 1 < len(RESNET) else nn.AdaptiveAvgPool2d(1))
            channels = width
        self.image = nn.Sequential(*layers).to(memory_format=torch.channels_last)
        self.out = nn.Linear(channels, 1)

    def forward(self, image, *_):
        return self.out(self.image(image).flatten(1)).squeeze(1)


def fusion(features):
    layers = []
    for width in HIDDEN:
        layers += [nn.Linear(features, width, bias=False), nn.BatchNorm1d(width), nn.ReLU(inplace=True), nn.Dropout(DROPOUT)]
        features = width
    return nn.Sequential(*layers, nn.Linear(features, 1))


class Twin(nn.Module):
    def __init__(self):
        super().__init__()
        self.image = image_tower()
        self.text = nn.EmbeddingBag(BUCKETS, TEXT, mode='mean', sparse=not options.dense)
        self.categories = nn.ModuleList(nn.Embedding(n, CATEGORY) for n in VALUES)
        self.numbers = nn.ModuleList(nn.Embedding(EDGES + 1, NUMBER) for _ in range(NUMBERS))
        self.register_buffer('edges', torch.linspace(-2, 2, EDGES))
        self.fusion = fusion(WIDTHS[-1] + TEXT + len(VALUES) * CATEGORY + NUMBERS * NUMBER)

    def forward(self, image, words, offsets, categories, numbers):
        buckets = torch.bucketize(numbers, self.edges)
        fields = [e(categories[:, i]) for i, e in enumerate(self.categories)]
        fields += [e(buckets[:, i]) for i, e in enumerate(self.numbers)]
        return self.fusion(torch.cat([self.image(image).flatten(1), self.text(words, offsets)] + fields, 1)).squeeze(1)


def make_batch():
    count = options.batch
    return (torch.randn(count, 3, SIZE, SIZE).contiguous(memory_format=torch.channels_last),
            torch.randint(0, BUCKETS, (count * WORDS,)), torch.arange(0, count * WORDS, WORDS),
            torch.stack([torch.randint(0, n, (count,)) for n in VALUES], 1), torch.randn(count, NUMBERS)), \
        (torch.rand(count) < 0.1).float()


def optimisers(model):
    dense = [p for name, p in model.named_parameters() if options.dense or name != 'text.weight']
    both = [torch.optim.Adam(dense, lr=1e-3, **({'fused': True} if options.device == 'cuda' else {}))]
    if not options.dense and options.model == 'reference':
        both.append(torch.optim.SparseAdam([model.text.weight], lr=1e-3))
    return both


def make_pinned_batch():
    """The batch as it comes from a data set: pixels are bytes, in memory that the device reads."""
    (_, *rest), label = make_batch()
    pixels = torch.randint(0, 256, (options.batch, 3, SIZE, SIZE), dtype=torch.uint8)
    return [t.pin_memory() for t in (pixels, *rest)], label.pin_memory()


def to_device(batch, label):
    if options.device == 'cpu':
        return batch, label
    pixels, *rest = [t.to('cuda', non_blocking=True) for t in batch]
    image = ((pixels.float() - 127.5) / 63.75).contiguous(memory_format=torch.channels_last)
    return (image, *rest), label.to('cuda', non_blocking=True)


def one_step(model, net, steps, batch, label):
    batch, label = to_device(batch, label)
    for optimiser in steps:
        optimiser.zero_grad(set_to_none=net is model)
    with torch.autocast(options.device, dtype=torch.bfloat16, enabled=options.bf16):
        logit = net(*batch)
    F.binary_cross_entropy_with_logits(logit.float(), label).backward()
    for optimiser in steps:
        optimiser.step()


def join(model):
    """The model itself, or one that averages gradients over processes."""
    size = int(os.environ.get('GLOO_SIZE', '1'))
    if size == 1:
        return model, size
    import torch.distributed as d
    os.environ.update(MASTER_ADDR='127.0.0.1', MASTER_PORT=os.environ.get('GLOO_PORT', '29618'))
    d.init_process_group('gloo', rank=int(os.environ['GLOO_RANK']), world_size=size)
    return nn.parallel.DistributedDataParallel(model, gradient_as_bucket_view=options.dense), size


def main_on_gpu():
    """The whole of the steps is timed: what one ends with on the device overlaps with the next."""
    torch.manual_seed(1)
    torch.backends.cudnn.benchmark = True
    model = (Resnet() if options.model == 'resnet' else Twin()).train().cuda()
    net = torch.compile(model, mode='reduce-overhead') if options.compile else model
    batch, label = make_pinned_batch()
    steps = optimisers(model)
    for i in range(WARM + options.steps):
        if i == WARM:
            torch.cuda.synchronize()
            started = time.perf_counter()
        one_step(model, net, steps, batch, label)
    torch.cuda.synchronize()
    print('train.samples %.0f samples/s' % (options.batch * options.steps / (time.perf_counter() - started)))
    print('train.parameters %d numbers' % sum(p.numel() for p in model.parameters()))


def main():
    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    model = (Resnet() if options.model == 'resnet' else Twin()).train()
    net, size = join(model)
    batch, label = make_batch()
    steps, walls, cpu = optimisers(model), [], 0
    for i in range(WARM + options.steps):
        if i == WARM:
            cpu = time.process_time()
        wall = time.perf_counter()
        one_step(model, net, steps, batch, label)
        if i >= WARM:
            walls.append(time.perf_counter() - wall)
    cpu = (time.process_time() - cpu) / options.steps
    if os.environ.get('GLOO_RANK', '0') == '0':
        print('train.samples %.0f samples/s' % (options.batch * size / min(walls)))
        print('train.samples_by_cpu %.0f samples/cpu-s' % (options.batch / cpu))
        print('train.peak_memory %.0f MiB' % (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
        print('train.parameters %d numbers' % sum(p.numel() for p in model.parameters()))


main_on_gpu() if options.device == 'cuda' else main()
