// printf as bpf_bstr_printf() does it (kernel/trace/bpf_trace.c, bpf_bprintf_prepare in
// kernel/bpf/helpers.c): a format and an array of 64-bit arguments. Used by scx_bpf_error_bstr,
// bpf_snprintf and bpf_trace_printk.

import { errno } from "./errno.ts";
import { hex, type Surroundings } from "./surroundings.ts";

const FORMAT_BYTES_MAX = 1024;
/** MAX_BPRINTF_VARARGS. */
const ARGUMENTS_MAX = 12;
const specifier =
  /%(?<flags>[-+ 0#]*)(?<width>\d*)(?:\.(?<precision>\d+))?(?<length>ll|l|hh|h|z)?(?<kind>p(?:[ku]?s|[iI][46]|[KxBSs])?|[a-zA-Z%])/g;

export interface FormatArguments {
  /** Of so many, the lower and upper halves. */
  count: number;
  low(index: number): number;
  high(index: number): number;
}

/** Arguments that lie in memory as an array of u64. */
export function argumentsAt(
  surroundings: Surroundings,
  address: number,
  bytes: number,
): FormatArguments {
  const count = Math.floor(bytes / 8);
  if (count > 0) surroundings.span(address, count * 8);
  const { view } = surroundings;
  return {
    count,
    low: (index) => view.getUint32(address + index * 8, true),
    high: (index) => view.getUint32(address + index * 8 + 4, true),
  };
}

/** Reads text out of the policy's memory. */
type TextSource = Pick<Surroundings, "text">;

/** The text, or an errno where the kernel refuses the format or the number of arguments. */
export function format(
  surroundings: TextSource,
  formatAddress: number,
  values: FormatArguments,
): string | number {
  if (values.count > ARGUMENTS_MAX) return errno.tooBig;
  const template = surroundings.text(formatAddress, FORMAT_BYTES_MAX);
  let next = 0;
  let failed = 0;
  const text = template.replace(specifier, (...match) => {
    const groups = match.at(-1) as SpecifierGroups;
    if (groups.kind === "%") return "%";
    if (next >= values.count) {
      failed = errno.invalid;
      return "";
    }
    const index = next;
    next += 1;
    const piece = print(surroundings, groups, values.low(index), values.high(index));
    if (piece !== null) return pad(piece, groups);
    failed = errno.invalid;
    return "";
  });
  return failed === 0 ? text : failed;
}

interface SpecifierGroups {
  flags: string;
  width: string;
  precision?: string;
  length?: string;
  kind: string;
}

function print(
  surroundings: TextSource,
  { kind, length, precision, flags }: SpecifierGroups,
  low: number,
  high: number,
): string | null {
  if (kind === "s" || kind === "pks" || kind === "pus") {
    const text = surroundings.text(low, 512);
    return precision === undefined ? text : text.slice(0, Number(precision));
  }
  if (kind.startsWith("p")) return hex(low).replace("0x", high ? `0x${high.toString(16)}` : "0x");
  if (kind === "c") return String.fromCharCode(low & 0xff);
  const wide = length === "l" || length === "ll" || length === "z";
  const word = wide ? (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0) : BigInt(low >>> 0);
  switch (kind) {
    case "d":
    case "i":
      return BigInt.asIntN(wide ? 64 : 32, word).toString();
    case "u":
      return word.toString();
    case "x":
      return `${flags.includes("#") ? "0x" : ""}${word.toString(16)}`;
    case "X":
      return `${flags.includes("#") ? "0X" : ""}${word.toString(16).toUpperCase()}`;
    default:
      return null;
  }
}

function pad(piece: string, { flags, width, kind }: SpecifierGroups): string {
  const wanted = width === "" ? 0 : Math.min(Number(width), FORMAT_BYTES_MAX);
  if (piece.length >= wanted) return piece;
  if (flags.includes("-")) return piece.padEnd(wanted);
  if (!flags.includes("0") || kind === "s") return piece.padStart(wanted);
  return piece.startsWith("-")
    ? `-${piece.slice(1).padStart(wanted - 1, "0")}`
    : piece.padStart(wanted, "0");
}
