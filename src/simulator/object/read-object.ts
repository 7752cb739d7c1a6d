// A BPF object file → BpfObject: ELF, BTF, maps, globals, externs, code, struct_ops, all checked, linked
// and relocated against one kernel's BTF. Reads hostile bytes: whatever is wrong with them is an
// ObjectError with words, in time and memory bounded by the file's size.

import { ObjectError } from "../errors.ts";
import type { BpfObject, MapDefinition, StructOps } from "./bpf-object.ts";
import { Btf, btfKinds } from "./btf.ts";
import { noBtfExt, readBtfExt } from "./btf-ext.ts";
import { type ElfObject, readElf, type Section, sectionFlags, sectionTypes } from "./elf.ts";
import { readExterns } from "./externs.ts";
import { type DataPlaces, type FunctionTable, findFunctions, linkFunctions } from "./functions.ts";
import { isDataSection, readGlobals } from "./globals.ts";
import { emptyMap, mapTypes, type ParsedMap, parseMap } from "./map-definitions.ts";
import { isStructOpsSection, readStructOps } from "./struct-ops.ts";

export interface ReadOptions {
  /** Values of `extern … __kconfig`, by name. LINUX_KERNEL_VERSION is one. */
  kconfig?: ReadonlyMap<string, bigint>;
}

const mapsMax = 1024;
const mapsSectionBytesMax = 1 << 20;
const readOnlyProgram = 0x80;
const pageBytes = 4096;
const arenaSection = ".addr_space.1";

/** Debian's configuration of the target, as far as schedulers ask for it. */
const defaultKconfig: ReadonlyMap<string, bigint> = new Map([
  ["LINUX_KERNEL_VERSION", (7n << 16n) + (2n << 8n) + 12n],
  ["LINUX_HAS_BPF_COOKIE", 1n],
  ["LINUX_HAS_SYSCALL_WRAPPER", 1n],
  ["CONFIG_HZ", 250n],
  ["CONFIG_NR_CPUS", 8192n],
]);

/** Throws ObjectError, and nothing else, whatever the bytes are. */
export function readBpfObject(
  bytes: Uint8Array,
  kernelBtf: Btf,
  options: ReadOptions = {},
): BpfObject {
  const elf = readElf(bytes);
  const btfSection = section(elf, ".BTF");
  if (btfSection === null) throw new ObjectError("the object has no BTF: compile it with -g");
  const btf = new Btf(btfSection.bytes);
  const extensionSection = section(elf, ".BTF.ext");
  const extension = extensionSection === null ? noBtfExt : readBtfExt(extensionSection.bytes, btf);
  const externs = readExterns(elf.symbols, btf, kernelBtf, options.kconfig ?? defaultKconfig);
  const table = findFunctions(elf);
  const layout = layOutMaps(elf, btf, table, externs.kconfig);
  const functions = linkFunctions({
    elf,
    table,
    places: layout.places,
    externs,
    btf,
    kernel: kernelBtf,
    extension,
  });
  return {
    license: licenseOf(elf),
    functions,
    maps: layout.maps,
    globals: readGlobals(elf.symbols, btf, layout.dataSections),
    ksyms: externs.ksyms,
    structOps: structOpsOf(elf, btf, kernelBtf, table),
    unknownKconfig: externs.unknownKconfig,
    btf,
    kernelBtf,
  };
}

/** Sections of which libbpf and this reader must mean the same one are there once. */
function section(elf: ElfObject, name: string): Section | null {
  const [first = null, ...others] = elf.sections.filter((each) => each.name === name);
  if (others.length > 0) throw new ObjectError(`the object has ${name} more than once`);
  return first;
}

function licenseOf(elf: ElfObject): string {
  const bytes = section(elf, "license")?.bytes ?? new Uint8Array(0);
  const end = bytes.indexOf(0);
  return new TextDecoder("latin1").decode(bytes.subarray(0, end < 0 ? 128 : Math.min(end, 128)));
}

interface Variable {
  name: string;
  type: number;
  offset: number;
  size: number;
}

/** The variables of a section by its BTF, their offsets from the symbols. */
function variablesOf(elf: ElfObject, btf: Btf, of: Section): Variable[] {
  const offsets = new Map<string, number>();
  for (const symbol of elf.symbols) {
    if (symbol.section === of.index && symbol.name !== "" && symbol.name !== of.name) {
      offsets.set(symbol.name, symbol.value);
    }
  }
  const id = btf.find(of.name, btfKinds.dataSection);
  if (id === 0) throw new ObjectError(`the section ${of.name} has no types in BTF`);
  const found: Variable[] = [];
  for (let index = 0; index < btf.length(id); index++) {
    const { type, offset, size } = btf.sectionVariable(id, index);
    if (btf.kind(type) !== btfKinds.variable) {
      throw new ObjectError(`${of.name} holds something that is no variable`);
    }
    const name = btf.name(type);
    if (found.some((each) => each.name === name)) {
      throw new ObjectError(`the types of ${of.name} name two variables "${name}"`);
    }
    const at = offsets.get(name) ?? offset;
    if (at > of.size || size > of.size - at) {
      throw new ObjectError(`the variable ${name} lies outside ${of.name}`);
    }
    found.push({ name, type: btf.reference(type), offset: at, size });
  }
  return found;
}

interface MapLayout {
  maps: MapDefinition[];
  places: DataPlaces;
  dataSections: Map<number, { map: number; offset: number; section: string; size: number }>;
}

function layOutMaps(
  elf: ElfObject,
  btf: Btf,
  table: FunctionTable,
  kconfig: MapDefinition | null,
): MapLayout {
  const maps: MapDefinition[] = [];
  const at = new Map<number, number>();
  const mapsSection = section(elf, ".maps");
  const pending: { index: number; parsed: ParsedMap; offset: number; size: number }[] = [];
  if (section(elf, "maps") !== null) {
    throw new ObjectError(
      'maps of the old form (SEC("maps")) are not supported by libbpf any more',
    );
  }
  if (mapsSection !== null) {
    if (mapsSection.size > mapsSectionBytesMax)
      throw new ObjectError("the section .maps is too large");
    for (const { name, type, offset, size } of variablesOf(elf, btf, mapsSection)) {
      const parsed = parseMap(name, type, btf);
      at.set(offset, maps.length);
      pending.push({ index: maps.length, parsed, offset, size });
      maps.push(parsed.definition);
    }
  }
  for (const { index, parsed, offset, size } of pending) {
    const slots = slotsOf(elf, table, mapsSection, at, parsed, { offset, size });
    parsed.definition.slots = slots;
    if (parsed.innerDefinition !== null) {
      parsed.definition.inner = maps.length;
      maps.push(parsed.innerDefinition);
    }
    if (maps.length > mapsMax || index > mapsMax)
      throw new ObjectError(`more than ${mapsMax} maps`);
  }
  const dataSections: MapLayout["dataSections"] = new Map();
  for (const each of elf.sections) {
    if (!isDataSection(each.name) || (each.flags & sectionFlags.alloc) === 0) continue;
    if (each.type !== sectionTypes.programBits && each.type !== sectionTypes.noBits) continue;
    if (each.size === 0) continue;
    const { map, offset } =
      each.name === arenaSection ? addArenaData(maps, each) : { map: maps.length, offset: 0 };
    if (each.name !== arenaSection) maps.push(dataMap(each));
    dataSections.set(each.index, { map, offset, section: each.name, size: each.size });
  }
  const kconfigMap = kconfig === null ? null : maps.push(kconfig) - 1;
  return {
    maps,
    dataSections,
    places: { data: dataSections, maps: at, mapsSection: mapsSection?.index ?? -1, kconfigMap },
  };
}

function dataMap(of: Section): MapDefinition {
  const readOnly = of.name.startsWith(".rodata");
  return {
    ...emptyMap(of.name),
    type: mapTypes.array,
    keySize: 4,
    valueSize: of.size,
    maxEntries: 1,
    flags: readOnly ? readOnlyProgram : 0,
    section: of.name,
    initial: of.type === sectionTypes.noBits ? null : of.bytes.slice(),
  };
}

/** `__arena` globals are the first bytes of the object's one arena. */
function addArenaData(maps: MapDefinition[], of: Section): { map: number; offset: number } {
  const map = maps.findIndex((each) => each.type === mapTypes.arena);
  const arena = maps[map];
  if (arena === undefined) throw new ObjectError("__arena globals without an arena map");
  if (of.size > arena.maxEntries * pageBytes) {
    throw new ObjectError("__arena globals larger than the arena");
  }
  const initial = of.type === sectionTypes.noBits ? null : of.bytes.slice();
  maps[map] = { ...arena, initial };
  return { map, offset: 0 };
}

/** What `values = { … }` of a map in map, or a program array, starts with. */
function slotsOf(
  elf: ElfObject,
  table: FunctionTable,
  mapsSection: Section | null,
  mapAt: ReadonlyMap<number, number>,
  { slotsAt, definition }: ParsedMap,
  variable: { offset: number; size: number },
): (readonly [number, number])[] {
  if (slotsAt === null || mapsSection === null) return [];
  const found: (readonly [number, number])[] = [];
  for (const { offset, symbol } of elf.relocations(mapsSection.index)) {
    const at = offset - variable.offset - slotsAt;
    if (at < 0 || offset >= variable.offset + variable.size || at % 8 !== 0) continue;
    const target = elf.symbols[symbol];
    const value =
      target === undefined
        ? null
        : definition.type === mapTypes.programArray
          ? table.at(target.section, target.value)
          : target.section === mapsSection.index
            ? (mapAt.get(target.value) ?? null)
            : null;
    if (value === null) throw new ObjectError(`map ${definition.name}: a slot refers to nothing`);
    found.push([at / 8, value]);
  }
  return found;
}

function structOpsOf(elf: ElfObject, btf: Btf, kernel: Btf, table: FunctionTable): StructOps[] {
  const found: StructOps[] = [];
  for (const each of elf.sections) {
    if (!isStructOpsSection(each.name) || each.size === 0) continue;
    const pointers = new Map<number, number>();
    for (const { offset, symbol } of elf.relocations(each.index)) {
      const target = elf.symbols[symbol];
      const pointed = target === undefined ? null : table.at(target.section, target.value);
      if (pointed === null) throw new ObjectError(`${each.name}+${offset} refers to no program`);
      pointers.set(offset, pointed);
    }
    for (const { name, type, offset, size } of variablesOf(elf, btf, each)) {
      const bytes = each.bytes.subarray(offset, offset + size);
      const own = [...pointers]
        .filter(([at]) => at >= offset && at < offset + size)
        .map(([at, pointed]) => [at - offset, pointed] as const);
      found.push(readStructOps({ name, type, bytes, pointers: new Map(own) }, btf, kernel));
    }
  }
  return found;
}
