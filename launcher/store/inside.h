/* inside: what the files of this folder share and nobody else sees.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_STORE_INSIDE_H
#define LAUNCHER_STORE_INSIDE_H

#include "launcher/store/fence.h"
#include "launcher/store/sql.h"
#include "launcher/store/store.h"

struct store {
    struct sql *sql;
    struct fence fence;
};

/* Run one statement with an array of values: RUN(s, "INSERT ...", values,
 * err). */
#define store_run(store, text, values, err)                                   \
    sql_do((store)->sql, (text), (values), sizeof(values) / sizeof *(values), \
           (err))
#define store_ask(store, text, values, err)                                    \
    sql_ask((store)->sql, (text), (values), sizeof(values) / sizeof *(values), \
            (err))

/* Optional columns: NULL stands for "none" (-1, 0 or NAN). */
struct sql_value store_step_value(int64_t step);
struct sql_value store_id_value(int64_t id);
struct sql_value store_time_value(double time);

/* Copy a column's text into a field, cut to its size. */
void store_copy_text(char *to, size_t size, const char *from);

#endif
