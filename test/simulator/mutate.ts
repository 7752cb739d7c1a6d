// Damages an object file in the ways that find holes in readers. The same random numbers, the same
// damage.

import type { Random } from "./random-program.ts";

const numbers = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff] as const;

/** `others`: files to splice pieces from. */
export function mutate(
  random: Random,
  bytes: Uint8Array,
  others: readonly Uint8Array[],
): Uint8Array {
  let result = bytes.slice();
  const rounds = 1 + random.below(4);
  for (let round = 0; round < rounds && result.length > 0; round++) {
    const at = place(random, result.length);
    switch (random.below(8)) {
      case 0:
        result[at] = (result[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 1:
        result = result.slice(0, at);
        break;
      case 2:
        number(result, at & ~3, random.pick(numbers), 4);
        break;
      case 3:
        number(result, at & ~1, random.pick(numbers), 2);
        break;
      case 4: {
        const other = others[random.below(others.length)] ?? bytes;
        const from = place(random, other.length);
        result.set(
          other.subarray(from, from + Math.min(1 + random.below(400), result.length - at)),
          at,
        );
        break;
      }
      case 5:
        result.fill(random.word() & 0xff, at, at + random.below(200));
        break;
      case 6:
        number(result, at & ~7, random.pick(numbers), 8);
        break;
      default:
        number(result, at & ~3, random.below(result.length * 2), 4);
    }
  }
  return result;
}

/** Headers and tables at both ends matter more than the middle. */
function place(random: Random, length: number): number {
  const kind = random.below(4);
  if (kind === 0) return random.below(Math.min(length, 64));
  if (kind === 1) return length - 1 - random.below(Math.min(length, 2500));
  return random.below(length);
}

function number(bytes: Uint8Array, at: number, value: number, size: number): void {
  for (let index = 0; index < size && at + index < bytes.length; index++) {
    bytes[at + index] = index < 4 ? (value >>> (index * 8)) & 0xff : 0;
  }
}
