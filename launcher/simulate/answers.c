/* answers: see answers.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/simulate/answers.h"

#include <string.h>

#include "launcher/simulate/replay.h"
#include "launcher/simulate/table.h"
#include "launcher/simulate/words.h"

/* The program of the command line, else of the study. */
static int start_oracle(struct answers *a, const char *command,
                        struct error *err)
{
    const struct tree *oracle = a->study->oracle;
    const struct tree *request = tree_get(oracle, "request");
    char **words = command ? words_split(command, err)
                           : words_of_list(tree_get(oracle, "command"), err);
    int rc = words ? oracle_start(&a->oracle, words, err) : -1;

    words_free(words);
    if (rc != 0)
        return -1;
    a->request = request ? tree_copy(request) : tree_map();
    return a->request ? 0 : error_memory(err);
}

static int read_table(struct answers *a, struct error *err)
{
    const struct tree *oracle = a->study->oracle;
    const char *lookup = tree_text(tree_get(oracle, "lookup"));

    if (table_read_curves(&a->curves, a->study,
                          tree_text(tree_get(oracle, "table")), err))
        return -1;
    a->curves.exact = strcmp(lookup, "exact") == 0;
    return 0;
}

int answers_open(struct answers *a, const struct study *s, const char *command,
                 const char *run, struct error *err)
{
    *a = (struct answers){ .study = s };
    if (run)
        return replay_read_curves(&a->curves, s, run, err);
    if (command || tree_get(s->oracle, "command"))
        return start_oracle(a, command, err);
    if (tree_get(s->oracle, "table"))
        return read_table(a, err);
    error_usage(err, "nothing to ask: the study has no 'oracle:'");
    return error_hint(err, "add oracle: {command: [PROGRAM, ...]} or {table: "
                           "FILE}, give --oracle 'PROGRAM ...', or --replay "
                           "RUN");
}

void answers_close(struct answers *a)
{
    oracle_stop(a->oracle);
    curves_clear(&a->curves);
    tree_destroy(a->request);
    *a = (struct answers){ .study = NULL };
}

int answers_record(struct answers *a, const struct tree *params,
                   struct recording *out, struct error *err)
{
    struct tree *answer;
    int rc;

    if (!a->oracle)
        return curves_answer(&a->curves, params, out, err);
    if (tree_set(a->request, "params", tree_copy(params)))
        return error_memory(err);
    answer = oracle_ask(a->oracle, a->request, err);
    if (!answer)
        return -1;
    rc = recording_read(out, a->study, answer, err);
    tree_destroy(answer);
    return rc;
}
