/* schema: the tables of a study's database, and the steps between versions.
 *
 * SQLite's user_version is the number of steps a file has been through. Opening
 * an older file takes the missing ones in one transaction; a newer file is
 * refused.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_STORE_SCHEMA_H
#define LAUNCHER_STORE_SCHEMA_H

#include "base/error.h"
#include "launcher/store/sql.h"

/* The version this program writes. */
int schema_version(void);

/* Bring the database to schema_version(). Returns 0, or -1 with 'err' and the
 * database as it was. */
int schema_migrate(struct sql *s, const char *path, struct error *err);

/* Refuse a database of another version than ours (one that cannot be
 * migrated because nobody may write to it). */
int schema_check(struct sql *s, const char *path, struct error *err);

#endif
