// External symbols of an object: kernel functions and variables (`__ksym`), decided by the target's BTF
// as libbpf does, and `__kconfig` values, which become a read-only map of their own. Called by
// read-object.ts.

import { ObjectError } from "../errors.ts";
import type { Ksym, MapDefinition } from "./bpf-object.ts";
import { type Btf, btfKinds, essentialName } from "./btf.ts";
import { typesAgree } from "./core-compatibility.ts";
import { bindings, type ElfSymbol, undefinedSection } from "./elf.ts";

export interface Externs {
  readonly ksyms: readonly Ksym[];
  /** Index of the ELF symbol → index in `ksyms`. */
  readonly ksymOfSymbol: ReadonlyMap<number, number>;
  /** Index of the ELF symbol → offset in the `.kconfig` map. */
  readonly kconfigOfSymbol: ReadonlyMap<number, number>;
  readonly kconfig: MapDefinition | null;
  readonly unknownKconfig: readonly string[];
}

const bpfMapArray = 2;
const readOnlyProgram = 0x80;

/** Throws ObjectError for a strong symbol that the kernel lacks, as libbpf refuses to load it. */
export function readExterns(
  symbols: readonly ElfSymbol[],
  btf: Btf,
  kernel: Btf,
  kconfigValues: ReadonlyMap<string, bigint>,
): Externs {
  const declared = declarations(btf);
  const ksyms: Ksym[] = [];
  const ksymOfSymbol = new Map<number, number>();
  const kconfigOfSymbol = new Map<number, number>();
  const kconfig = new Kconfig(kconfigValues);
  for (const [index, symbol] of symbols.entries()) {
    if (symbol.section !== undefinedSection || symbol.name === "") continue;
    const declaration = declared.get(symbol.name);
    if (declaration === undefined) {
      throw new ObjectError(
        `extern ${symbol.name} has no type: declare it with __ksym or __kconfig`,
      );
    }
    const weak = symbol.binding === bindings.weak;
    if (declaration.section === ".kconfig") {
      kconfigOfSymbol.set(index, kconfig.add(symbol.name, btf.size(declaration.type), weak));
      continue;
    }
    ksymOfSymbol.set(index, ksyms.length);
    ksyms.push(resolveKsym(symbol, weak, declaration.type, { local: btf, target: kernel }));
  }
  return {
    ksyms,
    ksymOfSymbol,
    kconfigOfSymbol,
    kconfig: kconfig.map(),
    unknownKconfig: kconfig.unknown,
  };
}

/** Name → type (FUNC or VAR) of everything in the sections for externs. */
function declarations(btf: Btf): Map<string, { type: number; section: string }> {
  const found = new Map<string, { type: number; section: string }>();
  for (let id = 1; id <= btf.typeCount; id++) {
    const kind = btf.kind(id);
    if (kind === btfKinds.dataSection) {
      const section = btf.name(id);
      if (section !== ".ksyms" && section !== ".kconfig") continue;
      for (let index = 0; index < btf.length(id); index++) {
        const { type } = btf.sectionVariable(id, index);
        found.set(btf.name(type), { type, section });
      }
    }
  }
  return found;
}

function resolveKsym(
  symbol: ElfSymbol,
  weak: boolean,
  type: number,
  sides: { local: Btf; target: Btf },
): Ksym {
  const { local, target } = sides;
  const isFunction = local.kind(type) === btfKinds.function;
  const name = essentialName(symbol.name);
  const kind = isFunction ? ("function" as const) : ("variable" as const);
  const absent = {
    name,
    symbol: symbol.name,
    kind,
    weak,
    present: false,
    kernelType: 0,
    perCpu: false,
    size: 0,
  };
  const typeless = !isFunction && local.resolve(local.reference(type)) === 0;
  // `extern void x` is looked up in kallsyms, which is not at hand.
  if (typeless) return { ...absent, present: !weak };
  const found = target.find(name, isFunction ? btfKinds.function : btfKinds.variable);
  const what = `the kernel's ${kind} ${name}`;
  if (found === 0) {
    if (weak) return absent;
    throw new ObjectError(`the object needs ${what}, which this kernel does not have`);
  }
  if (!typesAgree(sides, local.reference(type), target.reference(found))) {
    if (weak) return absent;
    throw new ObjectError(`${what} has another type than the object declares`);
  }
  const size = isFunction ? 0 : target.size(target.reference(found));
  const perCpu = !isFunction && perCpuVariables(target).has(found);
  return { ...absent, present: true, kernelType: found, perCpu, size };
}

const perCpuOf = new WeakMap<Btf, Set<number>>();

/** Ids of the variables of .data..percpu. */
function perCpuVariables(kernel: Btf): Set<number> {
  const known = perCpuOf.get(kernel);
  if (known !== undefined) return known;
  const found = new Set<number>();
  for (const name of [".data..percpu", ".data..percpu..hot"]) {
    const id = kernel.find(name, btfKinds.dataSection);
    for (let index = 0; id !== 0 && index < kernel.length(id); index++) {
      found.add(kernel.sectionVariable(id, index).type);
    }
  }
  perCpuOf.set(kernel, found);
  return found;
}

class Kconfig {
  readonly unknown: string[] = [];
  readonly #values: ReadonlyMap<string, bigint>;
  #bytes: number[] = [];

  constructor(values: ReadonlyMap<string, bigint>) {
    this.#values = values;
  }

  /** Answers the offset of the value. */
  add(name: string, size: number, weak: boolean): number {
    if (size > 4096) throw new ObjectError(`extern ${name} has ${size} bytes`);
    while (this.#bytes.length % 8 !== 0) this.#bytes.push(0);
    const offset = this.#bytes.length;
    const value = this.#values.get(name);
    if (value === undefined && !weak) this.unknown.push(name);
    for (let at = 0; at < size; at++) {
      this.#bytes.push(at < 8 ? Number(((value ?? 0n) >> BigInt(8 * at)) & 0xffn) : 0);
    }
    return offset;
  }

  map(): MapDefinition | null {
    if (this.#bytes.length === 0) return null;
    return {
      name: ".kconfig",
      type: bpfMapArray,
      keySize: 4,
      valueSize: this.#bytes.length,
      maxEntries: 1,
      flags: readOnlyProgram,
      keyType: 0,
      valueType: 0,
      extra: 0n,
      pinned: false,
      section: ".kconfig",
      initial: Uint8Array.from(this.#bytes),
      inner: null,
      slots: [],
    };
  }
}
