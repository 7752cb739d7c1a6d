/*
 * The same functions for the machine that runs the test and, as BPF, for the simulator's: each takes
 * eight numbers and answers one. Compiled twice by real-c.test.ts, which compares the answers.
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;

#ifdef __bpf__
#define CASE(name) __attribute__((section("syscall"), used)) u64 name(u64 *in)
#define HAS(version) (__BPF_CPU_VERSION__ >= version)
#else
#define CASE(name) u64 name(u64 *in)
#define HAS(version) 1
#endif
#define NOINLINE __attribute__((noinline))

static const u32 table[8] = { 3, 1, 4, 1, 5, 9, 2, 6 };
u64 counter = 100;
static u64 history[16];

CASE(fnv)
{
	u64 hash = 0xcbf29ce484222325ULL;

	for (int i = 0; i < 64; i++)
		hash = (hash ^ ((u8 *)in)[i]) * 0x100000001b3ULL;
	return hash;
}

CASE(sorting)
{
	u32 values[16];
	u64 sum = 0;

	for (int i = 0; i < 16; i++)
		values[i] = ((u32 *)in)[i];
	for (int i = 0; i < 16; i++)
		for (int j = 0; j < 15 - i; j++)
			if (values[j] > values[j + 1]) {
				u32 swap = values[j];

				values[j] = values[j + 1];
				values[j + 1] = swap;
			}
	for (int i = 0; i < 16; i++)
		sum = sum * 31 + values[i];
	return sum;
}

CASE(collatz)
{
	u64 n = in[0] & 0xffffff, steps = 0;

	while (n > 1 && steps < 500) {
		n = n & 1 ? 3 * n + 1 : n / 2;
		steps++;
	}
	return steps;
}

CASE(crc)
{
	u32 crc = ~0U;

	for (int i = 0; i < 32; i++) {
		crc ^= ((u8 *)in)[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (0xedb88320U & -(crc & 1));
	}
	return ~crc;
}

CASE(signed_loads)
{
	s64 sum = 0;

	for (int i = 0; i < 16; i++) {
		sum = sum * 3 + ((volatile s8 *)in)[i];
		sum = sum * 5 + ((volatile s16 *)in)[i];
		sum = sum * 7 + ((volatile s32 *)in)[i];
	}
	return sum;
}

CASE(signed_compare)
{
	s64 a = in[0], b = in[1];
	s32 c = in[2], d = in[3];

	return (a < b) | (a <= b) << 1 | (c < d) << 2 | (c >= d) << 3 | ((a >> (b & 63)) & 0xff) << 4 |
	       (u64)(u32)(c >> (d & 31)) << 16 | (u64)(a > -5) << 60 | (u64)(c > -5) << 61;
}

CASE(division)
{
	u64 d = in[1] | 1;
	u32 e = (u32)in[3] | 1;

	return in[0] / d ^ in[0] % d << 1 ^ (u64)((u32)in[2] / e) << 3 ^ (u64)((u32)in[2] % e) << 7;
}

#if HAS(4)
CASE(signed_division)
{
	s64 d = (s64)in[1] | 1;
	s32 e = (s32)in[3] | 1;

	return (s64)in[0] / d ^ (s64)in[0] % d << 1 ^ (u64)((s32)in[2] / e) << 3 ^ (u64)((s32)in[2] % e) << 7;
}

CASE(sign_extension)
{
	return (u64)(s64)(s8)in[0] ^ (u64)(s64)(s16)in[1] << 3 ^ (u64)(s64)(s32)in[2] << 7 ^
	       (u64)(u32)(s32)(s8)in[3] << 11 ^ (u64)(u32)(s32)(s16)in[4] << 13;
}
#endif

CASE(byte_order)
{
	return __builtin_bswap64(in[0]) ^ __builtin_bswap32(in[1]) ^ (u64)__builtin_bswap16(in[2]) << 40;
}

#if HAS(3)
CASE(atomics)
{
	u64 word = in[0];
	u32 half = in[1];
	u64 seen = 0;

	seen = seen * 3 + __sync_fetch_and_add(&word, in[2]);
	seen = seen * 3 + __sync_fetch_and_or(&word, in[3]);
	seen = seen * 3 + __sync_fetch_and_and(&word, in[4]);
	seen = seen * 3 + __sync_fetch_and_xor(&word, in[5]);
	seen = seen * 3 + __sync_lock_test_and_set(&word, in[6]);
	seen = seen * 3 + __sync_val_compare_and_swap(&word, in[6], in[7]);
	seen = seen * 3 + __sync_val_compare_and_swap(&word, in[1], in[2]);
	seen = seen * 3 + __sync_fetch_and_add(&half, (u32)in[2]);
	seen = seen * 3 + __sync_val_compare_and_swap(&half, (u32)(in[1] + in[2]), 77);
	return seen * 3 + word + half;
}
#endif

static NOINLINE u64 mix(u64 a, u64 b, u32 c, s32 d, u64 *out)
{
	*out += a * b;
	return (a ^ b) + c * 7 + d;
}

CASE(subprograms)
{
	u64 out = in[4], sum = 0;

	for (int i = 0; i < 5; i++)
		sum += mix(in[i], in[i + 1], in[i + 2], (s32)in[i + 3], &out);
	return sum ^ out;
}

CASE(switches)
{
	u64 sum = 0;

	for (int i = 0; i < 8; i++) {
		switch (in[i] % 9) {
		case 0: sum += 11; break;
		case 1: sum ^= in[i]; break;
		case 2: sum *= 3;	/* fall through */
		case 3: sum -= 5; break;
		case 5: sum <<= 1; break;
		case 7: continue;
		default: sum += table[in[i] & 7];
		}
		sum = sum * 17 + i;
	}
	return sum;
}

struct pair {
	u32 first;
	u8 tag;
	u64 second;
	u16 tail[5];
};

CASE(structures)
{
	struct pair pairs[4], copy;
	u64 sum = 0;

	__builtin_memset(pairs, 0, sizeof(pairs));
	for (int i = 0; i < 4; i++) {
		pairs[i].first = in[i];
		pairs[i].tag = in[i] >> 8;
		pairs[i].second = in[i + 4];
		pairs[i].tail[i] = in[i] >> 32;
	}
	copy = pairs[in[0] & 3];
	for (int i = 0; i < 5; i++)
		sum = sum * 3 + copy.tail[i];
	return sum + copy.first * 5 + copy.tag * 7 + copy.second;
}

CASE(globals)
{
	counter += in[0];
	history[in[1] & 15] ^= counter;
	return counter + history[in[2] & 15] * 3 + table[in[3] & 7];
}

CASE(nested_loops)
{
	u64 sum = 0;

	for (u32 i = 0; i < (in[0] & 15); i++) {
		for (u32 j = 0; j < (in[1] & 15); j++) {
			if (((i ^ j) & 3) == 2)
				continue;
			sum += i * j + in[(i + j) & 7];
			if ((sum & 0xff) == 0x33)
				break;
		}
		sum ^= sum << 3;
	}
	return sum;
}

#ifndef __bpf__
int printf(const char *format, ...);

static u64 state = 42;

static u64 next_number(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

#define RUN(name) printf(#name " %llx\n", (unsigned long long)name(in))

int main(void)
{
	for (int round = 0; round < 200; round++) {
		u64 in[8];

		for (int i = 0; i < 8; i++) {
			u64 kind = next_number();

			/* Small and negative numbers, too. */
			in[i] = kind & 1 ? next_number() : kind & 2 ? next_number() % 64 : -(next_number() % 64);
		}
		printf("in");
		for (int i = 0; i < 8; i++)
			printf(" %llx", (unsigned long long)in[i]);
		printf("\n");
		RUN(fnv);
		RUN(sorting);
		RUN(collatz);
		RUN(crc);
		RUN(signed_loads);
		RUN(signed_compare);
		RUN(division);
		RUN(signed_division);
		RUN(sign_extension);
		RUN(byte_order);
		RUN(atomics);
		RUN(subprograms);
		RUN(switches);
		RUN(structures);
		RUN(globals);
		RUN(nested_loops);
	}
}
#endif
