// Dynamic pointers (kernel/bpf/helpers.c): a place and a length in a 16-byte struct of the program's.
// Here: address, size, and a bit for read-only in the words that the kernel keeps opaque.

import type { Call } from "../../machine/calls.ts";
import { declare } from "../declare.ts";
import { errno } from "../errno.ts";
import { RingBuffer } from "../maps/ring-buffer.ts";
import type { Surroundings } from "../surroundings.ts";

const DATA = 0;
const SIZE = 8;
const FLAGS = 12;
const READ_ONLY = 1;

/** Helpers by number, and the kfuncs on the same structs. */
export function dynptrCalls(surroundings: Surroundings): {
  helpers: [number, Call][];
  kfuncs: Call[];
} {
  const { view, memory } = surroundings;
  const word = (pointer: number, at: number): number =>
    view.getUint32(surroundings.span(pointer, 16) + at, true);
  const write = (pointer: number, data: number, size: number, flags: number): void => {
    surroundings.target(pointer, 16);
    view.setUint32(pointer + DATA, data, true);
    view.setUint32(pointer + 4, 0, true);
    view.setUint32(pointer + SIZE, size, true);
    view.setUint32(pointer + FLAGS, flags, true);
  };
  /** Address of a part; 0 where it doesn't lie within. */
  const part = (pointer: number, offset: number, size: number): number => {
    const data = word(pointer, DATA);
    return data !== 0 && offset + size <= word(pointer, SIZE) ? data + offset : 0;
  };
  const slice = (pointer: number, offset: number, size: number): number =>
    part(pointer, offset, size);
  const finish = (pointer: number, keep: boolean): undefined => {
    const record = word(pointer, DATA);
    for (const map of surroundings.maps.all)
      if (record !== 0 && map instanceof RingBuffer && map.finish(record, keep)) break;
    write(pointer, 0, 0, 0);
  };
  const helpers: [number, Call][] = [
    [
      197,
      declare(
        "dynptr_from_mem",
        "s32",
        "ptr u32 u64 ptr",
        (data = 0, size = 0, flags = 0, _high = 0, pointer = 0) => {
          if (flags !== 0) {
            write(pointer, 0, 0, 0);
            return errno.invalid;
          }
          write(pointer, surroundings.span(data, size), size, 0);
          return 0;
        },
      ),
    ],
    [
      198,
      declare(
        "ringbuf_reserve_dynptr",
        "s32",
        "ptr u32 u64 ptr",
        (ring = 0, size = 0, _low = 0, _high = 0, pointer = 0) => {
          const map = surroundings.maps.find(ring);
          const record = map instanceof RingBuffer ? map.reserve(size) : 0;
          write(pointer, record, record === 0 ? 0 : size, 0);
          return record === 0 ? errno.noMemory : 0;
        },
      ),
    ],
    [
      199,
      declare("ringbuf_submit_dynptr", "void", "ptr u64", (pointer = 0) => finish(pointer, true)),
    ],
    [
      200,
      declare("ringbuf_discard_dynptr", "void", "ptr u64", (pointer = 0) => finish(pointer, false)),
    ],
    [
      201,
      declare(
        "dynptr_read",
        "s32",
        "ptr u32 ptr u32 u64",
        (to = 0, size = 0, pointer = 0, offset = 0) => {
          const from = part(pointer, offset, size);
          if (from === 0) return errno.tooBig;
          memory.bytes.copyWithin(surroundings.target(to, size), from, from + size);
          return 0;
        },
      ),
    ],
    [
      202,
      declare(
        "dynptr_write",
        "s32",
        "ptr u32 ptr u32 u64",
        (pointer = 0, offset = 0, from = 0, size = 0) => {
          const to = part(pointer, offset, size);
          if (to === 0) return errno.tooBig;
          if (word(pointer, FLAGS) & READ_ONLY) return errno.invalid;
          memory.bytes.copyWithin(to, surroundings.span(from, size), from + size);
          return 0;
        },
      ),
    ],
    [
      203,
      declare("dynptr_data", "ptr", "ptr u32 u32", (pointer = 0, offset = 0, size = 0) =>
        word(pointer, FLAGS) & READ_ONLY ? 0 : part(pointer, offset, size),
      ),
    ],
  ];
  const kfuncs: Call[] = [
    declare("bpf_dynptr_size", "u32", "ptr", (pointer = 0) => word(pointer, SIZE)),
    declare("bpf_dynptr_is_null", "bool", "ptr", (pointer = 0) =>
      word(pointer, DATA) === 0 ? 1 : 0,
    ),
    declare("bpf_dynptr_is_rdonly", "bool", "ptr", (pointer = 0) =>
      word(pointer, FLAGS) & READ_ONLY ? 1 : 0,
    ),
    declare(
      "bpf_dynptr_adjust",
      "s32",
      "ptr u64 u64",
      (pointer = 0, start = 0, _high = 0, end = 0) => {
        const size = word(pointer, SIZE);
        if (word(pointer, DATA) === 0 || start > end) return errno.invalid;
        if (end > size) return errno.range;
        write(pointer, word(pointer, DATA) + start, end - start, word(pointer, FLAGS));
        return 0;
      },
    ),
    declare("bpf_dynptr_clone", "s32", "ptr ptr", (pointer = 0, to = 0) => {
      write(to, word(pointer, DATA), word(pointer, SIZE), word(pointer, FLAGS));
      return word(pointer, DATA) === 0 ? errno.invalid : 0;
    }),
    ...["bpf_dynptr_slice", "bpf_dynptr_slice_rdwr"].map((name) =>
      declare(
        name,
        "ptr",
        "ptr u64 ptr u64",
        (pointer = 0, offset = 0, _high = 0, _buffer = 0, size = 0) => slice(pointer, offset, size),
      ),
    ),
    declare(
      "bpf_dynptr_memset",
      "s32",
      "ptr u64 u64 u32",
      (pointer = 0, offset = 0, _o = 0, size = 0, _s = 0, value = 0) => {
        const to = part(pointer, offset, size);
        if (to === 0) return errno.tooBig;
        memory.bytes.fill(value & 0xff, to, to + size);
        return 0;
      },
    ),
    declare(
      "bpf_dynptr_copy",
      "s32",
      "ptr u64 ptr u64 u64",
      (to = 0, toOffset = 0, _t = 0, from = 0, fromOffset = 0, _f = 0, size = 0) => {
        const target = part(to, toOffset, size);
        const source = part(from, fromOffset, size);
        if (target === 0 || source === 0) return errno.tooBig;
        memory.bytes.copyWithin(target, source, source + size);
        return 0;
      },
    ),
  ];
  return { helpers, kfuncs };
}
