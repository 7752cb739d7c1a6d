// .BTF.ext: the C line of each instruction and the CO-RE relocations (Documentation/bpf/btf.rst). By
// section, offsets in instructions. Called by read-object.ts; checks every offset against the bytes.

import { ObjectError } from "../errors.ts";
import type { SourceLine } from "./bpf-object.ts";
import type { Btf } from "./btf.ts";
import { viewOf } from "./elf.ts";

export interface CoreRelocation {
  /** Index of the instruction in its section. */
  readonly instruction: number;
  readonly type: number;
  /** "0:1:2": which member of which member. */
  readonly access: string;
  /** enum bpf_core_relo_kind. */
  readonly kind: number;
}

/** Lines of one section: flat, four words a record (instruction, file, text, line), ascending. */
interface Lines {
  words: Uint32Array;
}

export interface BtfExt {
  coreRelocations(section: string): readonly CoreRelocation[];
  lineAt(section: string, instruction: number): SourceLine | null;
}

const magic = 0xeb9f;
const recordsMax = 1_000_000;
/** Each costs a look through the kernel's types. */
const coreRelocationsMax = 20_000;

export const noBtfExt: BtfExt = { coreRelocations: () => [], lineAt: () => null };

export function readBtfExt(bytes: Uint8Array, btf: Btf): BtfExt {
  if (bytes.length < 24) throw new ObjectError(".BTF.ext is shorter than its header");
  const view = viewOf(bytes);
  if (view.getUint16(0, true) !== magic)
    throw new ObjectError(".BTF.ext starts with a wrong number");
  const header = view.getUint32(4, true);
  const part = (at: number): Uint8Array => {
    // Older compilers write no CO-RE part: the header is shorter then.
    if (at + 8 > header) return new Uint8Array(0);
    if (at + 8 > bytes.length) throw new ObjectError(".BTF.ext's header is cut off");
    const from = header + view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    if (from > bytes.length || length > bytes.length - from) {
      throw new ObjectError("a part of .BTF.ext lies outside it");
    }
    return bytes.subarray(from, from + length);
  };
  const relocations = new Map<string, CoreRelocation[]>();
  const coreRelocations = part(24);
  let count = 0;
  for (const { section, view: record } of records(coreRelocations, 16, btf)) {
    if (++count > coreRelocationsMax) {
      throw new ObjectError(`more than ${coreRelocationsMax} CO-RE relocations`);
    }
    const list = relocations.get(section) ?? [];
    list.push({
      instruction: record.getUint32(0, true) >>> 3,
      type: record.getUint32(4, true),
      access: btf.string(record.getUint32(8, true)),
      kind: record.getUint32(12, true),
    });
    relocations.set(section, list);
  }
  const lines = readLines(part(16), btf);
  return {
    coreRelocations: (section) => relocations.get(section) ?? [],
    lineAt(section, instruction) {
      const found = lines.get(section);
      return found === undefined ? null : lineOf(found, instruction, btf);
    },
  };
}

function* records(
  bytes: Uint8Array,
  sizeMin: number,
  btf: Btf,
): Generator<{ section: string; view: DataView }> {
  if (bytes.length === 0) return;
  if (bytes.length < 4) throw new ObjectError("a part of .BTF.ext is cut off");
  const view = viewOf(bytes);
  const size = view.getUint32(0, true);
  if (size < sizeMin || size > 256 || size % 4 !== 0) {
    throw new ObjectError(`records of ${size} bytes in .BTF.ext`);
  }
  let total = 0;
  for (let at = 4; at < bytes.length; ) {
    if (at + 8 > bytes.length) throw new ObjectError("a section of .BTF.ext is cut off");
    const section = btf.string(view.getUint32(at, true));
    const count = view.getUint32(at + 4, true);
    at += 8;
    total += count;
    if (total > recordsMax || count * size > bytes.length - at) {
      throw new ObjectError(`.BTF.ext claims ${count} records for ${section}`);
    }
    for (let index = 0; index < count; index++, at += size) {
      yield { section, view: new DataView(bytes.buffer, bytes.byteOffset + at, size) };
    }
  }
}

function readLines(bytes: Uint8Array, btf: Btf): Map<string, Lines> {
  const found = new Map<string, number[]>();
  for (const { section, view } of records(bytes, 16, btf)) {
    const list = found.get(section) ?? [];
    found.set(section, list);
    for (const at of [4, 8]) {
      if (btf.hasString(view.getUint32(at, true))) continue;
      throw new ObjectError(`a line of ${section} names a text outside the strings`);
    }
    list.push(
      view.getUint32(0, true) >>> 3,
      view.getUint32(4, true),
      view.getUint32(8, true),
      view.getUint32(12, true) >>> 10,
    );
  }
  return new Map([...found].map(([section, list]) => [section, { words: Uint32Array.from(list) }]));
}

/** The last record at or before the instruction. Only for messages: a plain walk will do. */
function lineOf({ words }: Lines, instruction: number, btf: Btf): SourceLine | null {
  let best = -1;
  for (let at = 0; at < words.length; at += 4) {
    const start = words[at] ?? 0;
    if (start <= instruction && (best < 0 || start >= (words[best] ?? 0))) best = at;
  }
  if (best < 0) return null;
  return {
    file: btf.text(words[best + 1] ?? 0),
    line: words[best + 3] ?? 0,
    text: btf.text(words[best + 2] ?? 0).trim(),
  };
}
