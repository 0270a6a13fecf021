/* sentei-data: makes packed data sets for sentei-train, and looks into them.
 *
 * Results go to stdout, messages to stderr. Exit status 0 success, 1 failure,
 * 2 wrong usage or wrong data.
 * SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/options.h"
#include "base/text.h"
#include "base/version.h"
#include "trainer/data/dataset.h"
#include "trainer/data/duplicates.h"
#include "trainer/data/hash.h"
#include "trainer/data/image/png.h"
#include "trainer/data/pack/pack.h"
#include "trainer/data/show.h"
#include "trainer/data/synth/synth.h"

static int64_t count_cores(void)
{
    const long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n;
}

/* Exactly one argument, called 'what'. */
static const char *one_argument(const struct options *o, char **rest, int count,
                                const char *what, struct error *err)
{
    if (count == 1)
        return rest[0];
    error_usage(err, count ? "one %s is expected, found %d" : "no %s given",
                what, count);
    error_hint(err, "see '%s --help'", o->command);
    return NULL;
}

static int check_range(const char *name, int64_t value, int64_t low,
                       int64_t high, struct error *err)
{
    if (value >= low && value <= high)
        return 0;
    return error_usage(err, "--%s: expected a whole number from %jd to %jd",
                       name, (intmax_t)low, (intmax_t)high);
}

/* Open the set that was just made and show it. */
static int show_folder(const char *folder, struct error *err)
{
    struct dataset *d = dataset_open(folder, err);
    if (!d)
        return -1;
    show_dataset(d, stdout);
    dataset_close(d);
    return 0;
}

/* Set by Ctrl-C: packing tidies up and ends. */
static volatile sig_atomic_t stop;

static void ask_to_stop(int number)
{
    (void)number;
    stop = 1;
}

static int pack_and_show(const struct description *d, struct source *source,
                         const char *folder, int64_t threads,
                         const struct dataset *like, struct error *err)
{
    size_t skipped = 0;
    const struct pack_options options = { (int)threads, &stop, like };
    signal(SIGINT, ask_to_stop);
    signal(SIGTERM, ask_to_stop);
    if (pack_run(d, source, folder, &options, &skipped, err) < 0)
        return -1;
    if (source->others > 0)
        log_warn("%zu values are in no category map: 'other'", source->others);
    if (skipped > 0)
        log_warn("%zu rows left out: their image is missing or broken",
                 skipped);
    return show_folder(folder, err);
}

/* The same, like the set in the folder 'like' where that is not NULL. */
static int pack_like(const struct description *d, struct source *source,
                     const char *folder, int64_t threads, const char *like,
                     struct error *err)
{
    struct dataset *set = like ? dataset_open(like, err) : NULL;
    int rc = -1;
    if (set || !like)
        rc = pack_and_show(d, source, folder, threads, set, err);
    dataset_close(set);
    return rc;
}

/* The folder a file is in: "." for a bare name. The caller frees. */
static char *folder_of(const char *path)
{
    char *folder = text_copy(path);
    char *slash = folder ? strrchr(folder, '/') : NULL;
    if (slash) {
        slash[slash == folder] = '\0';
        return folder;
    }
    free(folder);
    return text_copy(".");
}

static int run_pack(int argc, char **argv, struct error *err)
{
    const char *output = NULL, *folder = NULL, *like = NULL;
    int64_t threads = count_cores();
    char **rest;
    int count;
    const struct option_row rows[] = {
        { "output", 'o', OPTION_STRING, &output, "FOLDER",
          "where the packed set goes (an older one there is replaced)" },
        { "source", 's', OPTION_STRING, &folder, "FOLDER",
          "where the data are (default: beside the description)" },
        { "threads", 'j', OPTION_INT, &threads, "N",
          "threads that read images (default: all cores)" },
        { "like", 0, OPTION_STRING, &like, "FOLDER",
          "number categories and cut buckets as the packed set there does, so "
          "that a model trained on it can be used" },
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options options = {
        "sentei-data pack",
        "DESCRIPTION.yaml -o FOLDER [options]",
        "Turns CSV or TSV files and images into a packed set: shards that "
        "sentei-train maps into memory.",
        "  sentei-data pack studies/data/reviews.yaml --source ~/reviews -o "
        "data/reviews\n",
        rows,
    };
    const int rc = options_parse(&options, argc, argv, &rest, &count, err);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    const char *path = one_argument(&options, rest, count, "description", err);
    if (!path || check_range("threads", threads, 1, 64, err) < 0)
        return -1;
    if (!output) {
        error_usage(err, "no output folder given");
        return error_hint(err, "-o FOLDER says where the packed set goes");
    }

    struct description d;
    if (description_read(&d, path, err) < 0)
        return -1;
    char *beside = folder_of(path);
    struct source *source =
        beside ? source_open_files(&d, folder ? folder : beside, err) : NULL;
    int result = -1;
    if (!beside)
        error_memory(err);
    else if (source)
        result = pack_like(&d, source, output, threads, like, err);
    if (source)
        source->destroy(source);
    free(beside);
    description_clear(&d);
    return result;
}

/* A verb that takes one folder and no options. */
static int take_folder(int argc, char **argv, const struct options *o,
                       const char **folder, struct error *err)
{
    char **rest;
    int count, rc = options_parse(o, argc, argv, &rest, &count, err);
    if (rc != 0)
        return rc;
    *folder = one_argument(o, rest, count, "folder", err);
    return *folder ? 0 : -1;
}

static const struct option_row no_rows[] = {
    { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
};

static int run_show(int argc, char **argv, struct error *err)
{
    const struct options options = {
        "sentei-data show", "FOLDER",
        "Prints what is in a packed set: rows, splits, positives, fields.",
        "  sentei-data show data/reviews\n", no_rows
    };
    const char *folder;
    int rc = take_folder(argc, argv, &options, &folder, err);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    return show_folder(folder, err);
}

static int run_verify(int argc, char **argv, struct error *err)
{
    const struct options options = {
        "sentei-data verify", "FOLDER",
        "Checks every byte of a packed set against its checksums and names "
        "what is damaged.",
        "  sentei-data verify data/reviews\n", no_rows
    };
    const char *folder;
    int rc = take_folder(argc, argv, &options, &folder, err);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    return dataset_verify(folder, stdout, err);
}

static int run_duplicates(int argc, char **argv, struct error *err)
{
    int64_t distance = DUPLICATES_DISTANCE;
    const char *folder;
    char **rest;
    int count, rc;
    const struct option_row rows[] = {
        { "distance", 'd', OPTION_INT, &distance, "N",
          "pictures whose hashes differ in so many of 64 bits, or fewer, are "
          "near-duplicates (default 4)" },
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options options = {
        "sentei-data duplicates", "FOLDER [options]",
        "Counts pictures that are nearly the same, by their perceptual "
        "hashes, and lists those that stand in training and in another split.",
        "  sentei-data duplicates data/reviews\n", rows
    };
    rc = options_parse(&options, argc, argv, &rest, &count, err);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    folder = one_argument(&options, rest, count, "folder", err);
    if (!folder ||
        check_range("distance", distance, 0, DUPLICATES_DISTANCE_MAX, err) < 0)
        return -1;
    struct dataset *d = dataset_open(folder, err);
    if (!d)
        return -1;
    rc = duplicates_report(d, (int)distance, stdout, err);
    dataset_close(d);
    return rc;
}

static int synth_pack(const struct synth_set *made, const char *folder,
                      int64_t rows, int64_t seed, struct error *err)
{
    struct description d;
    int rc = -1;
    if (synth_describe(made, &d, err) < 0)
        return -1;
    struct source *source =
        synth_open(made, &d, (uint64_t)rows, (uint64_t)seed, err);
    if (source) {
        rc = pack_and_show(&d, source, folder, count_cores(), NULL, err);
        source->destroy(source);
    }
    description_clear(&d);
    return rc;
}

static int run_synth(int argc, char **argv, struct error *err)
{
    const char *output = NULL, *csv = NULL;
    int64_t rows = 12000, seed = 1;
    char **rest;
    int count;
    const struct option_row table[] = {
        { "output", 'o', OPTION_STRING, &output, "FOLDER",
          "where the packed set goes" },
        { "csv", 0, OPTION_STRING, &csv, "FOLDER",
          "write a CSV file, images and a description there, to be packed" },
        { "rows", 'n', OPTION_INT, &rows, "N", "how many (default 12000)" },
        { "seed", 0, OPTION_INT, &seed, "N",
          "another seed, other rows (default 1)" },
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options options = {
        "sentei-data synth",
        "listings|kinds|frames -o FOLDER [options]",
        "Makes up a set. listings: marketplace listings of which 2 in 100 are "
        "counterfeit: title, category, price, seller and picture. kinds: "
        "pictures of twelve kinds of things. frames: windows of acoustic "
        "frames, of ten sounds.",
        "  sentei-data synth listings -o data/listings\n"
        "  sentei-data synth listings --csv raw --rows 500 && sentei-data "
        "pack raw/listings.data.yaml -o data/listings\n",
        table,
    };
    int rc = options_parse(&options, argc, argv, &rest, &count, err);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    const char *set = one_argument(&options, rest, count, "set", err);
    if (!set || check_range("rows", rows, 1, 100000000, err) < 0 ||
        check_range("seed", seed, 0, INT64_MAX, err) < 0)
        return -1;
    const struct synth_set *made = synth_find(set, err);
    if (!made)
        return -1;
    if (!output == !csv) {
        error_usage(err, "one of -o FOLDER and --csv FOLDER is needed");
        return error_hint(err, "see '%s --help'", options.command);
    }
    return csv ? synth_write(made, csv, (uint64_t)rows, (uint64_t)seed, err)
               : synth_pack(made, output, rows, seed, err);
}

static const struct verb {
    const char *name;
    int (*run)(int argc, char **argv, struct error *err);
    const char *help;
} verbs[] = {
    { "pack", run_pack, "turn CSV files and images into a packed set" },
    { "show", run_show, "print what is in a packed set" },
    { "verify", run_verify, "check a packed set against its checksums" },
    { "duplicates", run_duplicates, "find pictures that are nearly the same" },
    { "synth", run_synth, "make up a set to try things on" },
};
enum { VERBS = sizeof verbs / sizeof *verbs };

static int print_help(void)
{
    puts("usage: sentei-data VERB [arguments]\n\n"
         "Makes packed data sets for sentei-train, and looks into them.\n");
    for (int i = 0; i < VERBS; i++)
        printf("  %-10s %s\n", verbs[i].name, verbs[i].help);
    puts("\n'sentei-data VERB --help' tells more, with examples. Exit status: "
         "0\nsuccess, 1 failure, 2 wrong usage or wrong data.");
    return 0;
}

static int print_version(void)
{
    static const struct library libraries[] = { { "xxhash", hash_version },
                                                { "libpng", png_version } };
    return version_print("sentei-data", libraries,
                         sizeof libraries / sizeof *libraries);
}

static int dispatch(int argc, char **argv, struct error *err)
{
    const char *names[VERBS], *word = argc > 1 ? argv[1] : "";
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
        strcmp(word, "help") == 0)
        return print_help();
    if (strcmp(word, "--version") == 0)
        return print_version();
    for (int i = 0; i < VERBS; i++) {
        names[i] = verbs[i].name;
        if (strcmp(word, names[i]) == 0)
            return verbs[i].run(argc - 1, argv + 1, err);
    }
    error_usage(err, *word ? "no verb '%s'" : "no verb given%s", word);
    const char *near = text_nearest(word, names, VERBS);
    if (near)
        return error_hint(err, "did you mean '%s'?", near);
    return error_hint(err, "'sentei-data --help' lists the verbs");
}

int main(int argc, char **argv)
{
    struct error err = ERROR_INIT;
    log_program("sentei-data");
    signal(SIGXFSZ, SIG_IGN); /* a file too large is a failed write */
    signal(SIGPIPE, SIG_IGN);
    if (dispatch(argc, argv, &err) < 0)
        return error_print(&err, "sentei-data");
    if (fflush(stdout) != 0) {
        error_errno(&err, "cannot write the output");
        return error_print(&err, "sentei-data");
    }
    return 0;
}
