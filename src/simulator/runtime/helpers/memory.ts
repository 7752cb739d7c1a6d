// Helpers on memory and text: reading kernel memory, kptr_xchg, per-CPU pointers, strings, printing,
// dynptrs (kernel/bpf/helpers.c, kernel/trace/bpf_trace.c). There is no user memory.

import type { Call } from "../../machine/calls.ts";
import { declare } from "../declare.ts";
import { errno } from "../errno.ts";
import { argumentsAt, format } from "../format.ts";
import type { Surroundings } from "../surroundings.ts";

export function memoryHelpers(surroundings: Surroundings): [number, Call][] {
  return [
    ...readHelpers(surroundings),
    ...pointerHelpers(surroundings),
    ...textHelpers(surroundings),
  ];
}

function readHelpers(surroundings: Surroundings): [number, Call][] {
  const { memory } = surroundings;
  /** The kernel answers EFAULT and clears the buffer where the source can't be read. */
  const readable = (from: number, size: number): boolean =>
    from >= 4096 && from + size <= memory.bytes.length;
  const read = (to = 0, size = 0, from = 0): number => {
    surroundings.target(to, size);
    if (!readable(from, size)) {
      memory.bytes.fill(0, to, to + size);
      return errno.fault;
    }
    memory.bytes.copyWithin(to, from, from + size);
    return 0;
  };
  const readText = (to = 0, size = 0, from = 0): number => {
    surroundings.target(to, size);
    if (size === 0) return 0;
    if (!readable(from, 1)) {
      memory.bytes.fill(0, to, to + size);
      return errno.fault;
    }
    const end = memory.bytes.indexOf(0, from);
    const length = Math.min(end < 0 ? size - 1 : end - from, size - 1);
    memory.bytes.copyWithin(to, from, from + length);
    memory.bytes[to + length] = 0;
    return length + 1;
  };
  const readArguments = "ptr u32 ptr";
  return [
    [4, declare("probe_read", "s32", readArguments, read)],
    [113, declare("probe_read_kernel", "s32", readArguments, read)],
    [45, declare("probe_read_str", "s32", readArguments, readText)],
    [115, declare("probe_read_kernel_str", "s32", readArguments, readText)],
  ];
}

function pointerHelpers(surroundings: Surroundings): [number, Call][] {
  const { view, cpus, heap } = surroundings;
  const onCpu = (pointer: number, cpu: number): number =>
    cpus.onCpu(pointer, cpu) || (cpu < cpus.count ? heap.onCpu(pointer, cpu) : 0);
  return [
    [
      194,
      declare("kptr_xchg", "ptr", "ptr ptr", (at = 0, pointer = 0) => {
        const old = view.getUint32(surroundings.target(at, 8), true);
        view.setUint32(at, pointer, true);
        view.setUint32(at + 4, 0, true);
        return old;
      }),
    ],
    [153, declare("per_cpu_ptr", "ptr", "ptr u32", onCpu)],
    [
      154,
      declare("this_cpu_ptr", "ptr", "ptr", (pointer = 0) =>
        onCpu(pointer, surroundings.kernel.currentCpu()),
      ),
    ],
    [93, declare("spin_lock", "void", "ptr", () => undefined)],
    [94, declare("spin_unlock", "void", "ptr", () => undefined)],
  ];
}

function textHelpers(surroundings: Surroundings): [number, Call][] {
  const { memory } = surroundings;
  const number =
    (signed: boolean) =>
    (...[from = 0, size = 0, base = 0, _high = 0, to = 0]: number[]): number => {
      const text = surroundings.text(surroundings.span(from, size), size);
      const parsed = parseNumber(text, base, signed);
      if (parsed === null) return errno.invalid;
      surroundings.target(to, 8);
      surroundings.view.setBigUint64(to, BigInt.asUintN(64, parsed.value), true);
      return parsed.length;
    };
  return [
    [
      6,
      declare("trace_printk", "s32", "ptr u32 u64 u64 u64", (at = 0, size = 0, ...halves) => {
        surroundings.span(at, size);
        const line = format(surroundings, at, {
          count: 3,
          low: (index) => halves[index * 2] ?? 0,
          high: (index) => halves[index * 2 + 1] ?? 0,
        });
        return printed(surroundings, line);
      }),
    ],
    [
      177,
      declare(
        "trace_vprintk",
        "s32",
        "ptr u32 ptr u32",
        (at = 0, size = 0, data = 0, bytes = 0) => {
          surroundings.span(at, size);
          return printed(
            surroundings,
            format(surroundings, at, argumentsAt(surroundings, data, bytes)),
          );
        },
      ),
    ],
    [
      165,
      declare(
        "snprintf",
        "s32",
        "ptr u32 ptr ptr u32",
        (to = 0, size = 0, at = 0, data = 0, bytes = 0) => {
          const text = format(surroundings, at, argumentsAt(surroundings, data, bytes));
          if (typeof text === "number") return text;
          const encoded = Buffer.from(text, "utf8");
          if (size > 0) {
            surroundings.target(to, size);
            memory.bytes.set(encoded.subarray(0, size - 1), to);
            memory.bytes[to + Math.min(encoded.length, size - 1)] = 0;
          }
          return encoded.length + 1;
        },
      ),
    ],
    [
      182,
      declare("strncmp", "s32", "ptr u32 ptr", (a = 0, size = 0, b = 0) => {
        surroundings.span(a, 1);
        surroundings.span(b, 1);
        for (let index = 0; index < size; index += 1) {
          const left = memory.bytes[a + index] ?? 0;
          const right = memory.bytes[b + index] ?? 0;
          if (left !== right) return left < right ? -1 : 1;
          if (left === 0) return 0;
        }
        return 0;
      }),
    ],
    [105, declare("strtol", "s32", "ptr u32 u64 ptr", number(true))],
    [106, declare("strtoul", "s32", "ptr u32 u64 ptr", number(false))],
  ];
}

function printed(surroundings: Surroundings, line: string | number): number {
  if (typeof line === "number") return line;
  surroundings.print(line.replace(/\n$/, ""));
  return line.length;
}

/** __bpf_strtoull: optional sign, then digits of the base (0: by prefix); null where there are none. */
function parseNumber(
  text: string,
  base: number,
  signed: boolean,
): { value: bigint; length: number } | null {
  const match = /^(\s*)(-?)(0[xX])?([0-9a-fA-F]+)/.exec(text);
  if (!match) return null;
  const [, space = "", sign = "", prefix = "", digits = ""] = match;
  if (sign !== "" && !signed) return null;
  const radix = base !== 0 ? base : prefix !== "" ? 16 : digits.startsWith("0") ? 8 : 10;
  const allowed = digits.match(
    radix === 16 ? /^[0-9a-f]+/i : radix === 8 ? /^[0-7]+/ : /^\d+/,
  )?.[0];
  if (!allowed || (prefix !== "" && radix !== 16)) return null;
  const value = BigInt(radix === 16 ? `0x${allowed}` : radix === 8 ? `0o${allowed}` : allowed);
  const length = space.length + sign.length + prefix.length + allowed.length;
  return { value: sign === "" ? value : -value, length };
}
