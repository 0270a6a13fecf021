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

# with_device CAPABILITY PATTERN: the emulated GPU pretends to be of another kind.
with_device() {
    refuses "$2" env EMULATED_CAPABILITY="$1" SENTEI_CUDA=build/emulated/sentei-cuda.so "$build/sentei-train" -c "$work/train.yaml" -b cuda
}

# with_libraries FOLDER PATTERN [NAME=VALUE]: the real plug-in finds these first.
with_libraries() {
    refuses "$2" env LD_LIBRARY_PATH="$1" "${3:-A=}" "$build/sentei-train" -c "$work/train.yaml" -b cuda
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

# nccl CASE FOLDER WORD: with the library of the folder, pretending something.
nccl() {
    LD_LIBRARY_PATH=$2 NCCL_PRETENDS=$3 "$build/tests/gpu/nccl" "$1"
}

# trains FOLDER BACKEND WORD...: one epoch, the checkpoint is kept.
trains() {
    folder=$1 backend=$2
    shift 2
    SENTEI_CUDA=build/emulated/sentei-cuda.so "$@" "$build/sentei-train" -c "$work/small.yaml" -b "$backend" --folder "$work/$folder"
}

# One GPU a rank, each emulated on this processor; MPI stands in for NCCL.
ranks() {
    trains "$1" cuda in_ranks "$2"
}

# The third has none and judges.
ranks_and_helper() {
    echo 'helpers: 1' >>"$work/small.yaml"
    ranks helped 3 >"$work/said" 2>&1
    status=$?
    cat "$work/said"
    test $status = 0 && grep -q '^epoch 1/1 .*val.log_loss' "$work/said"
}

# same FOLDER FOLDER [TOLERANCE]
same() {
    python3 tests/integration/same_weights.py "$work/$1/checkpoint.safetensors" "$work/$2/checkpoint.safetensors" "${3:-1e-4}"
}

trains_traced() {
    trains one cuda env SENTEI_TRACE=cuda 2>"$work/graph"
    status=$?
    cat "$work/graph"
    return $status
}

ran_as_graphs() {
    grep 'a step of [0-9]* commands is a graph' "$work/graph" && ! grep 'no CUDA graphs' "$work/graph"
}

piece_by_piece() {
    trains pieces cuda env SENTEI_CUDA_GRAPH=0 && same one pieces 0
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
    mkdir "$work/cudnn" && echo 'no library' >"$work/cudnn/libcudnn.so.9"
    test_that 'a cuDNN that does not open is said' with_libraries "$work/cudnn" 'libcudnn.so.9'
    test_that 'a driver that is too old is said' with_libraries "$build/tests/gpu/pretended" 'is for CUDA 12.4' CUDA_PRETENDS=12040
    test_that 'a driver without a device is said' with_libraries "$build/tests/gpu/pretended" 'no CUDA-capable device'
    has_gpu || test_that 'no driver is said' refuses 'no NVIDIA driver' "$build/sentei-train" -c "$work/train.yaml" -b cuda
fi
if [ -e "$build/tests/gpu/nccl" ]; then
    pretended=$build/tests/gpu/pretended
    test_that 'NCCL sums and gathers' nccl sums "$pretended" ''
    test_that 'a lost rank ends what is under way, once' nccl lost "$pretended" lost
    test_that 'why ranks cannot join is said' nccl refused "$pretended" busy
    test_that 'an NCCL that is too old is said' nccl old "$pretended" 2100
    mkdir "$work/nccl" && echo 'no library' >"$work/nccl/libnccl.so.2"
    test_that 'an NCCL that does not open is said' nccl none "$work/nccl" ''
    test_that 'the real NCCL makes ids without a GPU' nccl real "$(.ci/cuda | sed -n 's/^NCCL_LIBS := -Wl,-rpath,//p')" ''
fi
test_that 'the plain backend trains' "$build/sentei-train" -c "$work/train.yaml" -b plain --set model.image.type=none
test_that 'cpu does what plain does' "$build/tests/gpu/ops" plain cpu
test_that 'and trains made-up listings as plain does' "$build/tests/gpu/train" plain cpu 480 1 2
test_that "cuda's kernels do what plain does" build/emulated/ops plain cuda
test_that 'with bf16 too, within its rounding' build/emulated/ops plain cuda:bf16
cat >"$work/small.yaml" <<END
data: $work/data
epochs: 1
batch: {size: 25}
model:
  image: {width: 4, stages: 2, blocks: 1}
  text: {dimension: 4, buckets: 512}
  fusion: {depth: 2, width: 12}
optimizer: {type: sgd, lr: 0.02, momentum: 0}
END
test_that 'the CPU trains a small model' trains cpu cpu
test_that 'an emulated GPU trains it' trains_traced
test_that 'to the same weights' same cpu one
test_that 'a step became a graph, and none could not' ran_as_graphs
test_that 'piece by piece it gives the same bits' piece_by_piece
test_that 'a device that is too old is said' with_device 61 'compute capability 6.1, 7.0 is needed'
test_that 'a device there is no code for is said' with_device 130 'no code for emulated (compute capability 13.0)'
if command -v mpirun >/dev/null; then
    test_that 'two ranks with an emulated GPU each train it' ranks two 2
    test_that 'to the same weights' same cpu two
    test_that 'and a rank without one judges beside them' ranks_and_helper
fi
tap_end
