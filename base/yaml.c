/* yaml: see yaml.h. The only file that includes libyaml.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/yaml.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/file.h"

/* ---- reading ---------------------------------------------------------- */

struct loader {
    yaml_parser_t parser;
    const char *data; /* the whole text */
    const char *name;
    size_t nodes;
    struct error *err;
};

/* Always returns NULL, so that a builder can return it. */
static struct tree *fail(struct loader *l, yaml_mark_t mark, const char *what,
                         const char *hint)
{
    error_usage(l->err, "%s", what);
    error_where(l->err, "%s:%zu:%zu", l->name, mark.line + 1, mark.column + 1);
    error_hint(l->err, "%s", hint);
    return NULL;
}

/* Where byte 'offset' of the text stands: what is no UTF-8 libyaml finds while
 * it reads ahead, long before its marks get there. */
static yaml_mark_t mark_at(const char *data, size_t offset)
{
    yaml_mark_t mark = { 0, 0, 0 };

    for (size_t i = 0; i < offset; i++) {
        mark.column += ((unsigned char)data[i] & 0xc0) != 0x80;
        if (data[i] == '\n') {
            mark.line++;
            mark.column = 0;
        }
    }
    return mark;
}

/* The next event, or -1 with the parser's own complaint. */
static int next_event(struct loader *l, yaml_event_t *event)
{
    const yaml_parser_t *p = &l->parser;
    const char *problem;
    yaml_mark_t mark;

    if (yaml_parser_parse(&l->parser, event))
        return 0;
    problem = p->problem ? p->problem : "unreadable";
    if (p->error == YAML_MEMORY_ERROR)
        return error_memory(l->err);
    error_usage(l->err, "not valid YAML: %s", problem);
    mark = p->error == YAML_READER_ERROR ? mark_at(l->data, p->problem_offset)
                                         : p->problem_mark;
    error_where(l->err, "%s:%zu:%zu", l->name, mark.line + 1, mark.column + 1);
    return error_hint(l->err,
                      "study files are plain text in YAML; indent by spaces");
}

static struct tree *special_float(const char *s)
{
    double sign = *s == '-' ? -1 : 1;

    s += *s == '-' || *s == '+';
    if (strcmp(s, ".inf") == 0 || strcmp(s, ".Inf") == 0)
        return tree_float(sign * INFINITY);
    if (strcmp(s, ".nan") == 0 || strcmp(s, ".NaN") == 0)
        return tree_float(NAN);
    return NULL;
}

/* Digits with at most one point and an exponent: strtod() alone would take
 * "infinity" and hexadecimal, too. */
static bool looks_decimal(const char *s)
{
    return s[0] && strspn(s, "0123456789+-.eE") == strlen(s) &&
           strpbrk(s, "0123456789");
}

/* A plain scalar by the YAML 1.2 core schema. */
static struct tree *plain_scalar(const char *s)
{
    static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };
    static const char *const trues[] = { "true", "True", "TRUE" };
    static const char *const falses[] = { "false", "False", "FALSE" };
    struct tree *t;
    int64_t whole;
    double number;

    for (size_t i = 0; i < sizeof nulls / sizeof nulls[0]; i++)
        if (strcmp(s, nulls[i]) == 0)
            return tree_null();
    for (size_t i = 0; i < 3; i++)
        if (strcmp(s, trues[i]) == 0 || strcmp(s, falses[i]) == 0)
            return tree_bool(s[0] == 't' || s[0] == 'T');
    if (text_to_int(s, &whole) == 0)
        return tree_int(whole);
    if (looks_decimal(s) && text_to_double(s, &number) == 0)
        return tree_float(number);
    t = special_float(s);
    return t ? t : tree_string(s);
}

static struct tree *load_node(struct loader *l, yaml_event_t *event, int depth);

static struct tree *load_scalar(struct loader *l, const yaml_event_t *event)
{
    const char *s = (const char *)event->data.scalar.value;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    struct tree *t;

    if (strlen(s) != event->data.scalar.length)
        return fail(l, event->start_mark, "a zero byte in a string",
                    "remove it");
    t = plain ? plain_scalar(s) : tree_string(s);
    if (!t)
        error_memory(l->err);
    return t;
}

static struct tree *load_list(struct loader *l, int depth)
{
    struct tree *list = tree_list(), *item;
    yaml_event_t event;

    while (list) {
        if (next_event(l, &event) != 0)
            break;
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            return list;
        }
        item = load_node(l, &event, depth + 1);
        yaml_event_delete(&event);
        if (!item)
            break;
        if (tree_append(list, item) != 0) {
            error_memory(l->err);
            break;
        }
    }
    if (!list)
        error_memory(l->err);
    tree_destroy(list);
    return NULL;
}

/* One key and its value into 'map'. */
static int load_pair(struct loader *l, struct tree *map, yaml_event_t *event,
                     int depth)
{
    const char *key = (const char *)event->data.scalar.value;
    yaml_mark_t mark = event->start_mark;
    yaml_event_t value_event;
    struct tree *value;
    char what[256];

    if (event->type != YAML_SCALAR_EVENT ||
        strlen(key) != event->data.scalar.length) {
        fail(l, mark, "a key must be a word", "write 'key: value'");
        return -1;
    }
    if (event->data.scalar.anchor || event->data.scalar.tag) {
        fail(l, mark, "anchors and tags are not supported", "write it out");
        return -1;
    }
    if (tree_get(map, key)) {
        snprintf(what, sizeof what, "duplicate key '%.100s'", key);
        fail(l, mark, what, "remove one of the two");
        return -1;
    }
    if (next_event(l, &value_event) != 0)
        return -1;
    value = load_node(l, &value_event, depth + 1);
    yaml_event_delete(&value_event);
    if (!value)
        return -1;
    if (tree_set(map, key, value) != 0)
        return error_memory(l->err);
    tree_place_key(map, tree_count(map) - 1, (unsigned)mark.line + 1,
                   (unsigned)mark.column + 1);
    return 0;
}

static struct tree *load_map(struct loader *l, int depth)
{
    struct tree *map = tree_map();
    yaml_event_t event;
    int status;

    while (map) {
        if (next_event(l, &event) != 0)
            break;
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            return map;
        }
        status = load_pair(l, map, &event, depth);
        yaml_event_delete(&event);
        if (status != 0)
            break;
    }
    if (!map)
        error_memory(l->err);
    tree_destroy(map);
    return NULL;
}

/* What a value may not carry: an anchor, or a tag of its own. */
static bool decorated(const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return e->data.scalar.anchor || e->data.scalar.tag;
    case YAML_SEQUENCE_START_EVENT:
        return e->data.sequence_start.anchor || e->data.sequence_start.tag;
    case YAML_MAPPING_START_EVENT:
        return e->data.mapping_start.anchor || e->data.mapping_start.tag;
    default:
        return false;
    }
}

static struct tree *load_node(struct loader *l, yaml_event_t *event, int depth)
{
    yaml_mark_t mark = event->start_mark;
    struct tree *t = NULL;

    if (event->type == YAML_ALIAS_EVENT || decorated(event))
        return fail(l, mark, "anchors, aliases and tags are not supported",
                    "write the value out");
    if (depth > YAML_MAX_DEPTH)
        return fail(l, mark, "nested too deeply",
                    "at most 32 levels are allowed");
    if (++l->nodes > YAML_MAX_NODES)
        return fail(l, mark, "too many values", "split the file");
    if (event->type == YAML_SCALAR_EVENT)
        t = load_scalar(l, event);
    else if (event->type == YAML_SEQUENCE_START_EVENT)
        t = load_list(l, depth);
    else if (event->type == YAML_MAPPING_START_EVENT)
        t = load_map(l, depth);
    if (t)
        tree_place(t, (unsigned)mark.line + 1, (unsigned)mark.column + 1);
    return t;
}

/* Skip the event of type 'type' that must come now. */
static int expect(struct loader *l, yaml_event_type_t type)
{
    yaml_event_t event;
    bool same;

    if (next_event(l, &event) != 0)
        return -1;
    same = event.type == type;
    if (!same)
        fail(l, event.start_mark,
             type == YAML_DOCUMENT_START_EVENT ? "the file is empty"
                                               : "a second document",
             type == YAML_DOCUMENT_START_EVENT
                 ? "a study file begins with 'study: NAME'"
                 : "one file holds one document: remove '---'");
    yaml_event_delete(&event);
    return same ? 0 : -1;
}

static struct tree *load_document(struct loader *l)
{
    yaml_event_t event;
    struct tree *t;

    if (expect(l, YAML_STREAM_START_EVENT) != 0 ||
        expect(l, YAML_DOCUMENT_START_EVENT) != 0 || next_event(l, &event) != 0)
        return NULL;
    t = load_node(l, &event, 1);
    yaml_event_delete(&event);
    if (t && (expect(l, YAML_DOCUMENT_END_EVENT) != 0 ||
              expect(l, YAML_STREAM_END_EVENT) != 0)) {
        tree_destroy(t);
        return NULL;
    }
    return t;
}

struct tree *yaml_parse(const char *data, size_t size, const char *name,
                        struct error *err)
{
    struct loader l = { .data = data, .name = name, .err = err };
    struct tree *t;

    if (size > YAML_MAX_BYTES) {
        error_usage(err, "the file has %zu bytes, more than the %d allowed",
                    size, (int)YAML_MAX_BYTES);
        error_where(err, "%s:1:1", name);
        return NULL;
    }
    if (!yaml_parser_initialize(&l.parser)) {
        error_memory(err);
        return NULL;
    }
    yaml_parser_set_encoding(&l.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&l.parser, (const unsigned char *)data, size);
    t = load_document(&l);
    yaml_parser_delete(&l.parser);
    return t;
}

struct tree *yaml_read(const char *path, struct error *err)
{
    char *data;
    size_t size;
    struct tree *t;

    if (file_read_named(path, YAML_MAX_BYTES, &data, &size, err) != 0)
        return NULL;
    t = yaml_parse(data, size, path, err);
    free(data);
    return t;
}

/* ---- writing ---------------------------------------------------------- */

/* What libyaml refuses or folds within quotes: controls, breaks of line beyond
 * ASCII, the byte order mark. */
static bool needs_escape(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 ||
           code == 0x2029 || code == 0xfeff;
}

static void put_quoted(const char *s, struct text *out)
{
    text_append_char(out, '"');
    while (*s) {
        uint32_t code;
        size_t size = text_decode(s, &code);

        if (code == UINT32_MAX)
            text_append(out, "\\ufffd");
        else if (code == '"' || code == '\\')
            text_format(out, "\\%c", *s);
        else if (code == '\n')
            text_append(out, "\\n");
        else if (code == '\t')
            text_append(out, "\\t");
        else if (needs_escape(code))
            text_format(out, "\\u%04x", code);
        else
            text_append_bytes(out, s, size);
        s += size;
    }
    text_append_char(out, '"');
}

/* Plain where a plain scalar reads back as this very string. */
static void put_string(const char *s, struct text *out)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
    struct tree *t = plain_scalar(s);

    if (tree_kind(t) == TREE_STRING && strspn(s, safe) == strlen(s) &&
        s[0] != '-' && s[0] != '.')
        text_append(out, s);
    else
        put_quoted(s, out);
    tree_destroy(t);
}

static void put_double(double value, struct text *out)
{
    if (isfinite(value))
        text_append_float(out, value);
    else
        text_append(out, isnan(value) ? ".nan" : value > 0 ? ".inf" : "-.inf");
}

static void put_scalar(const struct tree *t, struct text *out)
{
    switch (tree_kind(t)) {
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
        text_append(out, "[]");
        break;
    case TREE_MAP:
        text_append(out, "{}");
        break;
    case TREE_NULL:
        text_append(out, "null");
        break;
    }
}

static void put_block(const struct tree *t, struct text *out, int indent)
{
    bool map = tree_kind(t) == TREE_MAP;

    for (size_t i = 0; i < tree_count(t); i++) {
        const struct tree *item = tree_at(t, i);

        text_format(out, "%*s", indent, "");
        if (map) {
            put_string(tree_key(t, i), out);
            text_append_char(out, ':');
        } else {
            text_append_char(out, '-');
        }
        if (tree_count(item) > 0) {
            text_append_char(out, '\n');
            put_block(item, out, indent + 2);
        } else {
            text_append_char(out, ' ');
            put_scalar(item, out);
            text_append_char(out, '\n');
        }
    }
}

void yaml_format(const struct tree *t, struct text *out)
{
    if (tree_count(t) > 0) {
        put_block(t, out, 0);
        return;
    }
    put_scalar(t, out);
    text_append_char(out, '\n');
}

const char *yaml_version(void)
{
    return yaml_get_version_string();
}
