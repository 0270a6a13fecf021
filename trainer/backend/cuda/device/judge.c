/* judge: whether what there is can run the backend, and what to do if not.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/device/gpu.h"

enum { OLDEST_MAJOR = 7 }; /* Volta */

static int refuse(struct error *err, const char *hint)
{
    error_hint(err, "%s, or say 'backend: cpu'", hint);
    return -1;
}

int gpu_judge(const struct gpu_facts *f, struct error *err)
{
    if (f->driver == 0) {
        error_usage(err, "no NVIDIA driver is on this machine");
        return refuse(err, "run it where there is a GPU (resources: gpus: 1)");
    }
    if (f->driver / 1000 < f->runtime / 1000) {
        error_usage(err,
                    "the NVIDIA driver is for CUDA %d.%d, this build needs %d",
                    f->driver / 1000, f->driver % 1000 / 10, f->runtime / 1000);
        return refuse(err, "update the driver or build with an older toolkit");
    }
    if (f->trouble[0]) {
        error_usage(err, "no GPU can be used: %s", f->trouble);
        return refuse(err, "see what nvidia-smi says");
    }
    if (f->devices == 0) {
        error_usage(err, "no GPU is visible to this process");
        return refuse(err, "ask Slurm for one (resources: gpus: 1) or look at "
                           "CUDA_VISIBLE_DEVICES");
    }
    if (f->major < OLDEST_MAJOR) {
        error_usage(err, "%s has compute capability %d.%d, %d.0 is needed",
                    f->name, f->major, f->minor, OLDEST_MAJOR);
        return refuse(err, "use a newer GPU");
    }
    if (!f->runs_our_code) {
        error_usage(err,
                    "this build has no code for %s (compute capability "
                    "%d.%d)",
                    f->name, f->major, f->minor);
        error_hint(err, "build with: make CUDA_ARCH=%d%d", f->major, f->minor);
        return -1;
    }
    return 0;
}
