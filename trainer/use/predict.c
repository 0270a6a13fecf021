/* predict: a model's probability of each row, as CSV.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"
#include "trainer/use/trained.h"
#include "trainer/use/verbs.h"

/* "row,split,label,score", or a column for each class and the likeliest. */
static void format_head(const struct trained *t, struct text *out)
{
    size_t outputs = t->model->loss.outputs, k;
    char room[24];

    text_append(out, "row,split,label");
    if (outputs == 1)
        text_append(out, ",score");
    else
        text_append(out, ",predicted");
    for (k = 0; outputs > 1 && k < outputs; k++)
        text_format(out, ",p_%s", trained_class(t, k, room));
    text_append_char(out, '\n');
}

static size_t likeliest(const double *p, size_t count)
{
    size_t best = 0, k;

    for (k = 1; k < count; k++)
        best = p[k] > p[best] ? k : best;
    return best;
}

static void format_row(const struct trained *t, uint32_t number,
                       const double *p, struct text *out)
{
    size_t outputs = t->model->loss.outputs, k;
    struct row row;
    char room[24];

    dataset_row(t->data, number, &row);
    text_format(out, "%u,%s,", number, dataset_split_name[row.split]);
    if (outputs == 1)
        text_format(out, "%d", (int)row.label);
    else
        text_format(out, "%s,%s", trained_class(t, (size_t)row.label, room),
                    trained_class(t, likeliest(p, outputs), room));
    for (k = 0; k < outputs; k++)
        text_format(out, ",%.9g", p[k]);
    text_append_char(out, '\n');
}

static int write_out(const struct text *csv, const char *path,
                     struct error *err)
{
    if (csv->failed)
        return error_memory(err);
    if (path)
        return file_write(path, csv->data, csv->size, 0644, err);
    return fwrite(csv->data, 1, csv->size, stdout) == csv->size
               ? 0
               : error_errno(err, "cannot write the output");
}

static int predict(struct trained *t, int split, enum calibration_kind kind,
                   const char *output, struct error *err)
{
    size_t outputs = t->model->loss.outputs, count, i;
    uint32_t *row = trained_rows(t, split, &count, err);
    double *p = row ? calloc(count * outputs, sizeof *p) : NULL;
    struct text csv = TEXT_INIT;
    int rc = -1;

    if (row && !p)
        error_memory(err);
    if (p && trained_predict(t, kind, row, count, p, err) == 0) {
        format_head(t, &csv);
        for (i = 0; i < count; i++)
            format_row(t, row[i], p + i * outputs, &csv);
        rc = write_out(&csv, output, err);
    }
    text_clear(&csv);
    free(p);
    free(row);
    return rc;
}

int use_predict(int argc, char **argv, struct error *err)
{
    const char *output = NULL;
    int split = 0, kind = CALIBRATION_PRIOR, backend = 0, rc;
    char **rest;
    struct trained t;
    const struct option_row rows[] = {
        { "output", 'o', OPTION_STRING, &output, "FILE",
          "write there (default: the standard output)" },
        { "split", 0, OPTION_CHOICE, &split, "all|train|validation|test",
          "which rows (default all)" },
        { "calibrate", 0, OPTION_CHOICE, &kind, "none|prior|fit",
          "prior (default): undo what sampling and weights did to the classes' "
          "shares; fit: and the slope found on the validation rows" },
        { "backend", 'b', OPTION_CHOICE, &backend, "cpu|cuda|plain",
          "what computes (default cpu, whatever the model was trained on)" },
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options o = {
        .command = "sentei-train predict",
        .usage = "MODEL DATA [options]",
        .description = "Writes the probability of each row of a packed set, as "
                       "a trained model sees it.",
        .examples = "sentei-train predict runs/one build/data/listings -o "
                    "scores.csv\n"
                    "sentei-train predict best.safetensors new --split test\n",
        .rows = rows,
    };

    rc = use_arguments(&o, argc, argv, 2, &rest, err);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    rc = trained_open(&t, rest[0], rest[1], backend_names[backend], err);
    if (rc == 0)
        rc = predict(&t, split - 1, (enum calibration_kind)kind, output, err);
    trained_close(&t);
    return rc;
}
