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

/* Append one self-contained HTML page with 'changes', a reply of GET
 * /v1/changes, in it. */
void page_report(const struct tree *changes, struct text *out);

#endif
