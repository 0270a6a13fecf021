/* place: which of a machine's devices is for this process.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "trainer/backend/cuda/device/gpu.h"

enum { MOST_DEVICES = 64 };

/* The numbers of a list "2,3"; 0 when it is none or names more than there are. */
static int read_list(const char *text, int devices, int *number)
{
    int count = 0;
    char *end;

    while (text && *text && count < MOST_DEVICES) {
        long n = strtol(text, &end, 10);

        if (end == text || n < 0 || n >= devices || (*end && *end != ','))
            return 0;
        number[count++] = (int)n;
        text = *end ? end + 1 : end;
    }
    return count;
}

int gpu_place(int local, int devices, const char *visible, const char *step)
{
    int number[MOST_DEVICES];
    int count = visible ? 0 : read_list(step, devices, number);

    /* as many as the step has: the others are hidden, these numbered anew */
    if (count == 0 || count == devices)
        return local % devices;
    return number[local % count];
}
