/* yaml: the door to libyaml; YAML text to a tree with positions, and back.
 *
 * Read strictly: one document, UTF-8, no duplicate keys, no anchors, aliases
 * or tags, at most YAML_MAX_BYTES bytes, YAML_MAX_DEPTH deep and
 * YAML_MAX_NODES values. Plain scalars follow the YAML 1.2 core schema: null,
 * ~ and nothing are null; true/false; whole numbers; decimals; .inf, .nan;
 * all else, and everything quoted, is a string ("04:00:00", "no" are strings).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "base/tree.h"

enum { YAML_MAX_BYTES = 1 << 20, YAML_MAX_DEPTH = 32, YAML_MAX_NODES = 20000 };

/* Read 'size' bytes; 'name' is the file's name in messages. Returns the tree,
 * which the caller destroys, or NULL with 'err' (kind USAGE, where
 * "name:line:column"). An empty document is an error. */
struct tree *yaml_parse(const char *data, size_t size, const char *name,
                        struct error *err);

/* Read a file: as file_read_named() and yaml_parse(). */
struct tree *yaml_read(const char *path, struct error *err);

/* Append 't' as block-style YAML that yaml_parse() reads back equal. */
void yaml_format(const struct tree *t, struct text *out);

/* The version of libyaml that is linked. */
const char *yaml_version(void);

#endif
