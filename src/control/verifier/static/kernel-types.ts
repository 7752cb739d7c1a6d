// What the kernel's BTF says of the things that a policy touches: the arguments of its ops, the results of
// kfuncs, the names of helpers, and which field of a structure lies at an offset. Answers are remembered
// for each BTF. Called by the data flow.

import { type Btf, btfKinds } from "../../../simulator/object/btf.ts";

/** What lies at an offset of a kernel structure. */
export interface Field {
  /** Names from the structure's own on: "task_struct.scx.weight". Arrays are their element's name. */
  readonly path: string;
  /** Type of what is there, resolved; 0 unknown. */
  readonly type: number;
  /** Bytes of what is there. */
  readonly size: number;
}

export interface Prototype {
  readonly parameters: readonly { readonly name: string; readonly type: number }[];
  /** Resolved; 0: void. */
  readonly result: number;
}

export class KernelTypes {
  readonly btf: Btf;
  readonly #fields = new Map<string, Field | null>();
  readonly #prototypes = new Map<string, Prototype | null>();
  readonly #helpers: ReadonlyMap<number, string>;
  readonly #helperNames: ReadonlySet<string>;
  readonly #members = new Map<number, readonly Member[]>();
  readonly #enumerators = new Map<string, bigint | null>();

  constructor(btf: Btf) {
    this.btf = btf;
    this.#helpers = helperNames(btf);
    this.#helperNames = new Set(this.#helpers.values());
  }

  helper(id: number): string {
    return this.#helpers.get(id) ?? `helper ${id}`;
  }

  isHelper(name: string): boolean {
    return this.#helperNames.has(name);
  }

  hasFunction(name: string): boolean {
    return this.btf.find(name, btfKinds.function) !== 0;
  }

  structure(name: string): number {
    return this.btf.find(name, btfKinds.struct);
  }

  /** Of an enum's constant; null where the kernel lacks it. */
  enumerator(enumeration: string, name: string): bigint | null {
    const known = this.#enumerators.get(name);
    if (known !== undefined) return known;
    const id = this.btf.find(enumeration, btfKinds.enum, btfKinds.enum64);
    let found: bigint | null = null;
    for (let index = 0; index < this.btf.length(id); index += 1) {
      const each = this.btf.enumerator(id, index);
      if (each.name === name) found = BigInt.asUintN(64, each.value);
    }
    this.#enumerators.set(name, found);
    return found;
  }

  /** The field that holds the byte; null outside the structure, or in padding. */
  fieldAt(structure: number, offset: number): Field | null {
    const key = `${structure} ${offset}`;
    const known = this.#fields.get(key);
    if (known !== undefined) return known;
    const found = this.#find(structure, offset);
    this.#fields.set(key, found);
    return found;
  }

  #find(structure: number, offset: number): Field | null {
    const { btf } = this;
    let type = btf.resolve(structure);
    let at = offset;
    const names = [btf.name(type)];
    for (let depth = 0; depth < 32; depth += 1) {
      const kind = btf.kind(type);
      if (kind === btfKinds.array) {
        const { element } = btf.array(type);
        type = btf.resolve(element);
        const size = sizeOf(btf, type);
        if (size === 0) return null;
        at %= size;
        continue;
      }
      if (kind !== btfKinds.struct && kind !== btfKinds.union) break;
      const member = this.#membersOf(type).find(
        (each) => at >= each.offset && at < each.offset + each.size,
      );
      if (member === undefined) return null;
      if (member.name !== "") names.push(member.name);
      at -= member.offset;
      type = member.type;
    }
    return { path: names.join("."), type, size: sizeOf(btf, type) };
  }

  #membersOf(type: number): readonly Member[] {
    const known = this.#members.get(type);
    if (known !== undefined) return known;
    const { btf } = this;
    const found = Array.from({ length: btf.length(type) }, (_, index) => {
      const { name, type: of, bitOffset, bits } = btf.member(type, index);
      const resolved = btf.resolve(of);
      const offset = Math.floor(bitOffset / 8);
      const size = bits > 0 ? Math.ceil(((bitOffset % 8) + bits) / 8) : sizeOf(btf, resolved);
      return { name, type: resolved, offset, size };
    });
    this.#members.set(type, found);
    return found;
  }

  /** The type that a pointer points to, resolved; 0 for void and for what is no pointer. */
  pointee(type: number): number {
    const { btf } = this;
    const resolved = btf.resolve(type);
    if (btf.kind(resolved) !== btfKinds.pointer) return 0;
    return btf.resolve(btf.reference(resolved));
  }

  /** Without typedefs and qualifiers. */
  resolved(type: number): number {
    return this.btf.resolve(type);
  }

  isPointer(type: number): boolean {
    return this.btf.kind(this.btf.resolve(type)) === btfKinds.pointer;
  }

  isConstPointer(type: number): boolean {
    const { btf } = this;
    const resolved = btf.resolve(type);
    if (btf.kind(resolved) !== btfKinds.pointer) return false;
    let at = btf.reference(resolved);
    for (let depth = 0; depth < 8; depth += 1) {
      const kind = btf.kind(at);
      if (kind === btfKinds.const) return true;
      if (kind !== btfKinds.typedef && kind !== btfKinds.volatile && kind !== btfKinds.typeTag)
        return false;
      at = btf.reference(at);
    }
    return false;
  }

  isStructure(type: number): boolean {
    const kind = this.btf.kind(this.btf.resolve(type));
    return kind === btfKinds.struct || kind === btfKinds.union;
  }

  /** Of a type by its id; 0 where it has none. */
  size(type: number): number {
    return sizeOf(this.btf, type);
  }

  isBool(type: number): boolean {
    const resolved = this.btf.resolve(type);
    return this.btf.kind(resolved) === btfKinds.int && (this.btf.int(resolved).encoding & 4) !== 0;
  }

  /** Of a kfunc. */
  prototype(name: string): Prototype | null {
    return this.#remembered(`function ${name}`, () => {
      const id = this.btf.find(name, btfKinds.function);
      return id === 0 ? null : this.#read(this.btf.resolve(this.btf.reference(id)));
    });
  }

  /** Of a member of struct sched_ext_ops. */
  op(name: string): Prototype | null {
    return this.#remembered(`op ${name}`, () => {
      const ops = this.structure("sched_ext_ops");
      for (let index = 0; index < this.btf.length(ops); index += 1) {
        const member = this.btf.member(ops, index);
        if (member.name !== name) continue;
        const type = this.pointee(member.type);
        return this.btf.kind(type) === btfKinds.prototype ? this.#read(type) : null;
      }
      return null;
    });
  }

  #remembered(key: string, make: () => Prototype | null): Prototype | null {
    const known = this.#prototypes.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#prototypes.set(key, made);
    return made;
  }

  #read(prototype: number): Prototype {
    const { btf } = this;
    return {
      parameters: Array.from({ length: btf.length(prototype) }, (_, index) =>
        btf.parameter(prototype, index),
      ),
      result: btf.resolve(btf.reference(prototype)),
    };
  }
}

interface Member {
  name: string;
  type: number;
  offset: number;
  size: number;
}

function sizeOf(btf: Btf, type: number): number {
  const kind = btf.kind(btf.resolve(type));
  const { void: nothing, forward, function: code, prototype, declarationTag } = btfKinds;
  return [nothing, forward, code, prototype, declarationTag].some((each) => each === kind)
    ? 0
    : btf.size(type);
}

function helperNames(btf: Btf): Map<number, string> {
  const found = new Map<number, string>();
  const id = btf.find("bpf_func_id", btfKinds.enum);
  for (let index = 0; index < btf.length(id); index += 1) {
    const { name, value } = btf.enumerator(id, index);
    found.set(Number(value), name.replace(/^BPF_FUNC_/, "bpf_"));
  }
  return found;
}

const known = new WeakMap<Btf, KernelTypes>();

export function kernelTypes(btf: Btf): KernelTypes {
  const found = known.get(btf) ?? new KernelTypes(btf);
  known.set(btf, found);
  return found;
}
