// SPDX-License-Identifier: Apache-2.0
#include "header.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"

static char buffer[HEADER_LINE_BYTES_MAX];
static size_t buffer_start, buffer_end;

void header_fault(const char *format, ...)
{
	char message[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	answer_error("header", EINVAL, message);
	exit(2);
}

/* Reads once into the free end of the buffer; false at the end of standard input. */
static bool fill(void)
{
	ssize_t got;

	if (buffer_start > 0) {
		memmove(buffer, buffer + buffer_start, buffer_end - buffer_start);
		buffer_end -= buffer_start;
		buffer_start = 0;
	}
	if (buffer_end == sizeof(buffer))
		header_fault("a line is longer than %zu bytes", sizeof(buffer));
	do {
		got = read(STDIN_FILENO, buffer + buffer_end, sizeof(buffer) - buffer_end);
	} while (got < 0 && errno == EINTR);
	if (got <= 0)
		return false;
	buffer_end += got;
	return true;
}

/*
 * Cuts the next line off the buffer, at its first space into key and value; `*searched` bytes are
 * known to hold no newline. Key NULL: an empty line. False, with `*searched` brought up to date, where no line is complete.
 */
static bool cut_line(char **key, char **value, size_t *searched)
{
	char *line = buffer + buffer_start, *newline, *space;

	newline = memchr(line + *searched, '\n', buffer_end - buffer_start - *searched);
	if (!newline) {
		*searched = buffer_end - buffer_start;
		return false;
	}
	*newline = '\0';
	buffer_start = newline + 1 - buffer;
	if (strlen(line) != (size_t)(newline - line))
		header_fault("a line holds a zero byte");
	space = strchr(line, ' ');
	*key = *line ? line : NULL;
	*value = space ? space + 1 : newline;
	if (space)
		*space = '\0';
	return true;
}

bool header_next(char **key, char **value)
{
	size_t searched = 0;

	while (!cut_line(key, value, &searched)) {
		if (!fill())
			header_fault("standard input ended before the header did");
	}
	return *key != NULL;
}

void *header_read_bytes(size_t bytes)
{
	char *memory = malloc(bytes ? bytes : 1);
	size_t have = buffer_end - buffer_start;

	if (!memory)
		header_fault("no memory for %zu bytes", bytes);
	if (have > bytes)
		have = bytes;
	memcpy(memory, buffer + buffer_start, have);
	buffer_start += have;
	while (have < bytes) {
		ssize_t got = read(STDIN_FILENO, memory + have, bytes - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			header_fault("standard input ended after %zu of %zu object bytes", have,
				     bytes);
		have += got;
	}
	return memory;
}

uint64_t header_number(const char *key, const char *value, uint64_t min, uint64_t max)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(value, &end, 10);
	/* strtoull takes signs and leading blanks, which are no part of this form. */
	if (errno || *value < '0' || *value > '9' || *end != '\0' || number < min || number > max)
		header_fault("%s: '%.64s' is not a number from %llu to %llu", key, value,
			     (unsigned long long)min, (unsigned long long)max);
	return number;
}

char *header_field(const char *key, char **rest)
{
	char *field = strsep(rest, " ");

	if (!field || *field == '\0')
		header_fault("%s: a field is missing", key);
	return field;
}

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

char *header_hex(const char *key, const char *hex, size_t bytes_max, size_t *bytes)
{
	size_t length = strlen(hex);
	char *decoded;

	if (length % 2 || length / 2 > bytes_max)
		header_fault("%s: not an even number of hex digits, at most %zu", key, 2 * bytes_max);
	decoded = malloc(length / 2 + 1);
	if (!decoded)
		header_fault("no memory for %zu bytes", length / 2);
	for (size_t i = 0; i < length / 2; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			header_fault("%s: not hex digits", key);
		decoded[i] = (char)(high << 4 | low);
	}
	decoded[length / 2] = '\0';
	*bytes = length / 2;
	return decoded;
}

void header_once(const char *key, bool *seen)
{
	if (*seen)
		header_fault("%s stands twice", key);
	*seen = true;
}

void header_require(const char *key, bool seen)
{
	if (!seen)
		header_fault("%s is missing", key);
}

bool input_ended(void)
{
	char scrap[4096];
	ssize_t got = read(STDIN_FILENO, scrap, sizeof(scrap));

	return got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
}

bool request_fill(void)
{
	return fill();
}

bool request_next(char **key, char **value)
{
	size_t searched = 0;

	return cut_line(key, value, &searched);
}
