/* options: a command line read by a table, and its --help from the same table.
 *
 * A program or verb declares its options as rows; options_parse() fills them
 * in (getopt_long underneath), answers --help, and gives back what is left.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum option_kind {
    OPTION_FLAG,    /* bool *: set to true */
    OPTION_INT,     /* int64_t * */
    OPTION_FLOAT,   /* double * */
    OPTION_STRING,  /* const char **: borrowed from argv */
    OPTION_CHOICE,  /* int *: which of the words in 'value', "table|json" */
    OPTION_STRINGS, /* struct option_list *: may be given many times */
    OPTION_SECONDS  /* double *: "90s", "04:00:00" */
};

enum { OPTION_LIST_MAX = 256 };
struct option_list {
    const char *items[OPTION_LIST_MAX];
    int count;
};

struct option_row {
    const char *name; /* long name, without the dashes */
    char letter;      /* short name, or 0 */
    enum option_kind kind;
    void *out;
    const char *value; /* "N", "FILE" in the help; NULL for flags */
    const char *help;
};

struct options {
    const char *command;           /* "sentei run", "sentei-train" */
    const char *usage;             /* "STUDY.yaml [options]" */
    const char *description;       /* one or two sentences */
    const char *examples;          /* whole lines, each an example */
    const struct option_row *rows; /* ends with a row whose name is NULL */
};

/* Read argv[1..]. On return '*rest' is the first of '*rest_count' arguments
 * that are no options (pointing into argv, reordered). Returns 0; 1 when --help was asked for
 * and printed to stdout (the caller ends with success); -1 with 'err' (kind
 * USAGE, nearest option named). */
int options_parse(const struct options *o, int argc, char **argv, char ***rest,
                  int *rest_count, struct error *err);

/* Print the help to stdout. */
void options_help(const struct options *o);

#endif
