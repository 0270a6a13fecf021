/* positions: how sequences of many lengths are laid side by side.
 *
 * All rows of a batch have the same number of positions, a little more than
 * the longest of them needs; each row says how many are its own.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BATCH_POSITIONS_H
#define TRAINER_BATCH_POSITIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a sequence becomes features: all its positions side by side; the largest
 * answers of 'width' filters over each window of 'shortest' to 'longest'
 * positions (Kim 2014); the last state of a long short-term memory of 'width'
 * units, one each way when 'bidirectional'. */
enum sequence_kind {
    SEQUENCE_NONE,
    SEQUENCE_FLAT,
    SEQUENCE_CNN,
    SEQUENCE_LSTM
};
struct sequence_options {
    enum sequence_kind kind;
    int64_t length; /* positions looked at; what is behind them is left out */
    int64_t width;
    int64_t shortest, longest;
    bool bidirectional;
};

struct positions {
    size_t count;     /* of each row */
    uint32_t *length; /* [rows] */
};

/* How many of 'there' positions are looked at. */
uint32_t positions_kept(const struct sequence_options *o, size_t there);

/* The positions each row needs where the longest has 'kept': one more, and as
 * many as the longest window. */
size_t positions_needed(const struct sequence_options *o, size_t kept);

#endif
