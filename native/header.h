/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every native program reads from standard input: `key value` lines up to an empty line, then,
 * for some, raw bytes. Bounded, and read without stdio: afterwards the programs poll the descriptor,
 * so nothing may be left hidden in a stdio buffer. Any fault ends the program with exit code 2.
 */
#ifndef SCHEDCP_HEADER_H
#define SCHEDCP_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A command of 32 KiB in hex, with its fields. */
#define HEADER_LINE_BYTES_MAX (72 * 1024)

/*
 * Next line, cut at its first space into key and the rest (an empty string where there is none).
 * Both live until the next call. False at the empty line that ends the header.
 */
bool header_next(char **key, char **value);

/* Exactly `bytes` raw bytes that follow the header, in memory of their own. */
void *header_read_bytes(size_t bytes);

/* The value as a decimal number within the bounds. `key` is for the message. */
uint64_t header_number(const char *key, const char *value, uint64_t min, uint64_t max);

/* Takes the next space-separated field off `*rest`; a missing one is a fault. */
char *header_field(const char *key, char **rest);

/* Decodes hex into memory of its own, ended by a zero that `*bytes` does not count. */
char *header_hex(const char *key, const char *hex, size_t bytes_max, size_t *bytes);

/* For a key that may stand once only: a fault when `*seen`, which it then sets. */
void header_once(const char *key, bool *seen);

/* For a key that must be there. */
void header_require(const char *key, bool seen);

/* Answers with an error of stage `header` and ends with exit code 2. */
_Noreturn void header_fault(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * For a program that takes requests after its header: request_fill() reads once what has come (after
 * POLLIN; false at the end of standard input), request_next() takes the next complete line of it, cut
 * as header_next() does; the key of an empty line is NULL.
 */
bool request_fill(void);
bool request_next(char **key, char **value);

/* Throws away what is there to read; true when standard input has ended. Never blocks after POLLIN. */
bool input_ended(void);

#endif
