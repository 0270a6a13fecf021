/* words: see words.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/simulate/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const char spaces[] = " \t\r\n";

/* Read one word at '*at', which is no space, and move on. Returns 0, or -1 when
 * a quote stays open. */
static int read_word(const char **at, struct text *word)
{
    char quote = '\0';

    for (; **at && (quote || !strchr(spaces, **at)); ++*at) {
        if (**at == '\\' && quote != '\'' && (*at)[1])
            text_append_char(word, *++*at);
        else if (quote && **at == quote)
            quote = '\0';
        else if (!quote && (**at == '\'' || **at == '"'))
            quote = **at;
        else
            text_append_char(word, **at);
    }
    return quote ? -1 : 0;
}

/* As many words as 'string' can have, and the NULL. */
static char **make_room(const char *string)
{
    return calloc(strlen(string) / 2 + 2, sizeof(char *));
}

char **words_split(const char *string, struct error *err)
{
    char **words = make_room(string);
    const char *at = string + strspn(string, spaces);
    size_t count = 0;

    if (!words) {
        error_memory(err);
        return NULL;
    }
    for (; *at; at += strspn(at, spaces)) {
        struct text word = TEXT_INIT;

        if (read_word(&at, &word)) {
            error_usage(err, "a quote is not closed in: %s", string);
            text_clear(&word);
            goto error;
        }
        words[count] =
            word.size || word.failed ? text_take(&word) : text_copy("");
        if (!words[count++]) {
            error_memory(err);
            goto error;
        }
    }
    if (count > 0)
        return words;
    error_usage(err, "expected a command, found nothing");
error:
    words_free(words);
    return NULL;
}

char **words_of_list(const struct tree *list, struct error *err)
{
    size_t count = tree_count(list);
    char **words = calloc(count + 1, sizeof *words);

    for (size_t i = 0; words && i < count; i++)
        if (!(words[i] = text_copy(tree_text(tree_at(list, i))))) {
            words_free(words);
            words = NULL;
        }
    if (!words)
        error_memory(err);
    return words;
}

void words_free(char **words)
{
    for (size_t i = 0; words && words[i]; i++)
        free(words[i]);
    free(words);
}
