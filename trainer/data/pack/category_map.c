/* See category_map.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/pack/category_map.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum { MAP_MAX = 1 << 28 };

#define LINK "->"

struct category_leaf {
    const char *name, *target; /* a class, or where 'link' a leaf */
    size_t line;
    bool link;
};

static int compare_leaves(const void *a, const void *b)
{
    const struct category_leaf *x = a, *y = b;
    int order = strcmp(x->name, y->name);

    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static const struct category_leaf *find(const struct category_map *m,
                                        const char *name)
{
    const struct category_leaf *at;
    size_t low = 0, high = m->count;

    while (low < high) {
        at = &m->leaf[(low + high) / 2];
        if (strcmp(at->name, name) < 0)
            low = (low + high) / 2 + 1;
        else
            high = (low + high) / 2;
    }
    at = &m->leaf[low];
    return low < m->count && strcmp(at->name, name) == 0 ? at : NULL;
}

/* One line without its end. Returns -1 with 'err' when it is none of ours. */
static int read_line(struct category_map *m, char *line, size_t number,
                     const char *path, struct error *err)
{
    struct category_leaf *leaf = &m->leaf[m->count];
    char *tab = strchr(line, '\t');

    if (!*line || *line == '#')
        return 0;
    if (!tab || tab == line || !tab[1]) {
        error_usage(err, "expected a leaf, a tab and its class");
        error_where(err, "%s:%zu", path, number);
        return error_hint(err, "or a tab, '" LINK " ' and another leaf");
    }
    *tab = '\0';
    leaf->name = line;
    leaf->target = tab + 1;
    leaf->line = number;
    leaf->link = strncmp(tab + 1, LINK " ", 3) == 0;
    if (leaf->link)
        leaf->target += 3;
    m->count++;
    return 0;
}

/* A line may end with CR LF; a CR elsewhere is of the name. */
static void cut_return(char *line)
{
    size_t size = strlen(line);

    if (size > 0 && line[size - 1] == '\r')
        line[size - 1] = '\0';
}

static int read_lines(struct category_map *m, const char *path,
                      struct error *err)
{
    size_t lines = 1, number = 1;
    char *at, *end;

    for (at = m->text; *at; at++)
        lines += *at == '\n';
    m->leaf = calloc(lines + 1, sizeof *m->leaf);
    if (!m->leaf)
        return error_memory(err);
    for (at = m->text; at; at = end, number++) {
        end = strchr(at, '\n');
        if (end)
            *end++ = '\0';
        cut_return(at);
        if (read_line(m, at, number, path, err) < 0)
            return -1;
    }
    return 0;
}

static int check_twice(const struct category_map *m, const char *path,
                       struct error *err)
{
    size_t i;

    for (i = 1; i < m->count; i++)
        if (strcmp(m->leaf[i - 1].name, m->leaf[i].name) == 0) {
            error_usage(err, "leaf '%s' is on line %zu already",
                        m->leaf[i].name, m->leaf[i - 1].line);
            return error_where(err, "%s:%zu", path, m->leaf[i].line);
        }
    return 0;
}

/* Where the links from 'leaf' lead: its class, or NULL with 'err'. */
static const char *follow(const struct category_map *m,
                          const struct category_leaf *leaf, const char *path,
                          struct error *err)
{
    const struct category_leaf *at = leaf, *next;
    size_t steps;

    for (steps = 0; at->link && steps <= m->count; steps++) {
        next = find(m, at->target);
        if (!next) {
            error_usage(err, "'%s' links to '%s', which is no leaf", at->name,
                        at->target);
            error_where(err, "%s:%zu", path, at->line);
            return NULL;
        }
        at = next;
    }
    if (!at->link)
        return at->target;
    error_usage(err, "the links from '%s' go in a circle", leaf->name);
    error_where(err, "%s:%zu", path, leaf->line);
    return NULL;
}

static int follow_all(const struct category_map *m, const char *path,
                      struct error *err)
{
    const char **found = calloc(m->count + 1, sizeof *found);
    size_t i;
    int rc = found ? 0 : error_memory(err);

    for (i = 0; i < m->count && rc == 0; i++) {
        found[i] = follow(m, &m->leaf[i], path, err);
        rc = found[i] ? 0 : -1;
    }
    for (i = 0; i < m->count && rc == 0; i++) {
        m->leaf[i].target = found[i];
        m->leaf[i].link = false;
    }
    free(found);
    return rc;
}

int category_map_read(struct category_map *m, const char *path,
                      struct error *err)
{
    size_t size;

    *m = (struct category_map){ 0 };
    if (file_read_named(path, MAP_MAX, &m->text, &size, err) < 0)
        return -1;
    if (memchr(m->text, '\0', size)) {
        error_usage(err, "a NUL byte in the text");
        error_where(err, "%s", path);
        error_hint(err, "the file is binary or UTF-16; convert it: iconv -f "
                        "UTF-16 -t UTF-8");
        goto error;
    }
    if (read_lines(m, path, err) < 0)
        goto error;
    qsort(m->leaf, m->count, sizeof *m->leaf, compare_leaves);
    if (check_twice(m, path, err) == 0 && follow_all(m, path, err) == 0)
        return 0;
error:
    category_map_clear(m);
    return -1;
}

void category_map_clear(struct category_map *m)
{
    free(m->text);
    free(m->leaf);
    memset(m, 0, sizeof *m);
}

const char *category_map_find(const struct category_map *m, const char *leaf)
{
    const struct category_leaf *found = find(m, leaf);

    return found ? found->target : NULL;
}
