/* command: see command.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/study/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "base/text.h"

/* "{name}" in a word: where it begins and ends, and the name. */
struct place {
    const char *begin, *end;
    char name[128];
    bool quoted; /* "{{name}}": the text "{name}" */
};

/* Names that are the trial's own. */
static const char *const own_names[] = { "trial", "attempt", "folder" };
enum { OWN_TRIAL, OWN_ATTEMPT, OWN_FOLDER, OWN_NAMES };

static const char first_letter[] = "abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
static const char letter[] = "abcdefghijklmnopqrstuvwxyz"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.@/-";

static int own_name(const char *name)
{
    for (int i = 0; i < OWN_NAMES; i++)
        if (strcmp(own_names[i], name) == 0)
            return i;
    return -1;
}

/* Whether a place begins at the brace 'c'. */
static bool place_at(const char *c, struct place *p)
{
    bool twice = c[1] == '{';
    const char *name = c + 1 + twice;
    size_t length = strspn(name, letter);

    if (length == 0 || length >= sizeof p->name ||
        !strchr(first_letter, name[0]) || name[length] != '}')
        return false;
    if (twice && name[length + 1] != '}')
        return false; /* a brace, then a place */
    memcpy(p->name, name, length);
    p->name[length] = '\0';
    p->begin = c;
    p->end = name + length + 1 + twice;
    p->quoted = twice;
    return true;
}

/* The next place in 'text'; false when there is none. */
static bool next_place(const char *text, struct place *p)
{
    for (const char *c = strchr(text, '{'); c; c = strchr(c + 1, '{'))
        if (place_at(c, p))
            return true;
    return false;
}

/* ---- checking --------------------------------------------------------- */

struct check {
    const struct space *space;
    const char *file, *path;
    struct error *err;
};

static int unknown_place(const struct check *c, const struct tree *word,
                         const char *name)
{
    const char **names = calloc(c->space->count + OWN_NAMES, sizeof *names);
    const char *near;
    size_t count = 0;

    if (!names)
        return error_memory(c->err);
    for (size_t i = 0; i < c->space->count; i++)
        names[count++] = c->space->parameters[i].name;
    for (int i = 0; i < OWN_NAMES; i++)
        names[count++] = own_names[i];
    near = text_nearest(name, names, count);
    reader_error_at(c->err, c->file, word,
                    "%s: the space has no parameter '%s'", c->path, name);
    if (near)
        error_hint(c->err, "did you mean {%s}?", near);
    else
        error_hint(c->err, "{{%s}} stands for the text {%s}", name, name);
    free(names);
    return -1;
}

/* Every place in a word has a name that exists. Returns 1 when the word may be
 * left out for a parameter that is not always active, else 0, or -1. */
static int check_word(const struct check *c, const struct tree *word)
{
    const char *text = tree_text(word);
    struct place p;
    int optional = 0;

    if (tree_kind(word) != TREE_STRING) {
        reader_error_at(c->err, c->file, word,
                        "%s: expected a string, found %s", c->path,
                        tree_kind_name(tree_kind(word)));
        return error_hint(c->err, "put it in quotes");
    }
    for (; next_place(text, &p); text = p.end) {
        long i = p.quoted ? -1 : space_index(c->space, p.name);
        if (i >= 0 && c->space->parameters[i].condition_count > 0)
            optional = 1;
        if (i < 0 && !p.quoted && own_name(p.name) < 0)
            return unknown_place(c, word, p.name);
    }
    return optional;
}

static int check_group(const struct check *c, const struct tree *group)
{
    if (tree_count(group) == 0)
        return reader_error_at(c->err, c->file, group, "%s: an empty group",
                               c->path);
    for (size_t i = 0; i < tree_count(group); i++)
        if (check_word(c, tree_at(group, i)) < 0)
            return -1;
    return 0;
}

/* A word that may be left out must not leave an option without its value. */
static int check_alone(const struct check *c, const struct tree *option,
                       const struct tree *word)
{
    if (!option || tree_text(option)[0] != '-' ||
        strchr(tree_text(option), '=') || tree_text(word)[0] != '{')
        return 0;
    reader_error_at(c->err, c->file, word,
                    "%s: '%.60s' has no value in trials where %.60s is not "
                    "active",
                    c->path, tree_text(option), tree_text(word));
    return error_hint(c->err, "make a group of them: [%.60s, \"%.60s\"]",
                      tree_text(option), tree_text(word));
}

static int check_item(const struct check *c, const struct tree *command,
                      size_t i)
{
    const struct tree *item = tree_at(command, i);
    int status;

    if (tree_kind(item) == TREE_LIST)
        return check_group(c, item);
    status = check_word(c, item);
    if (status == 1 && i == 0)
        return reader_error_at(c->err, c->file, item,
                               "%s: the program is not there in every trial",
                               c->path);
    if (status == 1)
        return check_alone(c, tree_at(command, i - 1), item);
    return status;
}

int command_check(const struct tree *command, const struct space *space,
                  const char *file, const char *path, struct error *err)
{
    const struct check c = { space, file, path, err };
    const struct tree *program = tree_at(command, 0);

    if (tree_kind(program) != TREE_STRING || !tree_text(program)[0])
        return reader_error_at(err, file, program ? program : command,
                               "%s: expected a program first", path);
    for (int i = 0; i < OWN_NAMES; i++)
        if (space_index(space, own_names[i]) >= 0)
            return reader_error_at(err, file, command,
                                   "%s: {%s} is the trial's own, but the space "
                                   "has a parameter of this name",
                                   path, own_names[i]);
    for (size_t i = 0; i < tree_count(command); i++)
        if (check_item(&c, command, i) < 0)
            return -1;
    return 0;
}

/* ---- filling in ------------------------------------------------------- */

/* Words as they are, numbers in full, true or false. */
static void append_value(const struct tree *t, struct text *out)
{
    switch (tree_kind(t)) {
    case TREE_BOOL:
        text_append(out, tree_truth(t) ? "true" : "false");
        break;
    case TREE_INT:
        text_format(out, "%jd", (intmax_t)tree_integer(t));
        break;
    case TREE_FLOAT:
        text_append_double(out, tree_number(t));
        break;
    default:
        text_append(out, tree_text(t));
    }
}

static void fill_place(const struct place *p, const struct command_values *v,
                       struct text *out)
{
    if (p->quoted) {
        text_format(out, "{%s}", p->name);
        return;
    }
    switch (own_name(p->name)) {
    case OWN_TRIAL:
        text_format(out, "%jd", (intmax_t)v->trial);
        break;
    case OWN_ATTEMPT:
        text_format(out, "%jd", (intmax_t)v->attempt);
        break;
    case OWN_FOLDER:
        text_append(out, v->folder);
        break;
    default:
        append_value(tree_get(v->params, p->name), out);
    }
}

/* Whether every parameter the word names is active. */
static bool word_applies(const char *text, const struct command_values *v)
{
    struct place p;

    for (; next_place(text, &p); text = p.end)
        if (!p.quoted && own_name(p.name) < 0 && !tree_get(v->params, p.name))
            return false;
    return true;
}

/* The word filled in, the caller's to free; NULL when out of memory. */
static char *fill_word(const char *text, const struct command_values *v)
{
    struct text out = TEXT_INIT;
    struct place p;

    for (; next_place(text, &p); text = p.end) {
        text_append_bytes(&out, text, (size_t)(p.begin - text));
        fill_place(&p, v, &out);
    }
    text_append(&out, text);
    return text_take(&out);
}

/* Words 0..count-1 of a group, or the one word that is 'item'. */
static const char *group_word(const struct tree *item, size_t i)
{
    return tree_text(tree_kind(item) == TREE_LIST ? tree_at(item, i) : item);
}

/* Append the words of a group to 'words' at '*count'. Returns 0 or -1. */
static int expand_group(const struct tree *item, const struct command_values *v,
                        char **words, size_t *count)
{
    size_t size = tree_kind(item) == TREE_LIST ? tree_count(item) : 1;

    for (size_t i = 0; i < size; i++)
        if (!word_applies(group_word(item, i), v))
            return 0;
    for (size_t i = 0; i < size; i++)
        if (!(words[(*count)++] = fill_word(group_word(item, i), v)))
            return -1;
    return 0;
}

char **command_expand(const struct tree *command,
                      const struct command_values *values, struct error *err)
{
    size_t most = tree_count(command), count = 0;
    char **words;

    for (size_t i = 0; i < tree_count(command); i++)
        most += tree_count(tree_at(command, i));
    words = calloc(most + 1, sizeof *words);
    if (!words) {
        error_memory(err);
        return NULL;
    }
    for (size_t i = 0; i < tree_count(command); i++)
        if (expand_group(tree_at(command, i), values, words, &count)) {
            error_memory(err);
            command_free(words);
            return NULL;
        }
    return words;
}

void command_free(char **words)
{
    for (char **w = words; w && *w; w++)
        free(*w);
    free(words);
}
