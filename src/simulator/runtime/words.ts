// 64-bit words in linear memory as numbers: halves on the way in and out, no BigInt. Little-endian, as
// the target is. Called all over runtime/.

const TWO_32 = 0x1_0000_0000;

/** Nearest number of an unsigned 64-bit word; exact below 2^53. */
export function wordOf(low: number, high: number): number {
  return (high >>> 0) * TWO_32 + (low >>> 0);
}

/** A duration whose all-ones word means "without end" (SCX_SLICE_INF). */
export function nsOf(low: number, high: number): number {
  if (high >>> 0 === 0xffff_ffff && low >>> 0 === 0xffff_ffff) return Number.POSITIVE_INFINITY;
  return wordOf(low, high);
}

export function getWord(view: DataView, address: number): number {
  return view.getUint32(address + 4, true) * TWO_32 + view.getUint32(address, true);
}

/** A whole number of 0 to 2^64 - 1 at an aligned address; Infinity becomes all ones. */
export function putWord(words: Int32Array, address: number, value: number): void {
  const at = address >>> 2;
  if (value === Number.POSITIVE_INFINITY) {
    words[at] = -1;
    words[at + 1] = -1;
    return;
  }
  words[at] = value | 0;
  words[at + 1] = value < TWO_32 ? 0 : Math.floor(value / TWO_32) | 0;
}

/** The upper half of a whole number below 2^53, also of a negative one (two's complement). */
export function highOf(value: number): number {
  return Math.floor(value / TWO_32) >>> 0;
}

export function alignUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
