#!/bin/sh
# What 'make gpu-check' and 'make gpu-bench' need: they are built in a tree and
# with a PATH that have nothing but compilers, make, Python and the shell's tools,
# and the benchmark runs here with loops in the GPU's place.
# SPDX-License-Identifier: Apache-2.0
. tests/tap.sh

# The tools of a bare machine: no mpicc, pkg-config, git.
bare=$work/bin
mkdir "$bare"
for tool in sh bash make gcc cc g++ c++ as ld ar python3 sed grep tr cat cmp cp rm mkdir touch printf find dirname readlink env sort head; do
    path=/usr/bin/$tool
    [ -x "$path" ] || path=$(command -v $tool)
    ln -s "$path" "$bare/$tool"
done

# The kernels take minutes to compile and know nothing of the rest: they are kept.
tree=$work/tree
copy_tree() {
    mkdir -p "$tree/build" && cp -a Makefile .ci base client trainer search launcher "$tree" && mkdir "$tree/tests" &&
        cp -a tests/gpu tests/bench "$tree/tests" && { [ ! -d build/cuda ] || cp -a build/cuda "$tree/build"; }
}

makes() {
    env -i PATH="$bare" HOME="$work" make -C "$tree" "$@"
}

# only PATTERN FILE...: they need no other library.
only() {
    pattern=$1
    shift
    for file in "$@"; do
        test -s "$file" || return 1
        objdump -p "$file" | sed -n 's/^ *NEEDED *//p' >"$work/needed"
        cat "$work/needed"
        ! grep -v -x -E "$pattern" "$work/needed" || return 1
    done
}

test_that 'a copy of the tree' copy_tree
test_that 'the programs are built with nothing else there' makes build/gpu/ops build/gpu/train build/gpu/bench build/gpu/libbench.so
test_that 'and need the C library alone' only 'ld-linux.*|lib(c|m|dl|pthread)[.]so[.][0-9]' \
    "$tree/build/gpu/ops" "$tree/build/gpu/train" "$tree/build/gpu/bench" "$tree/build/gpu/libbench.so"
if [ -e "$build/sentei-cuda.so" ] && [ -x /usr/local/cuda/bin/nvcc ]; then
    test_that 'so is the CUDA backend' makes OUT=build/gpu BARE=1 cuda
    test_that "and needs CUDA's libraries" only 'ld-linux.*|lib(c|m|dl|rt|pthread|stdc[+][+]|gcc_s|cudnn|cublasLt)[.]so[.][0-9]+' \
        "$tree/build/gpu/sentei-cuda.so"
fi
test_that 'two backends train alike' "$tree/build/gpu/train" plain plain 144 1 1

runs_the_benchmark() {
    (cd "$tree" && tests/gpu/bench.py --backend plain --models reference --batches 4 --steps 1 --rounds 1 --json bench.json) >"$work/said" 2>&1
    status=$?
    cat "$work/said"
    test $status = 0 && python3 - "$tree/bench.json" <<'END'
import json, sys
result, = json.load(open(sys.argv[1]))['results']
ours = result['ours']
assert result['model'] == 'reference' and result['batch'] == 4
assert ours['samples'] > 0 and ours['first_step_s'] > 0 and ours['parameters'] == 5609217
# 230.0e6 operations of an example in the image tower, forward and backward (the first layer has no gradient of its input)
done = sum(ours['work'][name]['operations'] for name in ours['work'] if name.startswith('conv_'))
assert abs(done / 4 - 230.0e6) < 0.1e6, done
END
}
test_that 'the benchmark runs with loops in place of the GPU' runs_the_benchmark

knows_kernels() {
    python3 - <<'END'
import re, sys
sys.path.insert(0, 'tests/gpu')
import bench, profile as watch
import glob
kernels = set(re.findall(r'__global__ void (\w+)', ' '.join(open(f).read() for f in glob.glob('trainer/backend/cuda/*.cu'))))
assert set(bench.MEMORY) <= kernels, set(bench.MEMORY) - kernels
for name, operation in [
        ('void combine<bf16>(walk, float const*, float)', ('norm_backward', False)),
        ('update_rows(update, unsigned long)', ('update', False)),
        ('sm90_xmma_fprop_implicit_gemm_bf16f32_nhwc', ('conv_forward', True)),
        ('sm90_xmma_dgrad_implicit_gemm_bf16', ('conv_backward_data', True)),
        ('void cutlass__5x_cudnn::Kernel<cutlass_tensorop_wgrad_optimized>(Params)', ('conv_backward_weights', True)),
        ('nvjet_tst_128x64', ('gemm', True)), ('row_losses(target)', (None, False))]:
    assert bench.operation_of(name) == operation, (name, bench.operation_of(name))
seen = watch.summary([('update_rows(update)', 0.0, 40.0), ('moments<bf16>(w)', 30.0, 60.0), ('update_rows(update)', 80.0, 100.0)], 2)
assert seen['span_us'] == 100 and seen['busy_us'] == 80, seen
top = bench.reached(seen, {'update': {'operations': 0, 'bytes': 3e4}}, {'copy_bytes_s': 2e9, 'matrix_operations_s': 1})
assert top[0]['operation'] == 'update' and top[0]['us_a_step'] == 30 and abs(top[0]['reached'] - 0.5) < 1e-9, top
assert top[1]['operation'] == 'norm_moments' and top[1]['reached'] is None
assert bench.better({'samples': 2, 'first_step_s': 3}, {'samples': 1, 'first_step_s': 1}) == {'samples': 2, 'first_step_s': 1}
END
}
test_that 'kernels are known by their names, idle time and the share reached come out' knows_kernels
tap_end
