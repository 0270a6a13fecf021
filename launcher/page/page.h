/* page: the study's page, as files the controller serves and as one report.
 *
 * The files of this folder and Chart.js are part of the program, so that
 * nothing is fetched from elsewhere. They hold no data: those come from
 * /v1/changes (docs/api.md), or lie in the report.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_PAGE_PAGE_H
#define LAUNCHER_PAGE_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "base/tree.h"

struct page_file {
    const char *path, *type; /* "/page.css", "text/css; charset=utf-8" */
    const char *data;
    size_t size;
};

/* Fill in the file at 'path' ("/" is the page itself). Returns whether there is
 * one. */
bool page_find(const char *path, struct page_file *file);

/* Append a self-contained HTML page: its beginning, each reply of GET
 * /v1/changes, its end. */
void page_begin(struct text *out);
void page_data(const struct tree *changes, struct text *out);
void page_end(struct text *out);

#endif
