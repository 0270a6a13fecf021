/* options: see options.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
    ROWS_MAX = 48,
    CHOICES_MAX = 16,
    HELP_CODE = 1000,
    HELP_COLUMN = 30, /* where the words about an option begin */
    HELP_WIDTH = 80
};

/* getopt's tables, made from ours. */
struct tables {
    struct option options[ROWS_MAX + 2];
    char letters[2 * ROWS_MAX + 8];
    const char *names[ROWS_MAX + 2];
    int count;
};

static void make_tables(const struct options *o, struct tables *t)
{
    char *letter = t->letters;
    const struct option_row *row = o->rows;
    int n = 0;

    *letter++ = ':'; /* tell a missing value from an unknown option */
    *letter++ = 'h';
    for (; row->name && n < ROWS_MAX; row++, n++) {
        int takes = row->kind == OPTION_FLAG ? no_argument : required_argument;

        t->options[n] = (struct option){ row->name, takes, NULL, n + 1 };
        t->names[n] = row->name;
        if (row->letter) {
            *letter++ = row->letter;
            if (takes == required_argument)
                *letter++ = ':';
        }
    }
    *letter = '\0';
    t->options[n] = (struct option){ "help", no_argument, NULL, HELP_CODE };
    t->names[n++] = "help";
    t->options[n] = (struct option){ 0 };
    t->count = n;
}

static const struct option_row *row_of(const struct options *o, int code)
{
    const struct option_row *row = o->rows;

    for (int n = 1; row->name; row++, n++)
        if (code == n || (row->letter && code == row->letter))
            return row;
    return NULL;
}

static int wrong_value(const struct option_row *row, const char *value,
                       const char *wanted, struct error *err)
{
    return error_usage(err, "--%s: expected %s, found '%s'", row->name, wanted,
                       value);
}

/* 'value' is none of the words of "table|json|csv". */
static int no_choice(const struct option_row *row, const char *const *words,
                     size_t count, const char *value, struct error *err)
{
    const char *near = text_nearest(value, words, count);
    struct text wanted = TEXT_INIT;

    for (size_t i = 0; i < count; i++)
        text_format(&wanted, "%s%s",
                    i == 0          ? ""
                    : i + 1 < count ? ", "
                                    : " or ",
                    words[i]);
    wrong_value(row, value, text_get(&wanted), err);
    text_clear(&wanted);
    return near ? error_hint(err, "did you mean '%s'?", near) : -1;
}

/* Which of the words it is. */
static int choose(const struct option_row *row, const char *value,
                  struct error *err)
{
    char *copy = text_copy(row->value), *rest = copy, *word;
    const char *words[CHOICES_MAX];
    int *out = row->out, chosen = -1, count = 0;

    if (!copy)
        return error_memory(err);
    while (count < CHOICES_MAX && (word = strsep(&rest, "|"))) {
        if (strcmp(word, value) == 0)
            chosen = count;
        words[count++] = word;
    }
    if (chosen >= 0)
        *out = chosen;
    else
        no_choice(row, words, (size_t)count, value, err);
    free(copy);
    return chosen >= 0 ? 0 : -1;
}

static int store(const struct option_row *row, const char *value,
                 struct error *err)
{
    struct option_list *list = row->out;

    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)row->out = true;
        return 0;
    case OPTION_INT:
        if (text_to_int(value, row->out) != 0)
            return wrong_value(row, value, "a whole number", err);
        return 0;
    case OPTION_FLOAT:
        if (text_to_double(value, row->out) != 0)
            return wrong_value(row, value, "a number", err);
        return 0;
    case OPTION_SECONDS:
        if (text_to_seconds(value, row->out) != 0)
            return wrong_value(row, value, "a time such as 90s or 04:00:00",
                               err);
        return 0;
    case OPTION_STRING:
        *(const char **)row->out = value;
        return 0;
    case OPTION_CHOICE:
        return choose(row, value, err);
    case OPTION_STRINGS:
        if (list->count == OPTION_LIST_MAX)
            return error_usage(err, "--%s: given more than %d times", row->name,
                               (int)OPTION_LIST_MAX);
        list->items[list->count++] = value;
        return 0;
    }
    return 0;
}

/* What getopt refused: an unknown option, or one without its value. */
static int refuse(const struct options *o, const struct tables *t, int code,
                  char **argv, struct error *err)
{
    const char *word = argv[optind - 1];
    char name[64];
    const char *near;

    if (code == ':') {
        error_usage(err, "option '%s' needs a value", word);
    } else if (optopt > 0 && optopt < HELP_CODE && word[1] != '-') {
        error_usage(err, "unknown option '-%c'", optopt);
    } else {
        error_usage(err, "unknown option '%s'", word);
        snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="),
                 word + 2);
        near = text_nearest(name, t->names, (size_t)t->count);
        if (near)
            return error_hint(err, "did you mean '--%s'?", near);
    }
    return error_hint(err, "see '%s --help'", o->command);
}

int options_parse(const struct options *o, int argc, char **argv, char ***rest,
                  int *rest_count, struct error *err)
{
    struct tables t = { 0 };
    int code;

    make_tables(o, &t);
    optind = 0; /* glibc: start anew, as several verbs may be parsed */
    opterr = 0;
    while ((code = getopt_long(argc, argv, t.letters, t.options, NULL)) != -1) {
        const struct option_row *row = row_of(o, code);

        if (code == HELP_CODE || (code == 'h' && !row)) {
            options_help(o);
            return 1;
        }
        if (!row)
            return refuse(o, &t, code, argv, err);
        if (store(row, optarg, err) != 0)
            return err && err->hint[0]
                       ? -1
                       : error_hint(err, "see '%s --help'", o->command);
    }
    *rest = argv + optind;
    *rest_count = argc - optind;
    return 0;
}

/* The words of 'text' from column 'at' on, further lines from 'indent'. */
static void print_words(const char *text, int at, int indent)
{
    while (*text) {
        int size = (int)strcspn(text, " \n");
        bool first = at == indent;

        if (!first && at + 1 + size > HELP_WIDTH) {
            printf("\n%*s", indent, "");
            at = indent;
            first = true;
        }
        at += printf("%s%.*s", first ? "" : " ", size, text);
        text += size;
        text += strspn(text, " \n");
    }
    putchar('\n');
}

static void print_row(const struct option_row *row)
{
    char letter[8] = "    ";
    int size;

    if (row->letter)
        snprintf(letter, sizeof letter, "-%c, ", row->letter);
    size = printf("  %s--%s%s%s", letter, row->name, row->value ? " " : "",
                  row->value ? row->value : "");
    if (size + 2 > HELP_COLUMN)
        size = printf("\n") - 1;
    printf("%*s", HELP_COLUMN - size, "");
    print_words(row->help, HELP_COLUMN, HELP_COLUMN);
}

/* Each line of the examples, indented however it is written there. */
static void print_examples(const char *line)
{
    printf("\nexamples:\n");
    while (*line) {
        int size;

        line += strspn(line, " ");
        size = (int)strcspn(line, "\n");
        printf("  %.*s\n", size, line);
        line += size + (line[size] == '\n');
    }
}

void options_help(const struct options *o)
{
    static const struct option_row help = { "help", 'h',  OPTION_FLAG,
                                            NULL,   NULL, "this text" };

    printf("usage: %s %s\n\n", o->command, o->usage);
    print_words(o->description, 0, 0);
    printf("\noptions:\n");
    for (const struct option_row *row = o->rows; row->name; row++)
        print_row(row);
    print_row(&help);
    if (o->examples)
        print_examples(o->examples);
}
