// Seeded random numbers: everything that is drawn in a run comes from here, so that the seed replays it.

/** 32 bits in, 32 well-mixed bits out (the finaliser of MurmurHash3). */
export function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The next state of a stream (Weyl sequence); its output is `mix` of it. Streams differ by their start. */
export function step(state: number): number {
  return (state + 0x9e3779b9) | 0;
}

/** Start of the stream that belongs to one task: the same under every scheduler. */
export function streamOf(seed: number, spec: number, instance: number): number {
  return mix(mix(mix(seed) ^ (spec + 0x51ed270b)) ^ instance) | 0;
}

/** A whole number in [min, max], from 53 bits: ranges are ns and far below that. */
export function between(min: number, max: number, high: number, low: number): number {
  const unit = ((high >>> 5) * 67_108_864 + (low >>> 6)) / 9_007_199_254_740_992;
  return min + Math.floor(unit * (max - min + 1));
}
