// Linear scales in percent of the plot's width and round ticks. Figures place marks by percent, so
// one drawing fits a phone and a desk without its text being scaled. Pure.

export interface Scale {
  readonly domain: readonly [number, number];
  /** Position of a value, 0..100, not clamped. */
  at(value: number): number;
  readonly ticks: readonly number[];
}

/** 1, 2 or 5 times a power of ten that splits the span into about `count` steps. */
export function tickStep(span: number, count: number): number {
  const raw = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const error = raw / power;
  return power * (error >= 7.07 ? 10 : error >= 3.16 ? 5 : error >= 1.41 ? 2 : 1);
}

export function ticksWithin(low: number, high: number, count: number): number[] {
  if (!(high > low)) return [low];
  const step = tickStep(high - low, count);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** Beyond these sizes a step of ticks is no number any more. */
const sizeMax = 1e300;
const sizeMin = 1e-300;

/** The span of the values that can be drawn, widened where it is too narrow to have ticks. */
export function extent(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!(Math.abs(value) <= sizeMax)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (size < sizeMin) return [-1, 1];
  return high - low > size * 1e-9 ? [low, high] : [low - size / 10, high + size / 10];
}

/** With `nice`, the domain is widened to whole ticks. */
export function linearScale(
  [low, high]: readonly [number, number],
  options: { ticks: number; nice: boolean },
): Scale {
  const step = tickStep(high - low, options.ticks);
  const from = options.nice ? Math.floor(low / step + 1e-9) * step : low;
  const to = options.nice ? Math.ceil(high / step - 1e-9) * step : high;
  return {
    domain: [from, to],
    at: (value) => ((value - from) / (to - from)) * 100,
    ticks: ticksWithin(from, to, options.ticks),
  };
}

/** A position or length for an SVG attribute. */
export function share(value: number): string {
  return Number.isFinite(value) ? `${Number(value.toFixed(2))}%` : "0%";
}

/** Decimals that a step of ticks needs. */
export function tickDecimals(ticks: readonly number[]): number {
  const [first = 0, second = first + 1] = ticks;
  return Math.min(6, Math.max(0, -Math.floor(Math.log10(Math.abs(second - first)) + 1e-9)));
}
