#!/bin/sh
# A trial as a shell script: fits y = a x^2 + b x + c to noisy points by
# gradient descent, the arithmetic done by awk. Nothing to install.
#
# The parameters come as words; each epoch prints a "sentei:" line. The state
# of the fit is a file in $SENTEI_DIR, replaced by mv, and the next attempt
# goes on from it. SIGTERM ends it with status 75: "to be resumed".
# usage: train.sh LEARNING_RATE DECAY [EPOCHS]
# SPDX-License-Identifier: Apache-2.0
set -eu
rate=$1 decay=$2 epochs=${3:-15}
state=${SENTEI_DIR:-.}/state

stop=
trap 'stop=yes' TERM

epoch=0
weights='0 0 0'
if [ -f "$state" ]; then
    read -r epoch weights <"$state"
fi

while [ "$epoch" -lt "$epochs" ]; do
    epoch=$((epoch + 1))
    # One pass over 64 points; the noise is a fixed sequence.
    result=$(echo "$weights" | awk -v rate="$rate" -v decay="$decay" -v epoch="$epoch" '{
        a = $1; b = $2; c = $3; r = rate / (1 + decay * epoch); loss = 0
        for (i = 0; i < 64; i++) {
            x = i / 32 - 1
            y = 1.5 * x * x - 0.7 * x + 0.3 + 0.1 * sin(i * i)
            e = a * x * x + b * x + c - y
            loss += e * e / 64
            a -= r * e * x * x; b -= r * e * x; c -= r * e
        }
        printf "%.17g %.17g %.17g %.17g\n", loss, a, b, c
    }')
    loss=${result%% *}
    weights=${result#* }
    echo "sentei: step=$epoch loss=$loss"
    echo "$epoch $weights" >"$state.new"
    mv "$state.new" "$state"
    if [ -n "$stop" ]; then
        exit 75
    fi
done
