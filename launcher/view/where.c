/* where: choose rows by an expression.
 *
 * Parsed by recursive descent into a tree of tests; their number is bounded,
 * so no expression exhausts the stack.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/view/where.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { STEPS_MAX = 500 };

enum comparison {
    EQUAL,
    DIFFERENT,
    LESS,
    LESS_EQUAL,
    MORE,
    MORE_EQUAL,
    CONTAINS
};

/* The longer ones first: the first that fits is taken. */
static const struct {
    const char *sign;
    enum comparison op;
} operators[] = { { "==", EQUAL },      { "!=", DIFFERENT },
                  { "<=", LESS_EQUAL }, { ">=", MORE_EQUAL },
                  { "=", EQUAL },       { "<", LESS },
                  { ">", MORE },        { "~", CONTAINS } };

enum node_kind { NODE_TEST, NODE_AND, NODE_OR, NODE_NOT };

struct where {
    enum node_kind kind;
    struct where *left, *right; /* NODE_NOT: only the left */
    const struct column *column;
    enum comparison op;
    char *text;
    bool is_number; /* then 'number' is the text's */
    double number;
};

struct parser {
    const char *start, *at;
    const struct columns *known;
    struct error *err;
    int steps; /* tests, nots and parentheses so far */
};

void where_destroy(struct where *w)
{
    if (!w)
        return;
    where_destroy(w->left);
    where_destroy(w->right);
    free(w->text);
    free(w);
}

/* ---- reading --------------------------------------------------------------- */

static struct where *parse_or(struct parser *p);

static void skip_spaces(struct parser *p)
{
    p->at += strspn(p->at, " \t\r\n");
}

/* Say what was expected at 'at'. */
static struct where *fail(struct parser *p, const char *at,
                          const char *expected)
{
    if (*at)
        error_usage(p->err, "expected %s before '%s'", expected, at);
    else
        error_usage(p->err, "expected %s at the end", expected);
    error_where(p->err, "--where:%zu", (size_t)(at - p->start) + 1);
    error_hint(p->err, "for example: --where 'state=complete and value>0.5'");
    return NULL;
}

static bool is_word(char c)
{
    return c && !strchr(" \t\r\n=!<>~()'\"", c);
}

/* Step over the keyword 'word' if it comes next. */
static bool take_keyword(struct parser *p, const char *word)
{
    size_t length = strlen(word);

    skip_spaces(p);
    if (strncmp(p->at, word, length) != 0 || is_word(p->at[length]))
        return false;
    p->at += length;
    return true;
}

/* The next word or quoted text in a new string; NULL when there is none, with
 * 'err'. */
static char *take_text(struct parser *p, const char *expected)
{
    skip_spaces(p);
    const char *end, *at = p->at;
    char quote = *at == '\'' || *at == '"' ? *at : '\0';

    if (quote) {
        end = strchr(at + 1, quote);
        if (!end) {
            fail(p, at + strlen(at), "a closing quote");
            return NULL;
        }
        at++;
        p->at = end + 1;
    } else {
        for (end = at; is_word(*end);)
            end++;
        if (end == at) {
            fail(p, at, expected);
            return NULL;
        }
        p->at = end;
    }
    char *text = strndup(at, (size_t)(end - at));

    if (!text)
        error_memory(p->err);
    return text;
}

static struct where *new_node(struct parser *p, enum node_kind kind)
{
    struct where *w = calloc(1, sizeof *w);

    if (w)
        w->kind = kind;
    else
        error_memory(p->err);
    return w;
}

/* 'left' and/or 'right'; takes both, and fails when either had failed. */
static struct where *join(struct parser *p, enum node_kind kind,
                          struct where *left, struct where *right)
{
    struct where *w = left && right ? new_node(p, kind) : NULL;

    if (!w) {
        where_destroy(left);
        where_destroy(right);
        return NULL;
    }
    w->left = left;
    w->right = right;
    return w;
}

static int take_operator(struct parser *p, enum comparison *op)
{
    skip_spaces(p);
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        size_t length = strlen(operators[i].sign);
        if (strncmp(p->at, operators[i].sign, length) == 0) {
            p->at += length;
            *op = operators[i].op;
            return 0;
        }
    }
    fail(p, p->at, "an operator (= != < <= > >= ~)");
    return -1;
}

/* column operator value */
static struct where *parse_comparison(struct parser *p)
{
    struct where *w = new_node(p, NODE_TEST);
    char *name = NULL;

    if (!w)
        return NULL;
    skip_spaces(p);
    size_t position = (size_t)(p->at - p->start) + 1;

    name = take_text(p, "a column");
    if (!name)
        goto error;
    w->column = columns_find(p->known, name, p->err);
    if (!w->column) {
        error_where(p->err, "--where:%zu", position);
        goto error;
    }
    if (take_operator(p, &w->op) < 0)
        goto error;
    w->text = take_text(p, "a value");
    if (!w->text)
        goto error;
    w->is_number = text_to_double(w->text, &w->number) == 0;
    free(name);
    return w;
error:
    free(name);
    where_destroy(w);
    return NULL;
}

static struct where *parse_test(struct parser *p)
{
    struct where *w = NULL;

    skip_spaces(p);
    if (++p->steps > STEPS_MAX) {
        fail(p, p->at, "a shorter expression");
    } else if (take_keyword(p, "not")) {
        struct where *inner = parse_test(p);
        w = inner ? new_node(p, NODE_NOT) : NULL;
        if (w)
            w->left = inner;
        else
            where_destroy(inner);
    } else if (*p->at == '(') {
        p->at++;
        w = parse_or(p);
        skip_spaces(p);
        if (w && *p->at != ')') {
            where_destroy(w);
            return fail(p, p->at, "'and', 'or' or ')'");
        }
        p->at += w != NULL;
    } else {
        w = parse_comparison(p);
    }
    return w;
}

static struct where *parse_and(struct parser *p)
{
    struct where *w = parse_test(p);

    while (w && take_keyword(p, "and"))
        w = join(p, NODE_AND, w, parse_test(p));
    return w;
}

static struct where *parse_or(struct parser *p)
{
    struct where *w = parse_and(p);

    while (w && take_keyword(p, "or"))
        w = join(p, NODE_OR, w, parse_and(p));
    return w;
}

struct where *where_parse(const char *text, const struct columns *known,
                          struct error *err)
{
    struct parser p = { text, text, known, err, 0 };
    struct where *w = parse_or(&p);

    skip_spaces(&p);
    if (w && *p.at) {
        where_destroy(w);
        return fail(&p, p.at, "'and' or 'or'");
    }
    return w;
}

/* ---- matching --------------------------------------------------------------- */

static bool holds(enum comparison op, int order)
{
    switch (op) {
    case EQUAL:
        return order == 0;
    case DIFFERENT:
        return order != 0;
    case LESS:
        return order < 0;
    case LESS_EQUAL:
        return order <= 0;
    case MORE:
        return order > 0;
    case MORE_EQUAL:
        return order >= 0;
    case CONTAINS:
        break;
    }
    return false;
}

/* NAN equals only NAN and has no order. */
static bool compare_numbers(enum comparison op, double a, double b)
{
    if (isnan(a) || isnan(b))
        return (op == EQUAL && isnan(a) && isnan(b)) ||
               (op == DIFFERENT && !(isnan(a) && isnan(b)));
    return holds(op, (a > b) - (a < b));
}

static bool compare_texts(const struct where *w, const struct cell *cell)
{
    struct text written = TEXT_INIT;

    cell_write(cell, &written);
    const char *text = text_get(&written);
    bool match = w->op == CONTAINS ? strstr(text, w->text) != NULL
                                   : holds(w->op, strcmp(text, w->text));

    text_clear(&written);
    return match;
}

static bool compare(const struct where *w, const struct cell *cell)
{
    if (cell->kind == CELL_NONE)
        return w->op == DIFFERENT;
    if (cell->kind != CELL_TEXT && w->is_number && w->op != CONTAINS)
        return compare_numbers(w->op, cell->number, w->number);
    return compare_texts(w, cell);
}

bool where_match(const struct where *w, const struct entry *e)
{
    switch (w->kind) {
    case NODE_AND:
        return where_match(w->left, e) && where_match(w->right, e);
    case NODE_OR:
        return where_match(w->left, e) || where_match(w->right, e);
    case NODE_NOT:
        return !where_match(w->left, e);
    case NODE_TEST:
        break;
    }
    struct cell cell = column_cell(w->column, e);

    return compare(w, &cell);
}
