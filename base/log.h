/* log: messages to stderr while a program runs, and one tracing switch.
 *
 * log_note() and log_warn() are for people: "sentei: ...". Tracing is
 * off unless SENTEI_TRACE names components: "store,http", "all,-http". A trace
 * line carries the time, host, process and component. Thread-safe.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

/* The program's name in messages, "sentei" until set. Borrowed. */
void log_program(const char *name);

/* Call 'clear' before each line, so that none is written into what this program
 * draws on the terminal; NULL: no more. The context is borrowed. */
void log_clear(void (*clear)(void *context), void *context);

/* Say something a user should know, one line. */
void log_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Say that something is wrong though the program goes on. */
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether 'component' is traced; and a trace line for it. */
bool log_traced(const char *component);
void log_trace(const char *component, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
