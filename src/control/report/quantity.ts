// Numbers as people read them: about three significant digits, real units, true minus signs.
// Pure; used by all sections of the report.

const minus = "\u2212";
const thin = "\u202f";
/** Joins a number and its unit, so that no line breaks between them. */
const tie = "\u00a0";

function signed(text: string): string {
  return text.replace(/^-/, minus);
}

/** About three significant digits, thousands apart, never an exponent below 10^15. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e15) return signed(value.toExponential(2));
  const decimals = size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  if (size !== 0 && size < 0.001) return signed(value.toPrecision(2));
  return grouped(value.toFixed(decimals));
}

/** A count: no decimals. */
export function whole(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return Math.abs(value) >= 1e15 ? number(value) : grouped(value.toFixed(0));
}

function grouped(text: string): string {
  const [integer = "", rest] = text.split(".");
  const apart = integer.replace(/\B(?=(\d{3})+$)/g, thin);
  return signed(rest === undefined ? apart : `${apart}.${rest}`);
}

export function withUnit(value: number, unit: string): string {
  if (!Number.isFinite(value)) return "–";
  if (unit === "s" && value !== 0 && Math.abs(value) < 1) return `${number(value * 1000)}${tie}ms`;
  return unit === "" ? number(value) : `${number(value)}${tie}${unit}`;
}

/** Whole percent from 10 on, one decimal below. */
export function percent(value: number): string {
  return `${percentNumber(value, Math.abs(value) >= 10 ? 0 : 1)}${tie}%`;
}

function percentNumber(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return "–";
  const text = value.toFixed(decimals);
  return signed(Number(text) === 0 ? text.replace("-", "") : text);
}

export function signedPercent(value: number, decimals = 1): string {
  const text = percentNumber(value, decimals);
  return `${Number(value.toFixed(decimals)) > 0 ? "+" : ""}${text}${tie}%`;
}

/** Where the statistics cut an interval that has no bound. */
const unboundedPercent = 1000;

/** "12 to 21 %": both ends with the same number of decimals. */
export function percentRange([low, high]: readonly [number, number], decimals = 1): string {
  if (low <= -unboundedPercent && high >= unboundedPercent) return "without bounds";
  return `${percentNumber(low, decimals)} to ${percentNumber(high, decimals)}${tie}%`;
}

/** A time in ms, in the unit that suits it. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return "–";
  const size = Math.abs(ms);
  if (size < 1) return `${number(ms * 1000)}${tie}µs`;
  if (size < 1000) return `${number(ms)}${tie}ms`;
  if (size < 120_000) return `${number(ms / 1000)}${tie}s`;
  const minutes = Math.floor(ms / 60_000);
  return `${whole(minutes)}${tie}min ${Math.round((ms - minutes * 60_000) / 1000)}${tie}s`;
}

export function count(value: number, one: string, many = `${one}s`): string {
  return `${whole(value)}${tie}${value === 1 ? one : many}`;
}

/** Lower end of a power-of-two bucket of µs, shortly: 2^10 µs reads "1 ms". */
export function bucketLabel(bucket: number): string {
  if (bucket < 10) return `${2 ** bucket}${tie}µs`;
  if (bucket < 20) return `${2 ** (bucket - 10)}${tie}ms`;
  return `${2 ** (bucket - 20)}${tie}s`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** "2026-11-22 22:08 UTC" from an ISO date; anything else as it is. */
export function moment(iso: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/.exec(iso);
  return match === null || !iso.endsWith("Z") ? iso : `${match[1]} ${match[2]} UTC`;
}
