/* trainer: the sections trainer and oracle: what a trial runs, and what stands
 * in for it in a simulation.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/reader.h"
#include "launcher/study/command.h"
#include "launcher/study/sections.h"

/* The value in 'config' that stands in the way of parameter 'name': a map
 * where the parameter is, or a value where it needs a map. NULL when none. */
static const struct tree *in_the_way(const struct tree *config,
                                     const char *name)
{
    const struct tree *t = config;
    char part[128];

    while (tree_kind(t) == TREE_MAP) {
        size_t length = strcspn(name, ".");
        if (length >= sizeof part)
            return NULL;
        memcpy(part, name, length);
        part[length] = '\0';
        t = tree_get(t, part);
        if (!name[length])
            return tree_kind(t) == TREE_MAP ? t : NULL;
        name += length + 1;
    }
    return tree_kind(t) == TREE_NULL ? NULL : t;
}

/* Parameters are put into the configuration at their dotted names; there must
 * be room for each. */
static int check_config(const struct study *s, struct error *err)
{
    for (size_t i = 0; i < s->space.count; i++) {
        const char *name = s->space.parameters[i].name;
        const struct tree *t = in_the_way(s->trainer_config, name);
        if (!t)
            continue;
        reader_error_at(err, s->file, t,
                        "trainer.config: this %s stands where the parameter "
                        "'%.100s' of the space goes",
                        tree_kind(t) == TREE_MAP ? "map" : "value", name);
        return error_hint(err, "remove it, or name the parameter otherwise");
    }
    return 0;
}

int study_read_trainer(struct study *s, const struct tree *t, struct error *err)
{
    struct reader r;

    reader_open(&r, t, s->file, "trainer", err);
    s->trainer_config = reader_kind(&r, "config", TREE_MAP);
    s->command = reader_kind(&r, "command", TREE_LIST);
    if (reader_close(&r))
        return -1;
    if (s->trainer_config && s->command)
        return reader_error_at(err, s->file, s->command,
                               "trainer: expected config or command, not both");
    if (s->command)
        return command_check(s->command, &s->space, s->file, "trainer.command",
                             err);
    if (s->trainer_config)
        return check_config(s, err);
    if (!t && s->oracle)
        return 0;
    reader_error_at(err, s->file, t ? t : s->source,
                    "trainer: expected config or command");
    return error_hint(err, "config: {data: FOLDER, ...} for sentei-train, or "
                           "command: [PROGRAM, ...] for a program of your own");
}

int study_read_oracle(struct study *s, const struct tree *t, struct error *err)
{
    const struct tree *command;
    const struct tree *request;
    const char *table = NULL, *lookup = NULL;
    struct reader r;

    if (!t)
        return 0;
    s->oracle = t;
    reader_open(&r, t, s->file, "oracle", err);
    command = reader_kind(&r, "command", TREE_LIST);
    reader_string(&r, "table", &table);
    reader_string(&r, "lookup", &lookup);
    request = reader_kind(&r, "request", TREE_MAP);
    if (tree_get(request, "params"))
        reader_fail(&r, "request",
                    "'params' is where each trial's parameters go");
    if (lookup && strcmp(lookup, "nearest") != 0 &&
        strcmp(lookup, "exact") != 0)
        reader_fail(&r, "lookup", "expected nearest or exact");
    if (reader_close(&r))
        return -1;
    if (!command == !table)
        return reader_error_at(err, s->file, t,
                               "oracle: expected command or table, one of the "
                               "two");
    return command ? study_check_words(s, command, "oracle.command", err) : 0;
}
