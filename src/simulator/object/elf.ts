// Reads ELF64 little-endian relocatables of the BPF machine, and finds a section of a kernel's ELF.
// The input is hostile: every offset, size, index and name is checked against the bytes that are there.
// Copies nothing; called by read-object.ts and kernel-btf.ts.

import { ObjectError } from "../errors.ts";

export interface Section {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  /** Empty for NOBITS, whose `size` is still what the object asks for. */
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly entrySize: number;
}

export interface ElfSymbol {
  readonly name: string;
  readonly value: number;
  readonly size: number;
  readonly section: number;
  readonly type: number;
  readonly binding: number;
}

export interface ElfRelocation {
  readonly offset: number;
  readonly symbol: number;
  readonly type: number;
}

export interface ElfObject {
  readonly sections: readonly Section[];
  readonly symbols: readonly ElfSymbol[];
  /** Of the section with this index; in ascending order of offset. */
  relocations(section: number): readonly ElfRelocation[];
}

export const sectionTypes = { programBits: 1, symbols: 2, strings: 3, noBits: 8, rel: 9 } as const;
export const sectionFlags = { write: 1, alloc: 2, execute: 4 } as const;
export const symbolTypes = { none: 0, object: 1, function: 2, section: 3 } as const;
export const bindings = { local: 0, global: 1, weak: 2 } as const;
export const undefinedSection = 0;

export const objectLimits = {
  objectBytesMax: 64 << 20,
  sectionsMax: 2048,
  symbolsMax: 100_000,
  relocationsMax: 500_000,
  nameBytesMax: 4096,
} as const;

const headerBytes = 64;
const sectionHeaderBytes = 64;
const symbolBytes = 24;
const relocationBytes = 16;
const relocatable = 1;
const bpfMachine = 247;
const firstReservedSection = 0xff00;

const decoder = new TextDecoder("latin1");

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A 64-bit number that must be a small one: sizes and offsets. */
function offsetAt(view: DataView, at: number, what: string): number {
  const high = view.getUint32(at + 4, true);
  if (high >= 1 << 20) throw new ObjectError(`${what} of the ELF file is beyond any file's size`);
  return high * 2 ** 32 + view.getUint32(at, true);
}

/** The zero-terminated text at `offset` of a string table. */
export function textAt(table: Uint8Array, offset: number, what: string): string {
  if (offset >= table.length) {
    throw new ObjectError(`the name of ${what} lies outside the string table`);
  }
  const end = table.indexOf(0, offset);
  if (end < 0) throw new ObjectError(`the name of ${what} has no end`);
  if (end - offset > objectLimits.nameBytesMax)
    throw new ObjectError(`${what} has an overlong name`);
  return decoder.decode(table.subarray(offset, end));
}

interface SectionHeader {
  name: number;
  type: number;
  flags: number;
  offset: number;
  size: number;
  link: number;
  info: number;
  entrySize: number;
}

/** Where the section headers are, from the first 64 bytes of a file. */
export interface ElfHeader {
  fileType: number;
  machine: number;
  sectionsAt: number;
  sectionCount: number;
  namesIndex: number;
}

export function readElfHeader(bytes: Uint8Array): ElfHeader {
  if (bytes.length < headerBytes) {
    throw new ObjectError(`not an ELF file: ${bytes.length} bytes are too few for its header`);
  }
  const view = viewOf(bytes);
  if (view.getUint32(0, false) !== 0x7f454c46) throw new ObjectError("not an ELF file");
  if (bytes[4] !== 2 || bytes[5] !== 1) {
    throw new ObjectError("not a 64-bit little-endian ELF file");
  }
  if (view.getUint16(58, true) !== sectionHeaderBytes) {
    throw new ObjectError("the ELF file has no section headers of the usual size");
  }
  return {
    fileType: view.getUint16(16, true),
    machine: view.getUint16(18, true),
    sectionsAt: offsetAt(view, 40, "the place of the section headers"),
    sectionCount: view.getUint16(60, true),
    namesIndex: view.getUint16(62, true),
  };
}

/** One header out of the table of them. */
export function readSectionHeader(table: Uint8Array, index: number): SectionHeader {
  const view = viewOf(table);
  const at = index * sectionHeaderBytes;
  if (at + sectionHeaderBytes > table.length)
    throw new ObjectError(`section ${index} is not there`);
  return {
    name: view.getUint32(at, true),
    type: view.getUint32(at + 4, true),
    flags: view.getUint32(at + 8, true),
    offset: offsetAt(view, at + 24, `the offset of section ${index}`),
    size: offsetAt(view, at + 32, `the size of section ${index}`),
    link: view.getUint32(at + 40, true),
    info: view.getUint32(at + 44, true),
    entrySize: offsetAt(view, at + 56, `the entry size of section ${index}`),
  };
}

/** Throws ObjectError for whatever is not a well-formed BPF relocatable. */
export function readElf(bytes: Uint8Array): ElfObject {
  if (bytes.length > objectLimits.objectBytesMax) {
    throw new ObjectError(
      `the object has ${bytes.length} bytes; ${objectLimits.objectBytesMax} are allowed`,
    );
  }
  const header = readElfHeader(bytes);
  if (header.fileType !== relocatable || header.machine !== bpfMachine) {
    throw new ObjectError(
      `not a BPF object: ELF type ${header.fileType}, machine ${header.machine} (want 1, 247)`,
    );
  }
  const sections = readSections(bytes, header);
  const symbols = readSymbols(sections);
  const relocationsOf = readRelocations(sections, symbols.length);
  return { sections, symbols, relocations: (section) => relocationsOf.get(section) ?? [] };
}

function slice(bytes: Uint8Array, offset: number, size: number, what: string): Uint8Array {
  if (offset > bytes.length || size > bytes.length - offset) {
    throw new ObjectError(`${what} (${size} bytes at ${offset}) lies outside the file`);
  }
  return bytes.subarray(offset, offset + size);
}

function readSections(bytes: Uint8Array, header: ElfHeader): Section[] {
  const { sectionCount, sectionsAt } = header;
  if (sectionCount === 0) throw new ObjectError("the object has no sections");
  if (sectionCount > objectLimits.sectionsMax) {
    throw new ObjectError(`${sectionCount} sections; ${objectLimits.sectionsMax} are allowed`);
  }
  const table = slice(bytes, sectionsAt, sectionCount * sectionHeaderBytes, "the section table");
  const headers = Array.from({ length: sectionCount }, (_, index) =>
    readSectionHeader(table, index),
  );
  const naming = headers[header.namesIndex];
  if (naming === undefined) throw new ObjectError("the object names no table of section names");
  const names = slice(bytes, naming.offset, naming.size, "the table of section names");
  return headers.map((each, index) => {
    const name = index === 0 ? "" : textAt(names, each.name, `section ${index}`);
    const empty = each.type === sectionTypes.noBits || each.type === 0;
    return {
      index,
      name,
      type: each.type,
      flags: each.flags,
      bytes: empty ? new Uint8Array(0) : slice(bytes, each.offset, each.size, `section ${name}`),
      size: each.type === 0 ? 0 : each.size,
      link: each.link,
      info: each.info,
      entrySize: each.entrySize,
    };
  });
}

function readSymbols(sections: readonly Section[]): ElfSymbol[] {
  const [table, second] = sections.filter(({ type }) => type === sectionTypes.symbols);
  if (table === undefined) throw new ObjectError("the object has no symbol table");
  if (second !== undefined) throw new ObjectError("the object has two symbol tables");
  const names = sections[table.link];
  if (names === undefined || names.type !== sectionTypes.strings) {
    throw new ObjectError("the symbol table names no string table");
  }
  if (table.bytes.length % symbolBytes !== 0) {
    throw new ObjectError("the symbol table's size is no multiple of a symbol's");
  }
  const count = table.bytes.length / symbolBytes;
  if (count > objectLimits.symbolsMax) {
    throw new ObjectError(`${count} symbols; ${objectLimits.symbolsMax} are allowed`);
  }
  const view = viewOf(table.bytes);
  const symbols = Array.from({ length: count }, (_, index) => {
    const at = index * symbolBytes;
    const info = view.getUint8(at + 4);
    const section = view.getUint16(at + 6, true);
    if (section < firstReservedSection && section >= sections.length) {
      throw new ObjectError(`symbol ${index} is in section ${section}, which is not there`);
    }
    const type = info & 15;
    const name =
      type === symbolTypes.section
        ? (sections[section]?.name ?? "")
        : textAt(names.bytes, view.getUint32(at, true), `symbol ${index}`);
    return {
      name,
      value: offsetAt(view, at + 8, `the value of symbol ${index}`),
      size: offsetAt(view, at + 16, `the size of symbol ${index}`),
      section,
      type,
      binding: info >> 4,
    };
  });
  refuseTwins(symbols);
  return symbols;
}

/** What a name stands for would depend on who reads it; no linker makes such an object. */
function refuseTwins(symbols: readonly ElfSymbol[]): void {
  const names = new Set<string>();
  for (const { name, binding } of symbols) {
    if (binding === bindings.local) continue;
    if (names.has(name)) throw new ObjectError(`the object has two symbols "${name}"`);
    names.add(name);
  }
}

function readRelocations(
  sections: readonly Section[],
  symbolCount: number,
): Map<number, ElfRelocation[]> {
  const found = new Map<number, ElfRelocation[]>();
  let total = 0;
  for (const section of sections) {
    if (section.type !== sectionTypes.rel) continue;
    const target = sections[section.info];
    if (target === undefined || section.info === 0) {
      throw new ObjectError(
        `${section.name} relocates section ${section.info}, which is not there`,
      );
    }
    // Only for linkers: the offsets inside BTF are relative to sections as they stand.
    if (target.name === ".BTF" || target.name === ".BTF.ext" || /^\.debug/.test(target.name))
      continue;
    if (section.bytes.length % relocationBytes !== 0) {
      throw new ObjectError(`the size of ${section.name} is no multiple of a relocation's`);
    }
    const count = section.bytes.length / relocationBytes;
    total += count;
    if (total > objectLimits.relocationsMax || count > target.size) {
      throw new ObjectError(`too many relocations in ${section.name}: ${count}`);
    }
    const view = viewOf(section.bytes);
    const list = found.get(section.info) ?? [];
    for (let index = 0; index < count; index++) {
      const at = index * relocationBytes;
      const symbol = view.getUint32(at + 12, true);
      if (symbol >= symbolCount) {
        throw new ObjectError(`${section.name} refers to symbol ${symbol}, which is not there`);
      }
      const offset = offsetAt(view, at, `an offset of ${section.name}`);
      if (offset >= target.size) {
        throw new ObjectError(
          `${section.name} relocates byte ${offset}, past ${target.name}'s end`,
        );
      }
      list.push({ offset, symbol, type: view.getUint32(at + 8, true) });
    }
    found.set(section.info, list);
  }
  for (const list of found.values()) list.sort((a, b) => a.offset - b.offset);
  return found;
}
