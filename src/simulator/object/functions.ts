// Programs and subprograms: the code sections cut at their function symbols, CO-RE applied, and every
// relocation of an instruction resolved to what it refers to (libbpf's bpf_program__record_reloc and
// bpf_object__reloc_code, without copying subprograms into each caller). Called by read-object.ts.

import { ObjectError } from "../errors.ts";
import type { BpfFunction, KernelField, Lacking, Reference } from "./bpf-object.ts";
import type { Btf } from "./btf.ts";
import type { BtfExt } from "./btf-ext.ts";
import { patch } from "./core-patch.ts";
import { coreValue } from "./core-relocation.ts";
import {
  type ElfObject,
  type ElfRelocation,
  type ElfSymbol,
  type Section,
  sectionFlags,
  sectionTypes,
  symbolTypes,
  viewOf,
} from "./elf.ts";
import type { Externs } from "./externs.ts";

/** Where the bytes of a section are, for relocations against it. */
export interface DataPlaces {
  /** Section index → the map of its bytes, and the offset of the first of them in its value. */
  data: ReadonlyMap<number, { map: number; offset: number; size: number }>;
  /** Offset in `.maps` → map. */
  maps: ReadonlyMap<number, number>;
  mapsSection: number;
  kconfigMap: number | null;
}

interface Place {
  name: string;
  section: Section;
  /** In instructions. */
  start: number;
  end: number;
}

export interface FunctionTable {
  readonly places: readonly Place[];
  /** Index of the function that starts at a byte of a section; null where none does. */
  at(section: number, offset: number): number | null;
}

const instructionsMax = 1_000_000;
/** Far above any scheduler; what the engine still compiles in a second. */
const functionInstructionsMax = 50_000;
const functionsMax = 4096;
const instructionBytes = 8;
const pseudoCall = 1;
const callOpcode = 0x85;
const wideLoadOpcode = 0x18;

/** The functions by their symbols; every instruction of a code section belongs to exactly one. */
export function findFunctions(elf: ElfObject): FunctionTable {
  const places: Place[] = [];
  const starts = new Map<string, number>();
  let instructions = 0;
  const functionSymbols = new Map<number, ElfSymbol[]>();
  for (const symbol of elf.symbols) {
    if (symbol.type !== symbolTypes.function) continue;
    const list = functionSymbols.get(symbol.section);
    if (list === undefined) functionSymbols.set(symbol.section, [symbol]);
    else list.push(symbol);
  }
  for (const section of elf.sections) {
    const isCode = (section.flags & sectionFlags.execute) !== 0;
    if (!isCode || section.type !== sectionTypes.programBits || section.size === 0) continue;
    if (section.size % instructionBytes !== 0) {
      throw new ObjectError(`the size of ${section.name} is no multiple of an instruction's`);
    }
    instructions += section.size / instructionBytes;
    if (instructions > instructionsMax) {
      throw new ObjectError(`more than ${instructionsMax} instructions`);
    }
    const symbols = functionSymbols.get(section.index) ?? [];
    symbols.sort((a, b) => a.value - b.value);
    let previous: Place | null = null;
    for (const { name, value, size } of symbols) {
      if (value % 8 !== 0 || size % 8 !== 0 || size === 0 || value + size > section.size) {
        throw new ObjectError(`the function ${name} does not lie in ${section.name}`);
      }
      const [start, end] = [value / 8, (value + size) / 8];
      if (previous !== null && previous.start === start && previous.end === end) continue;
      if (previous !== null && start < previous.end) {
        throw new ObjectError(`the functions ${previous.name} and ${name} overlap`);
      }
      previous = { name, section, start, end };
      starts.set(`${section.index}:${value}`, places.length);
      places.push(previous);
      if (end - start > functionInstructionsMax) {
        throw new ObjectError(
          `the function ${name} has ${end - start} instructions; ${functionInstructionsMax} are allowed`,
        );
      }
      if (places.length > functionsMax)
        throw new ObjectError(`more than ${functionsMax} functions`);
    }
  }
  return { places, at: (section, offset) => starts.get(`${section}:${offset}`) ?? null };
}

export interface LinkRequest {
  elf: ElfObject;
  table: FunctionTable;
  places: DataPlaces;
  externs: Externs;
  btf: Btf;
  kernel: Btf;
  extension: BtfExt;
}

export function linkFunctions(request: LinkRequest): BpfFunction[] {
  const { table, extension } = request;
  const codeOf = new Map<number, Uint8Array>();
  const referencesOf = new Map<number, Map<number, Reference>>();
  const fieldsOf = new Map<number, Map<number, KernelField>>();
  const lackingOf = new Map<number, Map<number, Lacking>>();
  for (const { section } of table.places) {
    if (codeOf.has(section.index)) continue;
    const code = section.bytes.slice();
    const references = new Map<number, Reference>();
    codeOf.set(section.index, code);
    referencesOf.set(section.index, references);
    for (const relocation of request.elf.relocations(section.index)) {
      const instruction = relocation.offset / instructionBytes;
      references.set(instruction, resolve(request, section, relocation));
    }
    linkLocalCalls(request, section, references);
    const applied = applyCore(request, section, code, references);
    fieldsOf.set(section.index, applied.fields);
    lackingOf.set(section.index, applied.lacking);
  }
  return cut(table, { codeOf, referencesOf, fieldsOf, lackingOf }, extension);
}

/** By index of the section; what is in a section by its instructions. */
interface Linked {
  codeOf: ReadonlyMap<number, Uint8Array>;
  referencesOf: ReadonlyMap<number, ReadonlyMap<number, Reference>>;
  fieldsOf: ReadonlyMap<number, ReadonlyMap<number, KernelField>>;
  lackingOf: ReadonlyMap<number, ReadonlyMap<number, Lacking>>;
}

/** Each function's part of its section. */
function cut(
  table: FunctionTable,
  { codeOf, referencesOf, fieldsOf, lackingOf }: Linked,
  extension: BtfExt,
): BpfFunction[] {
  const sorted = new Map<number, (readonly [number, Reference])[]>();
  for (const [section, references] of referencesOf) {
    sorted.set(
      section,
      [...references].sort(([a], [b]) => a - b),
    );
  }
  // Places of a section come in ascending order, so each list is walked once.
  const walked = new Map<number, number>();
  return table.places.map(({ name, section, start, end }) => {
    const list = sorted.get(section.index) ?? [];
    const references = new Map<number, Reference>();
    let at = walked.get(section.index) ?? 0;
    for (; at < list.length; at++) {
      const entry = list[at];
      if (entry === undefined || entry[0] >= end) break;
      if (entry[0] >= start) references.set(entry[0] - start, entry[1]);
    }
    walked.set(section.index, at);
    const code = codeOf.get(section.index) ?? new Uint8Array(0);
    const fields = fieldsOf.get(section.index);
    const lacking = lackingOf.get(section.index);
    return {
      name,
      section: section.name,
      code: code.subarray(start * instructionBytes, end * instructionBytes),
      references,
      lineAt: (instruction) => extension.lineAt(section.name, start + instruction),
      fieldAt: (instruction) => fields?.get(start + instruction) ?? null,
      lacksAt: (instruction) => lacking?.get(start + instruction) ?? null,
    };
  });
}

/** Changes `code` in place. Answers the fields that its instructions go to, and what they ask for in vain. */
function applyCore(
  { btf, kernel, extension }: LinkRequest,
  section: Section,
  code: Uint8Array,
  references: Map<number, Reference>,
): { fields: Map<number, KernelField>; lacking: Map<number, Lacking> } {
  const fields = new Map<number, KernelField>();
  const lacking = new Map<number, Lacking>();
  const known = new Map<string, ReturnType<typeof coreValue>>();
  for (const relocation of extension.coreRelocations(section.name)) {
    if ((relocation.instruction + 1) * instructionBytes > code.length) {
      throw new ObjectError(`a CO-RE relocation lies past the end of ${section.name}`);
    }
    const key = `${relocation.type} ${relocation.kind} ${relocation.access}`;
    const value = known.get(key) ?? coreValue(relocation, btf, kernel);
    known.set(key, value);
    const reason = patch(code, relocation.instruction, value);
    if (reason !== null) references.set(relocation.instruction, { kind: "poison", reason });
    else if ("field" in value && value.field) fields.set(relocation.instruction, value.field);
    else if ("lacks" in value && value.lacks) lacking.set(relocation.instruction, value.lacks);
  }
  return { fields, lacking };
}

function resolve(request: LinkRequest, section: Section, relocation: ElfRelocation): Reference {
  const { elf, externs, places } = request;
  const where = `${section.name}+${relocation.offset}`;
  const symbol = elf.symbols[relocation.symbol];
  if (symbol === undefined || relocation.offset % 8 !== 0) {
    throw new ObjectError(`a relocation at ${where} is malformed`);
  }
  const view = viewOf(section.bytes);
  const opcode = view.getUint8(relocation.offset);
  const immediate = view.getInt32(relocation.offset + 4, true);
  if (opcode === callOpcode) {
    const ksym = externs.ksymOfSymbol.get(relocation.symbol);
    if (ksym !== undefined) return { kind: "ksym", ksym };
    const target = symbol.value + (immediate + 1) * instructionBytes;
    return functionAt(request.table, symbol.section, target, where);
  }
  if (opcode !== wideLoadOpcode)
    throw new ObjectError(`a relocation at ${where} of opcode ${opcode}`);
  const ksym = externs.ksymOfSymbol.get(relocation.symbol);
  if (ksym !== undefined) return { kind: "ksym", ksym };
  const kconfig = externs.kconfigOfSymbol.get(relocation.symbol);
  if (kconfig !== undefined && places.kconfigMap !== null) {
    return { kind: "map-value", map: places.kconfigMap, offset: kconfig };
  }
  const offset = symbol.value + immediate;
  if (symbol.section === places.mapsSection) {
    const map = places.maps.get(offset);
    if (map === undefined) throw new ObjectError(`${where} refers to no map`);
    return { kind: "map", map };
  }
  const data = places.data.get(symbol.section);
  if (data !== undefined) return { kind: "map-value", map: data.map, offset: data.offset + offset };
  const target = elf.sections[symbol.section];
  if (target !== undefined && (target.flags & sectionFlags.execute) !== 0) {
    return functionAt(request.table, symbol.section, offset, where);
  }
  throw new ObjectError(
    `${where} refers to "${symbol.name}", which is neither data nor code nor map`,
  );
}

function functionAt(
  table: FunctionTable,
  section: number,
  offset: number,
  where: string,
): Reference {
  const found = table.at(section, offset);
  if (found === null) throw new ObjectError(`${where} refers to no function's start`);
  return { kind: "function", function: found };
}

/** Calls inside one section need no relocation: their immediate counts instructions from the next. */
function linkLocalCalls(
  { table }: LinkRequest,
  section: Section,
  references: Map<number, Reference>,
): void {
  const view = viewOf(section.bytes);
  const count = section.size / instructionBytes;
  for (let at = 0; at < count; at++) {
    const opcode = view.getUint8(at * 8);
    if (opcode === wideLoadOpcode) {
      at++;
      continue;
    }
    if (opcode !== callOpcode || view.getUint8(at * 8 + 1) >> 4 !== pseudoCall) continue;
    if (references.has(at)) continue;
    const target = at + 1 + view.getInt32(at * 8 + 4, true);
    references.set(at, functionAt(table, section.index, target * 8, `${section.name}+${at * 8}`));
  }
}
