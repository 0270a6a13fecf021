#!/bin/sh
# Of the allocations that the unit tests lead to some fail, the same in each run of CI; 'make
# scarce' lets each of them fail. TAP.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh

test_that 'allocations fail, and nothing crashes' tests/scarce/run --build "$build" --seconds 15 --seed 5
sed 's/^/# /' "$work/output"
tap_end
