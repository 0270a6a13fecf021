/* assign: parameters for the program that uses them next.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/view/assign.h"

#include <ctype.h>
#include <string.h>

#include "launcher/format/table.h"

static void append_value(const struct tree *value, struct text *out)
{
    struct cell cell = cell_of(value);
    struct text word = TEXT_INIT;

    cell_write(&cell, &word);
    text_append_quoted(out, text_get(&word));
    out->failed |= word.failed;
    text_clear(&word);
}

/* The shell's name for character 'i' of a parameter's name. */
static char shell_character(const char *name, size_t i)
{
    return isalnum((unsigned char)name[i]) && (unsigned char)name[i] < 0x80
               ? name[i]
               : '_';
}

static bool same_in_shell(const char *a, const char *b)
{
    size_t length = strlen(a);

    if (strlen(b) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (shell_character(a, i) != shell_character(b, i))
            return false;
    return true;
}

int assign_env(const struct tree *params, struct text *out, struct error *err)
{
    for (size_t i = 0; i < tree_count(params); i++) {
        const char *name = tree_key(params, i);

        for (size_t k = 0; k < i; k++)
            if (same_in_shell(name, tree_key(params, k))) {
                error_set(err, "'%s' and '%s' have the same name in a shell",
                          tree_key(params, k), name);
                return error_hint(err, "use --format json");
            }
        if (isdigit((unsigned char)name[0]))
            text_append_char(out, '_');
        for (size_t c = 0; name[c]; c++)
            text_append_char(out, shell_character(name, c));
        text_append_char(out, '=');
        append_value(tree_at(params, i), out);
        text_append_char(out, '\n');
    }
    return 0;
}

void assign_args(const struct tree *params, struct text *out)
{
    struct text option = TEXT_INIT;

    for (size_t i = 0; i < tree_count(params); i++) {
        text_reset(&option);
        text_format(&option, "--%s", tree_key(params, i));
        text_append(out, i ? " " : "");
        text_append_quoted(out, text_get(&option));
        text_append_char(out, ' ');
        append_value(tree_at(params, i), out);
    }
    text_append_char(out, '\n');
    out->failed |= option.failed;
    text_clear(&option);
}
