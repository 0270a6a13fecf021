#!/usr/bin/env python3
"""A study for TensorBoard: curves as scalars, parameters for its HParams page.

    pip install tensorboard
    sentei export quickstart | python3 to-tensorboard.py FOLDER
    tensorboard --logdir FOLDER

Reads what 'sentei export' writes and leaves FOLDER/trial-00007/events..., a run
for each trial, written by TensorBoard's own code.
SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import sys

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import summary_v2 as hparams
from tensorboard.summary.writer.event_file_writer import EventFileWriter


def write(trial, folder):
    name, began = 'trial-%05d' % trial['trial'], trial['created']
    writer = EventFileWriter(os.path.join(folder, name))
    writer.add_event(Event(wall_time=began, summary=hparams.hparams_pb(trial['params'], trial_id=name, start_time_secs=began)))
    for point in trial['curve']:
        values = [Summary.Value(tag=metric, simple_value=float(value)) for metric, value in point['metrics'].items()]
        writer.add_event(Event(wall_time=began + (point['seconds'] or 0), step=point['step'], summary=Summary(value=values)))
    writer.close()


def main():
    if len(sys.argv) != 2 or sys.stdin.isatty():
        sys.exit(__doc__)
    for line in sys.stdin:
        write(json.loads(line), sys.argv[1])


if __name__ == '__main__':
    main()
