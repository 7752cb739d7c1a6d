/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the native programs say: one JSON document a line on standard output. A line is put together
 * in memory and written at once. Strings may hold any bytes: what is not UTF-8 becomes U+FFFD, so
 * that output of an untrusted program or the kernel can't break the document.
 */
#ifndef SCHEDCP_ANSWER_H
#define SCHEDCP_ANSWER_H

#include <stddef.h>
#include <stdint.h>

/* Starts a line: `{"event":"…"`. One line at a time. */
void answer_begin(const char *event);

/* Members of the document. */
void answer_string(const char *key, const char *text);
void answer_bytes(const char *key, const char *bytes, size_t length);
void answer_base64(const char *key, const void *bytes, size_t length);
void answer_integer(const char *key, int64_t value);
/* Microseconds, printed as milliseconds with three decimals. */
void answer_ms(const char *key, int64_t us);
void answer_null(const char *key);

/* Opens an object ('{') or array ('['), closed by answer_close('}' or ']'). Key NULL inside arrays. */
void answer_open(const char *key, char bracket);
void answer_close(char bracket);

/* Ends the line and writes it. If nobody reads, nothing is lost: the reader's death ends us too. */
void answer_end(void);

/* `{"event":"error",…}` without further members, begun only: the caller adds and ends. */
void answer_error_begin(const char *stage, int error, const char *message);
void answer_error(const char *stage, int error, const char *message);

#endif
