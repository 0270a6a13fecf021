/* log: see log.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

static const char *program = "sentei";
static void (*clear_drawing)(void *context);
static void *drawing;

void log_program(const char *name)
{
    program = name;
}

void log_clear(void (*clear)(void *context), void *context)
{
    clear_drawing = clear;
    drawing = context;
}

/* One write a line, so that lines of several threads do not mix; what is in it
 * may come from files and programs and must not steer the terminal. */
static void put_line(const char *prefix, const char *format, va_list args)
{
    struct text line = TEXT_INIT;

    text_append(&line, prefix);
    text_vformat(&line, format, args);
    if (line.data)
        text_make_plain(line.data);
    text_append_char(&line, '\n');
    if (clear_drawing)
        clear_drawing(drawing);
    if (!line.failed)
        fwrite(line.data, 1, line.size, stderr);
    text_clear(&line);
}

static void put_message(const char *kind, const char *format, va_list args)
{
    char prefix[64];

    snprintf(prefix, sizeof prefix, "%s: %s", program, kind);
    put_line(prefix, format, args);
}

void log_note(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_message("", format, args);
    va_end(args);
}

void log_warn(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_message("warning: ", format, args);
    va_end(args);
}

bool log_traced(const char *component)
{
    const char *list = getenv("SENTEI_TRACE");
    size_t size = strlen(component);
    bool on = false;

    while (list && *list) {
        bool off = *list == '-';
        const char *word = list + (off || *list == '+');
        size_t length = strcspn(word, ",");

        if ((length == size && strncmp(word, component, size) == 0) ||
            (length == 3 && strncmp(word, "all", 3) == 0))
            on = !off;
        list = word + length + (word[length] == ',');
    }
    return on;
}

void log_trace(const char *component, const char *format, ...)
{
    char host[64] = "?", prefix[192];
    va_list args;

    if (!log_traced(component))
        return;
    gethostname(host, sizeof host - 1);
    snprintf(prefix, sizeof prefix, "%.6f %s[%d] %s: ", clock_wall(), host,
             (int)getpid(), component);
    va_start(args, format);
    put_line(prefix, format, args);
    va_end(args);
}
