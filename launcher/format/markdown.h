/* markdown: a table as GitHub-flavoured Markdown, to paste into a page.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_FORMAT_MARKDOWN_H
#define LAUNCHER_FORMAT_MARKDOWN_H

#include "base/text.h"
#include "launcher/format/table.h"

/* Append 't', numbers as people read them and aligned right, what Markdown or
 * HTML would take for markup escaped, the best rows in bold. */
void markdown_print(const struct table *t, struct text *out);

#endif
