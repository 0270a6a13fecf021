/* analysis: what our functions promise in words, told to the analyzers.
 *
 * Included before each file by 'make lint', never by a build. The error
 * functions always return -1; each is followed by that value here, so that a
 * path on which they returned 0 is not looked at.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "base/reader.h"

static inline int always_minus_one(int rc)
{
    (void)rc;
    return -1;
}

#define error_set(...) always_minus_one(error_set(__VA_ARGS__))
#define error_usage(...) always_minus_one(error_usage(__VA_ARGS__))
#define error_errno(...) always_minus_one(error_errno(__VA_ARGS__))
#define error_memory(err) always_minus_one(error_memory(err))
#define error_where(...) always_minus_one(error_where(__VA_ARGS__))
#define error_hint(...) always_minus_one(error_hint(__VA_ARGS__))
#define error_prefix(...) always_minus_one(error_prefix(__VA_ARGS__))
#define reader_error_at(...) always_minus_one(reader_error_at(__VA_ARGS__))
