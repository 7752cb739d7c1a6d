// SPDX-License-Identifier: Apache-2.0
#include "answer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *line;
static size_t line_length, line_capacity;

static void reserve(size_t more)
{
	size_t capacity = line_capacity ? line_capacity : 4096;

	while (capacity < line_length + more)
		capacity *= 2;
	if (capacity == line_capacity)
		return;
	line = realloc(line, capacity);
	if (!line)
		abort();
	line_capacity = capacity;
}

static void put(const char *bytes, size_t length)
{
	reserve(length);
	memcpy(line + line_length, bytes, length);
	line_length += length;
}

static void put_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void put_format(const char *format, ...)
{
	char text[128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	put(text, strlen(text));
}

/* Length of the UTF-8 sequence that starts here, 0 where it is none (overlong, surrogate, cut). */
static size_t utf8_length(const unsigned char *at, size_t left)
{
	size_t length;
	uint32_t point;

	if (at[0] < 0x80)
		return 1;
	if (at[0] >= 0xc2 && at[0] <= 0xdf)
		length = 2, point = at[0] & 0x1f;
	else if (at[0] >= 0xe0 && at[0] <= 0xef)
		length = 3, point = at[0] & 0x0f;
	else if (at[0] >= 0xf0 && at[0] <= 0xf4)
		length = 4, point = at[0] & 0x07;
	else
		return 0;
	if (length > left)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (at[i] & 0x3f);
	}
	if (length == 3 && (point < 0x800 || (point >= 0xd800 && point <= 0xdfff)))
		return 0;
	if (length == 4 && (point < 0x10000 || point > 0x10ffff))
		return 0;
	return length;
}

static void put_quoted(const char *bytes, size_t length)
{
	const unsigned char *at = (const unsigned char *)bytes;

	put("\"", 1);
	while (length > 0) {
		size_t taken = utf8_length(at, length);

		if (taken == 0) {
			put("\\ufffd", 6);
			taken = 1;
		} else if (*at == '"' || *at == '\\') {
			put("\\", 1);
			put((const char *)at, 1);
		} else if (*at == '\n') {
			put("\\n", 2);
		} else if (*at < 0x20 || *at == 0x7f) {
			put_format("\\u%04x", *at);
		} else {
			put((const char *)at, taken);
		}
		at += taken;
		length -= taken;
	}
	put("\"", 1);
}

/* A comma where something stands before, then the key. */
static void put_key(const char *key)
{
	char before = line_length ? line[line_length - 1] : '{';

	if (before != '{' && before != '[')
		put(",", 1);
	if (key) {
		put_quoted(key, strlen(key));
		put(":", 1);
	}
}

void answer_begin(const char *event)
{
	line_length = 0;
	put("{", 1);
	answer_string("event", event);
}

void answer_string(const char *key, const char *text)
{
	answer_bytes(key, text, strlen(text));
}

void answer_bytes(const char *key, const char *bytes, size_t length)
{
	put_key(key);
	put_quoted(bytes, length);
}

void answer_base64(const char *key, const void *bytes, size_t length)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *at = bytes;

	put_key(key);
	put("\"", 1);
	for (; length > 0; at += 3, length -= length < 3 ? length : 3) {
		uint32_t group = at[0] << 16 | (length > 1 ? at[1] << 8 : 0) | (length > 2 ? at[2] : 0);
		char text[4] = { digits[group >> 18], digits[group >> 12 & 63],
				 length > 1 ? digits[group >> 6 & 63] : '=',
				 length > 2 ? digits[group & 63] : '=' };

		put(text, sizeof(text));
	}
	put("\"", 1);
}

void answer_integer(const char *key, int64_t value)
{
	put_key(key);
	put_format("%" PRId64, value);
}

void answer_ms(const char *key, int64_t us)
{
	long long size = llabs(us);

	put_key(key);
	put_format("%s%lld.%03lld", us < 0 ? "-" : "", size / 1000, size % 1000);
}

void answer_null(const char *key)
{
	put_key(key);
	put("null", 4);
}

void answer_open(const char *key, char bracket)
{
	put_key(key);
	put(&bracket, 1);
}

void answer_close(char bracket)
{
	put(&bracket, 1);
}

void answer_end(void)
{
	size_t written = 0;

	put("}\n", 2);
	while (written < line_length) {
		ssize_t got = write(STDOUT_FILENO, line + written, line_length - written);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return;
		written += got;
	}
}

void answer_error_begin(const char *stage, int error, const char *message)
{
	const char *name = strerrorname_np(error);

	answer_begin("error");
	answer_string("stage", stage);
	answer_string("code", name ? name : "EINVAL");
	answer_string("message", message);
}

void answer_error(const char *stage, int error, const char *message)
{
	answer_error_begin(stage, error, message);
	answer_end();
}
