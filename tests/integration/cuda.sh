#!/bin/sh
# The CUDA backend where there is no GPU: what it says, that it is whole, and
# its kernels on this processor; the other backends against each other.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh

# Emulated threads have stacks of their own, which ASan's own tricks do not know.
ASAN_OPTIONS=detect_stack_use_after_return=0:detect_leaks=0
export ASAN_OPTIONS

make_data() {
    "$build/sentei-data" synth listings -o "$work/data" --rows 300 &&
        printf 'data: %s/data\nepochs: 1\n' "$work" >"$work/train.yaml"
}

# refuses PATTERN COMMAND...: it exits with 2 and says so.
refuses() {
    pattern=$1
    shift
    "$@" >"$work/said" 2>&1
    status=$?
    cat "$work/said"
    test $status = 2 && grep -q "$pattern" "$work/said" && grep -q 'hint: ' "$work/said"
}

has_gpu() {
    test -e /dev/nvidiactl
}

every_symbol_is_found() {
    ldd -r "$build/sentei-cuda.so" >"$work/symbols" 2>&1
    cat "$work/symbols"
    ! grep -q 'undefined symbol\|not found' "$work/symbols" &&
        test "$(nm -D --defined-only "$build/sentei-cuda.so" | grep -c ' sentei_plugin$')" = 1
}

cp "$build/sentei-train" "$work/alone"

test_that 'a small data set' make_data
test_that 'a plug-in that was not built is said' refuses 'not built here' "$work/alone" -c "$work/train.yaml" -b cuda
test_that 'a library that is no plug-in is said' refuses 'cannot open the CUDA backend' \
    env SENTEI_CUDA="$work/train.yaml" "$build/sentei-train" -c "$work/train.yaml" -b cuda
test_that 'a backend nobody knows is refused' refuses 'backend' "$build/sentei-train" -c "$work/train.yaml" -b gpu
if [ -e "$build/sentei-cuda.so" ]; then
    test_that 'the plug-in lacks no symbol' every_symbol_is_found
    test_that 'cuDNN has plans for each pass on a GPU that is not there' "$build/tests/gpu/plans"
    has_gpu || test_that 'no driver is said' refuses 'no NVIDIA driver' "$build/sentei-train" -c "$work/train.yaml" -b cuda
fi
test_that 'the plain backend trains' "$build/sentei-train" -c "$work/train.yaml" -b plain --set model.image.type=none
test_that 'cpu does what plain does' "$build/tests/gpu/ops" plain cpu
test_that "cuda's kernels do what plain does" build/emulated/ops plain cuda
test_that 'with bf16 too, within its rounding' build/emulated/ops plain cuda:bf16
tap_end
