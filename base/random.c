/* random: see random.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"

#include <errno.h>
#include <math.h>
#include <sys/random.h>

static const uint64_t golden = 0x9e3779b97f4a7c15u;

uint64_t random_mix(uint64_t value)
{
    value += golden;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

void random_seed(struct random *r, uint64_t seed, uint64_t stream)
{
    uint64_t s = random_mix(seed) ^ random_mix(~stream);

    for (int i = 0; i < 4; i++)
        r->state[i] = random_mix(s += golden);
}

static uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t random_bits(struct random *r)
{
    uint64_t *s = r->state;
    uint64_t result = rotate(s[0] + s[3], 23) + s[0];
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

double random_uniform(struct random *r)
{
    return (double)(random_bits(r) >> 11) * 0x1p-53;
}

uint64_t random_below(struct random *r, uint64_t n)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)random_bits(r) * n;

    if ((uint64_t)product < n) {
        uint64_t threshold = (0 - n) % n;

        while ((uint64_t)product < threshold)
            product = (wide)random_bits(r) * n;
    }
    return (uint64_t)(product >> 64);
}

double random_normal(struct random *r)
{
    double u = 1.0 - random_uniform(r); /* (0, 1]: the logarithm is finite */
    double v = random_uniform(r);

    return sqrt(-2.0 * log(u)) * cos(6.283185307179586477 * v);
}

void random_shuffle(struct random *r, size_t *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)random_below(r, i);
        size_t swap = items[i - 1];

        items[i - 1] = items[j];
        items[j] = swap;
    }
}

int random_secret(void *bytes, size_t size)
{
    unsigned char *p = bytes;

    while (size > 0) {
        ssize_t n = getrandom(p, size, 0);

        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0) {
            p += n;
            size -= (size_t)n;
        }
    }
    return 0;
}
