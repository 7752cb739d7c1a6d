// SPDX-License-Identifier: Apache-2.0
#include "knob.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "bpf-object.h"

#define RODATA ".rodata"

struct variable {
	const char *name;
	const struct btf_type *type; /* plain */
	const char *type_name;
	bool array;
	__u32 offset;
	__u32 size;
};

static bool is_volatile(const struct btf *btf, __u32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (type && (btf_is_mod(type) || btf_is_typedef(type))) {
		if (btf_is_volatile(type))
			return true;
		type = btf__type_by_id(btf, type->type);
	}
	/* C hands the qualifiers of an array to its elements. */
	return type && btf_is_array(type) && is_volatile(btf, btf_array(type)->type);
}

/* The name that the author wrote: the first typedef or base type under the qualifiers. */
static const char *type_name(const struct btf *btf, __u32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (type && btf_is_mod(type))
		type = btf__type_by_id(btf, type->type);
	if (type && btf_is_array(type))
		return type_name(btf, btf_array(type)->type);
	return type ? btf__name_by_offset(btf, type->name_off) : "?";
}

/* The i-th entry of .rodata as a variable; false where it is no knob (a constant of the compiler's). */
static bool read_variable(const struct btf *btf, const struct btf_type *section, int i,
			  struct variable *variable)
{
	const struct btf_var_secinfo *info = btf_var_secinfos(section) + i;
	const struct btf_type *var = btf__type_by_id(btf, info->type);

	if (!var || !btf_is_var(var) || !is_volatile(btf, var->type))
		return false;
	variable->name = btf__name_by_offset(btf, var->name_off);
	variable->type = plain_type(btf, var->type);
	variable->type_name = type_name(btf, var->type);
	variable->array = variable->type && btf_is_array(variable->type);
	if (variable->array)
		variable->type = plain_type(btf, btf_array(variable->type)->type);
	variable->offset = info->offset;
	variable->size = info->size;
	return variable->type != NULL;
}

static const struct btf_type *rodata(const struct btf *btf)
{
	__s32 id = btf__find_by_name_kind(btf, RODATA, BTF_KIND_DATASEC);

	return id < 0 ? NULL : btf__type_by_id(btf, id);
}

static _Noreturn void knob_fault(const struct btf *btf, const struct knob *knob, const char *format,
				 ...) __attribute__((format(printf, 3, 4)));

static void knob_fault(const struct btf *btf, const struct knob *knob, const char *format, ...)
{
	const struct btf_type *section = rodata(btf);
	char message[512], text[256];
	struct variable variable;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	answer_error_begin("knob", EINVAL, message);
	answer_string("log", "");
	answer_string("knob", knob->name);
	answer_open("knobs", '[');
	for (int i = 0; section && i < btf_vlen(section) && i < 256; i++) {
		if (!read_variable(btf, section, i, &variable))
			continue;
		if (variable.array)
			snprintf(text, sizeof(text), "%.128s %.64s[%u]", variable.name,
				 variable.type_name, variable.size);
		else
			snprintf(text, sizeof(text), "%.128s %.64s", variable.name,
				 variable.type_name);
		answer_string(NULL, text);
	}
	answer_close(']');
	answer_end();
	exit(1);
}

static bool is_bool(const struct btf_type *type)
{
	return btf_is_int(type) && (btf_int_encoding(type) & BTF_INT_BOOL);
}

static void set_integer(const struct btf *btf, const struct knob *knob,
			const struct variable *variable, char *at)
{
	bool negative = knob->text[0] == '-';
	bool is_signed = btf_is_int(variable->type) ?
				 btf_int_encoding(variable->type) & BTF_INT_SIGNED :
				 btf_kflag(variable->type);
	uint64_t value, highest;
	unsigned int bits = 8 * variable->size;
	char *end;

	if (variable->array || bits > 64 ||
	    !(btf_is_int(variable->type) || btf_is_any_enum(variable->type)))
		knob_fault(btf, knob, "knob %s is of type %s: not a number", knob->name,
			   variable->type_name);
	errno = 0;
	value = strtoull(knob->text + negative, &end, 10);
	if (errno || *end != '\0' || knob->text[negative] < '0' || knob->text[negative] > '9')
		knob_fault(btf, knob, "knob %s: '%.32s' is not a whole number", knob->name, knob->text);
	highest = is_bool(variable->type) ? 1 : is_signed ? UINT64_MAX >> (65 - bits) :
							     UINT64_MAX >> (64 - bits);
	/* Two's complement reaches one further below zero. */
	if (negative && !is_signed && value > 0)
		knob_fault(btf, knob, "knob %s is of type %s: not below 0", knob->name,
			   variable->type_name);
	if (value > highest + (negative && is_signed))
		knob_fault(btf, knob, "knob %s: %.32s does not fit %s", knob->name, knob->text,
			   variable->type_name);
	if (negative)
		value = -value;
	/* Little and big endian differ in which bytes of the word come first. */
	switch (variable->size) {
	case 1:
		memcpy(at, &(uint8_t){ value }, 1);
		break;
	case 2:
		memcpy(at, &(uint16_t){ value }, 2);
		break;
	case 4:
		memcpy(at, &(uint32_t){ value }, 4);
		break;
	case 8:
		memcpy(at, &value, 8);
		break;
	default:
		knob_fault(btf, knob, "knob %s has a size of %u bytes", knob->name, variable->size);
	}
}

static void set_boolean(const struct btf *btf, const struct knob *knob,
			const struct variable *variable, char *at)
{
	if (variable->array || !is_bool(variable->type) || variable->size != 1)
		knob_fault(btf, knob, "knob %s is of type %s: not a boolean", knob->name,
			   variable->type_name);
	*at = knob->text[0] == '1';
}

static void set_string(const struct btf *btf, const struct knob *knob,
		       const struct variable *variable, char *at)
{
	if (!variable->array || !btf_is_int(variable->type) || variable->type->size != 1)
		knob_fault(btf, knob, "knob %s is of type %s: not a string", knob->name,
			   variable->type_name);
	if (knob->length >= variable->size)
		knob_fault(btf, knob, "knob %s: at most %u bytes fit", knob->name,
			   variable->size - 1);
	memset(at, 0, variable->size);
	memcpy(at, knob->text, knob->length);
}

void set_knob(struct bpf_object *object, const struct knob *knob)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, RODATA);
	const struct btf *btf = bpf_object__btf(object);
	const struct btf_type *section = rodata(btf);
	struct variable variable;
	size_t size = 0;
	char *bytes = map ? bpf_map__initial_value(map, &size) : NULL;

	for (int i = 0; bytes && section && i < btf_vlen(section); i++) {
		if (!read_variable(btf, section, i, &variable) ||
		    strcmp(variable.name, knob->name) != 0)
			continue;
		if (variable.offset > size || variable.size > size - variable.offset)
			knob_fault(btf, knob, "knob %s lies outside of " RODATA, knob->name);
		if (knob->kind == 'i')
			set_integer(btf, knob, &variable, bytes + variable.offset);
		else if (knob->kind == 'b')
			set_boolean(btf, knob, &variable, bytes + variable.offset);
		else
			set_string(btf, knob, &variable, bytes + variable.offset);
		return;
	}
	knob_fault(btf, knob, "the policy has no knob %s", knob->name);
}
