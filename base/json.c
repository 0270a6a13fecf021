/* json: see json.h. The only file that includes jansson.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- reading ---------------------------------------------------------- */

static struct tree *from_jansson(const json_t *j);

static struct tree *from_object(const json_t *j)
{
    struct tree *map = tree_map();
    const char *key;
    json_t *value;

    if (map)
        json_object_foreach((json_t *)j, key, value)
            tree_set(map, key, from_jansson(value));
    return map;
}

static struct tree *from_array(const json_t *j)
{
    struct tree *list = tree_list();

    if (list)
        for (size_t i = 0; i < json_array_size(j); i++)
            tree_append(list, from_jansson(json_array_get(j, i)));
    return list;
}

static struct tree *from_jansson(const json_t *j)
{
    switch (json_typeof(j)) {
    case JSON_OBJECT:
        return from_object(j);
    case JSON_ARRAY:
        return from_array(j);
    case JSON_STRING:
        return tree_string(json_string_value(j));
    case JSON_INTEGER:
        return tree_int(json_integer_value(j));
    case JSON_REAL:
        return tree_float(json_real_value(j));
    case JSON_TRUE:
    case JSON_FALSE:
        return tree_bool(json_is_true(j));
    default:
        return tree_null();
    }
}

/* Jansson takes a lack of memory for a wrong text, or writes beyond what it has.
 * So it does not hear of one: it is left at once, and what it had is freed. */
struct piece {
    _Alignas(max_align_t) struct piece *next;
    struct piece **from; /* what points to this one */
};

static _Thread_local struct piece *pieces;
static _Thread_local jmp_buf lack;

static void *allocate(size_t size)
{
    struct piece *p = malloc(sizeof *p + size);

    if (!p)
        longjmp(lack, 1);
    *p = (struct piece){ pieces, &pieces };
    if (pieces)
        pieces->from = &p->next;
    pieces = p;
    return p + 1;
}

static void release(void *memory)
{
    struct piece *p = memory;

    if (!p)
        return;
    p--;
    *p->from = p->next;
    if (p->next)
        p->next->from = p->from;
    free(p);
}

static void watch_memory(void)
{
    json_set_alloc_funcs(allocate, release);
}

/* -1 when memory was out; else '*j' is what was read, NULL for a wrong text. */
static int load(const char *data, size_t size, json_t **j,
                json_error_t *problem)
{
    if (setjmp(lack)) {
        for (struct piece *p; (p = pieces); free(p))
            pieces = p->next;
        return -1;
    }
    *j = json_loadb(data, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
                    problem);
    return 0;
}

struct tree *json_parse(const char *data, size_t size, const char *name,
                        struct error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    json_error_t problem;
    struct tree *t;
    json_t *j;

    pthread_once(&once, watch_memory);
    if (load(data, size, &j, &problem) < 0) {
        error_memory(err);
        return NULL;
    }
    if (!j) {
        error_usage(err, "not valid JSON: %s", problem.text);
        error_where(err, "%s:%d:%d", name, problem.line, problem.column);
        return NULL;
    }
    t = from_jansson(j);
    json_decref(j);
    if (!tree_ok(t)) {
        tree_destroy(t);
        error_memory(err);
        return NULL;
    }
    return t;
}

/* ---- writing ---------------------------------------------------------- */

/* Jansson could write, too, but only its own values; a second tree for each
 * reply would be a copy of everything. */

/* What JSON may not hold as it is: quotes, controls, bytes that are no UTF-8
 * (which would make the whole text unreadable). */
static void put_escape(const char *s, struct text *out)
{
    unsigned char c = (unsigned char)*s;

    if (c == '"' || c == '\\')
        text_format(out, "\\%c", c);
    else if (c == '\n')
        text_append(out, "\\n");
    else
        text_format(out, "\\u%04x", c < 0x80 ? c : 0xfffdu);
}

static void put_string(const char *s, struct text *out)
{
    const char *from = s;

    text_append_char(out, '"');
    while (*s) {
        uint32_t code;
        size_t size = text_decode(s, &code);

        if (code < 0x20 || code == '"' || code == '\\' || code == 0x7f ||
            code == UINT32_MAX) {
            text_append_bytes(out, from, (size_t)(s - from));
            put_escape(s, out);
            from = s + size;
        }
        s += size;
    }
    text_append_bytes(out, from, (size_t)(s - from));
    text_append_char(out, '"');
}

static void put_double(double value, struct text *out)
{
    if (isfinite(value))
        text_append_float(out, value);
    else
        text_append(out, isnan(value) ? "\"nan\""
                         : value > 0  ? "\"inf\""
                                      : "\"-inf\"");
}

static void new_line(struct text *out, int indent)
{
    if (indent >= 0)
        text_format(out, "\n%*s", 2 * indent, "");
}

/* 'indent' is the depth of pretty printing, or -1 for one line. */
static void put(const struct tree *t, struct text *out, int indent)
{
    enum tree_kind kind = tree_kind(t);
    int inner = indent < 0 ? -1 : indent + 1;

    switch (kind) {
    case TREE_NULL:
        text_append(out, "null");
        break;
    case TREE_BOOL:
        text_append(out, tree_truth(t) ? "true" : "false");
        break;
    case TREE_INT:
        text_format(out, "%jd", (intmax_t)tree_integer(t));
        break;
    case TREE_FLOAT:
        put_double(tree_number(t), out);
        break;
    case TREE_STRING:
        put_string(tree_text(t), out);
        break;
    case TREE_LIST:
    case TREE_MAP:
        text_append_char(out, kind == TREE_MAP ? '{' : '[');
        for (size_t i = 0; i < tree_count(t); i++) {
            if (i > 0)
                text_append_char(out, ',');
            new_line(out, inner);
            if (kind == TREE_MAP) {
                put_string(tree_key(t, i), out);
                text_append(out, indent < 0 ? ":" : ": ");
            }
            put(tree_at(t, i), out, inner);
        }
        if (tree_count(t) > 0)
            new_line(out, indent);
        text_append_char(out, kind == TREE_MAP ? '}' : ']');
        break;
    }
}

void json_format(const struct tree *t, struct text *out)
{
    put(t, out, -1);
}

void json_format_pretty(const struct tree *t, struct text *out)
{
    put(t, out, 0);
    text_append_char(out, '\n');
}

const char *json_version(void)
{
    return jansson_version_str();
}
