/* space: the parameters a study searches over, their ranges and conditions.
 *
 * A point is an array of doubles, one a parameter, in the order they were
 * added: a float's or int's value, a categorical's choice index, NAN where the
 * parameter's condition does not hold ("inactive"). Whole numbers are exact to
 * 2^53.
 * Order: space_init(), space_add()..., space_finish(), then only reading.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_SPACE_H
#define SEARCH_SPACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "base/tree.h"

enum { SPACE_MAX_PARAMETERS = 1000, SPACE_MAX_CHOICES = 10000 };

enum parameter_kind { PARAMETER_FLOAT, PARAMETER_INT, PARAMETER_CATEGORICAL };

/* "active only while parameter 'parent' has one of these values" */
struct condition {
    char *parent_name;   /* owned */
    size_t parent;       /* index, set by space_finish() */
    struct tree *values; /* owned: a list of scalars, as in the study file; or
                            NULL for the range low..high of a number */
    double low, high;
    double *accepted; /* owned: the values as numbers or choice indices; made
                         by space_finish() */
    size_t accepted_count;
};

struct parameter {
    char *name; /* owned; dotted names are usual */
    enum parameter_kind kind;
    double low, high;     /* inclusive; categorical: 0 and count-1 */
    double step;          /* 0: none (int: 1); values are low + k * step */
    bool log;             /* searched on the logarithm; low > 0, no step */
    struct tree *choices; /* owned list of scalars; categorical only */
    bool ordered;         /* choices are in an order ("ordered: true") */
    struct condition *conditions; /* owned; all must hold */
    size_t condition_count;
};

struct space {
    struct parameter *parameters; /* owned */
    size_t count;
    size_t *order; /* parents before children; set by space_finish() */
};

/* Make an empty space; free what it owns. */
void space_init(struct space *s);
void space_clear(struct space *s);

/* Add a parameter; steals what 'p' owns, in failure too. Returns 0, or -1 with
 * 'err': a bad or duplicate name, an empty range, log with low <= 0, ... */
int space_add(struct space *s, struct parameter *p, struct error *err);

/* Resolve conditions by name. Returns 0, or -1 with 'err': an unknown parent,
 * a value the parent cannot take, a circle. 'err->where' is then the name of
 * the parameter whose condition it is, for a caller who knows its position. */
int space_finish(struct space *s, struct error *err);

/* Index of the parameter with this name, or -1. */
long space_index(const struct space *s, const char *name);

/* Whether parameter 'i' is active at point 'x': all its conditions are met,
 * which an inactive parent (NAN) never does. Reads only the parents' values,
 * so decide in the order 's->order'. */
bool space_active(const struct space *s, size_t i, const double *x);

/* Bring 'x' into the space: clamp and round active values to their grid, set
 * inactive ones to NAN. An active NAN becomes the middle of its range. */
void space_repair(const struct space *s, double *x);

/* Whether every active value is inside its range and on its grid and every
 * inactive one is NAN. */
bool space_contains(const struct space *s, const double *x);

/* Number of distinct points; INFINITY when a float without step is reachable
 * or it exceeds 1e15 (or when counting would take too long: a parameter that
 * hangs on dozens of others). Exact for conditional spaces. */
double space_size(const struct space *s);

/* The 'k'-th point, 0 <= k < space_size(s), which must be finite. Returns 0,
 * or -1 when out of memory. */
int space_nth(const struct space *s, double k, double *x);

/* A hash of a point (equal points hash equally, whatever their NANs). */
unsigned long long space_hash(const struct space *s, const double *x);
bool space_same(const struct space *s, const double *x, const double *y);

/* A point as {"name": value, ...}, active parameters only, ints as whole
 * numbers, choices as their own scalars. The caller destroys; NULL when out of
 * memory. */
struct tree *space_point_to_tree(const struct space *s, const double *x);

/* The reverse. Absent active parameters are NAN when 'partial' (a sampler fills
 * them in), else an error; unknown names, values outside the range, values for
 * inactive parameters, and values whose parent is absent are errors. 'file' is
 * for messages. Returns 0, or -1 with 'err' (kind USAGE). */
int space_point_from_tree(const struct space *s, const struct tree *t,
                          bool partial, const char *file, double *x,
                          struct error *err);

/* If the spaces differ, say in words what (first difference: "model.width:
 * high was 512, is 1024") and return true. */
bool space_differs(const struct space *was, const struct space *is,
                   struct text *why);

#endif
