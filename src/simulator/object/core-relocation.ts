// CO-RE: what a relocation asks of the target kernel's types (a field's offset, whether an enumerator
// exists, …) and the value that goes into the instruction. As bpf_core_calc_relo_insn and what it calls
// in the kernel's tools/lib/bpf/relo_core.c. Pure; called by core-patch.ts.

import { ObjectError } from "../errors.ts";
import type { KernelField, Lacking } from "./bpf-object.ts";
import { type Btf, btfKinds, essentialName } from "./btf.ts";
import type { CoreRelocation } from "./btf-ext.ts";
import {
  fieldsAgree,
  isComposite,
  kindsAgree,
  typesAgree,
  typesMatch,
} from "./core-compatibility.ts";

/** enum bpf_core_relo_kind */
export const relocationKinds = {
  byteOffset: 0,
  byteSize: 1,
  fieldExists: 2,
  signed: 3,
  leftShift: 4,
  rightShift: 5,
  localTypeId: 6,
  targetTypeId: 7,
  typeExists: 8,
  typeSize: 9,
  enumeratorExists: 10,
  enumeratorValue: 11,
  typeMatches: 12,
} as const;

/**
 * The value; where the kernel's field has another width than the object's, how wide a load of it must
 * be (0: no load will do). Or why there is no value.
 */
export type CoreValue =
  | {
      readonly value: bigint;
      readonly resize: number | null;
      /** The field that is read or written there; null where only something about it is asked. */
      readonly field: KernelField | null;
      /** What was asked for and is not there; null: it is, or another thing was asked. */
      readonly lacks: Lacking | null;
    }
  | { readonly poison: string };

/** One step of an access: a member by name, or an element of an array (and the root). */
interface Step {
  type: number;
  index: number;
  name: string | null;
}

interface Spec {
  btf: Btf;
  root: number;
  steps: Step[];
  bitOffset: number;
}

const stepsMax = 64;

/** Throws ObjectError where the relocation itself is malformed or the kernel's answer ambiguous. */
export function coreValue(relocation: CoreRelocation, local: Btf, target: Btf): CoreValue {
  const { kind } = relocation;
  const name = local.name(relocation.type);
  if (kind === relocationKinds.localTypeId) return plain(BigInt(relocation.type));
  if (name === "") throw new ObjectError(`CO-RE: type ${relocation.type} has no name`);
  const essential = essentialName(name);
  const wanted = local.kind(relocation.type);
  const candidates = target
    .candidates(essential)
    .filter((id) => kindsAgree(target.kind(id), wanted));
  const values: CoreValue[] = [];
  let bitOffset: number | null = null;
  const parse = parser(relocation, local);
  for (const id of candidates) {
    const found = parse(target, id);
    if (found === null) continue;
    if (bitOffset !== null && bitOffset !== found.bitOffset) throw ambiguous(name);
    bitOffset = found.bitOffset;
    values.push(found.value);
  }
  const [first, ...others] = values;
  if (first === undefined) return missing(relocation, local, name, candidates.length === 0);
  for (const other of others) if (!same(first, other)) throw ambiguous(name);
  return first;
}

function plain(value: bigint): CoreValue {
  return { value, resize: null, field: null, lacks: null };
}

function same(a: CoreValue, b: CoreValue): boolean {
  if ("poison" in a || "poison" in b) return "poison" in a === "poison" in b;
  return a.value === b.value;
}

function ambiguous(name: string): ObjectError {
  return new ObjectError(`CO-RE: the kernel has several types "${name}" that disagree`);
}

function missing(
  relocation: CoreRelocation,
  local: Btf,
  name: string,
  isWhole: boolean,
): CoreValue {
  const { kind } = relocation;
  const asksExistence =
    kind === relocationKinds.fieldExists ||
    kind === relocationKinds.typeExists ||
    kind === relocationKinds.enumeratorExists ||
    kind === relocationKinds.typeMatches;
  const what = describe(relocation, local);
  if (asksExistence)
    return {
      ...{ value: 0n, resize: null, field: null },
      lacks: { what: `${essentialName(name)}${what}`, isWhole },
    };
  return { poison: `the kernel has no ${what === "" ? name : `${name}${what}`}` };
}

/** ".scx.slice", "::SCX_ENQ_HEAD": for messages. */
function describe(relocation: CoreRelocation, local: Btf): string {
  if (isTypeKind(relocation.kind)) return "";
  if (isEnumeratorKind(relocation.kind)) return `::${enumeratorOf(relocation, local).name}`;
  const steps = fieldSpec(relocation, local).steps.slice(1);
  return steps.map((step) => (step.name === null ? `[${step.index}]` : `.${step.name}`)).join("");
}

const isTypeKind = (kind: number): boolean =>
  kind === relocationKinds.targetTypeId ||
  kind === relocationKinds.typeExists ||
  kind === relocationKinds.typeSize ||
  kind === relocationKinds.typeMatches;
const isEnumeratorKind = (kind: number): boolean =>
  kind === relocationKinds.enumeratorExists || kind === relocationKinds.enumeratorValue;

type Match = (target: Btf, id: number) => { value: CoreValue; bitOffset: number } | null;

/** Reads the local side once; the function tells what a candidate gives, null where it doesn't match. */
function parser(relocation: CoreRelocation, local: Btf): Match {
  const { kind, type } = relocation;
  if (isTypeKind(kind)) {
    const fits = kind === relocationKinds.typeMatches ? typesMatch : typesAgree;
    return (target, id) => {
      if (!fits({ local, target }, type, id)) return null;
      if (kind === relocationKinds.targetTypeId) return at0(plain(BigInt(id)));
      if (kind === relocationKinds.typeSize) return at0(plain(BigInt(target.size(id))));
      return at0(plain(1n));
    };
  }
  if (isEnumeratorKind(kind)) {
    const wanted = essentialName(enumeratorOf(relocation, local).name);
    return (target, id) => {
      const resolved = target.resolve(id);
      for (let index = 0; index < target.length(resolved); index++) {
        const { name, value } = target.enumerator(resolved, index);
        if (essentialName(name) !== wanted) continue;
        return at0(plain(kind === relocationKinds.enumeratorExists ? 1n : value));
      }
      return null;
    };
  }
  if (kind > relocationKinds.rightShift) throw new ObjectError(`CO-RE: unknown kind ${kind}`);
  const spec = fieldSpec(relocation, local);
  return (target, id) => {
    const found = matchFields(spec, target, id);
    return found && { value: fieldValue(kind, found, spec), bitOffset: found.bitOffset };
  };
}

function at0(value: CoreValue) {
  return { value, bitOffset: 0 };
}

function enumeratorOf({ access, type }: CoreRelocation, local: Btf): { name: string } {
  const id = local.resolve(type);
  if (![btfKinds.enum, btfKinds.enum64].some((kind) => kind === local.kind(id))) {
    throw new ObjectError(`CO-RE: type ${type} is no enum`);
  }
  return local.enumerator(id, indices(access)[0] ?? 0);
}

function indices(access: string): number[] {
  if (!/^\d{1,8}(:\d{1,8})*$/.test(access)) throw new ObjectError(`CO-RE: access "${access}"`);
  const found = access.split(":").map(Number);
  if (found.length > stepsMax) throw new ObjectError("CO-RE: an access nests too deep");
  return found;
}

/** bpf_core_parse_spec, of fields. */
function fieldSpec({ access, type }: CoreRelocation, btf: Btf): Spec {
  const [first = 0, ...rest] = indices(access);
  let at = btf.resolve(type);
  const steps: Step[] = [{ type: at, index: first, name: null }];
  let bitOffset = first * btf.size(at) * 8;
  for (const index of rest) {
    at = btf.resolve(at);
    const kind = btf.kind(at);
    if (isComposite(kind)) {
      const member = btf.member(at, index);
      bitOffset += member.bitOffset;
      // Members of anonymous structures belong to what is around them.
      if (member.name !== "") steps.push({ type: at, index, name: member.name });
      at = member.type;
    } else if (kind === btfKinds.array) {
      at = btf.resolve(btf.array(at).element);
      steps.push({ type: at, index, name: null });
      bitOffset += index * btf.size(at) * 8;
    } else {
      throw new ObjectError(`CO-RE: access "${access}" goes into something without members`);
    }
  }
  return { btf, root: type, steps, bitOffset };
}

/** bpf_core_spec_match, of fields: the same steps by name in a candidate. */
function matchFields(spec: Spec, target: Btf, root: number): Spec | null {
  const found: Spec = { btf: target, root, steps: [], bitOffset: 0 };
  let at = root;
  for (const [depth, step] of spec.steps.entries()) {
    at = target.resolve(at);
    if (step.name !== null) {
      const member = findMember(spec, step, found, at, 0);
      if (member === null) return null;
      at = member;
      continue;
    }
    if (depth > 0) {
      if (target.kind(at) !== btfKinds.array) return null;
      const { count, element } = target.array(at);
      // A last array of no length goes on as far as one likes.
      if (step.index >= count && !(count <= 1 && endsStructure(found))) return null;
      at = target.resolve(element);
    }
    found.steps.push({ type: at, index: step.index, name: null });
    found.bitOffset += step.index * target.size(at) * 8;
  }
  return found;
}

/** is_flex_arr: whether the last step is the last member of its structure. */
function endsStructure({ btf, steps }: Spec): boolean {
  const last = steps.at(-1);
  return last !== undefined && last.name !== null && last.index === btf.length(last.type) - 1;
}

/** bpf_core_match_member: by name, also in anonymous structures; answers the member's type. */
function findMember(
  spec: Spec,
  step: Step,
  found: Spec,
  composite: number,
  depth: number,
): number | null {
  const { btf } = found;
  if (!isComposite(btf.kind(composite)) || depth > stepsMax) return null;
  const wanted = spec.btf.member(step.type, step.index).type;
  for (let index = 0; index < btf.length(composite); index++) {
    const member = btf.member(composite, index);
    if (member.name === "") {
      const before = found.bitOffset;
      found.bitOffset += member.bitOffset;
      const inner = findMember(spec, step, found, btf.resolve(member.type), depth + 1);
      if (inner !== null) return inner;
      found.bitOffset = before;
    } else if (member.name === step.name) {
      if (!fieldsAgree({ local: spec.btf, target: btf }, wanted, member.type)) return null;
      found.bitOffset += member.bitOffset;
      found.steps.push({ type: composite, index, name: member.name });
      return member.type;
    }
  }
  return null;
}

function fieldOf({ btf, root, steps }: Spec): KernelField | null {
  const path = steps.flatMap(({ name }) => name ?? []).join(".");
  return path === "" ? null : { structure: btf.name(root), path };
}

/** bpf_core_calc_field_relo */
function fieldValue(kind: number, found: Spec, local: Spec): CoreValue {
  if (kind === relocationKinds.fieldExists) return plain(1n);
  const { btf, steps, bitOffset } = found;
  const last = steps.at(-1);
  if (last === undefined) throw new ObjectError("CO-RE: an access without steps");
  if (last.name === null) {
    if (kind === relocationKinds.byteOffset) {
      const value = BigInt(bitOffset / 8);
      return { value, resize: widthChange(local, found), field: fieldOf(found), lacks: null };
    }
    if (kind === relocationKinds.byteSize) return plain(BigInt(btf.size(last.type)));
    return { poison: "asks an array's element for what only members have" };
  }
  const member = btf.member(last.type, last.index);
  const type = btf.resolve(member.type);
  let bytes = btf.size(type);
  let bits = member.bits;
  let start = Math.floor(bitOffset / 8);
  if (bits === 0) {
    bits = bytes * 8;
  } else {
    if (bytes === 0) return { poison: "a bit field of nothing" };
    start = Math.floor(bitOffset / 8 / bytes) * bytes;
    while (bitOffset + bits - start * 8 > bytes * 8) {
      if (bytes >= 8) return { poison: "a bit field that no load covers" };
      bytes *= 2;
      start = Math.floor(bitOffset / 8 / bytes) * bytes;
    }
  }
  switch (kind) {
    case relocationKinds.byteOffset: {
      const resize = member.bits > 0 ? null : widthChange(local, found);
      return { value: BigInt(start), resize, field: fieldOf(found), lacks: null };
    }
    case relocationKinds.byteSize:
      return plain(BigInt(bytes));
    case relocationKinds.signed:
      return plain(isSigned(btf, type) ? 1n : 0n);
    case relocationKinds.leftShift:
      return plain(BigInt(64 - (bitOffset + bits - start * 8)));
    default:
      return plain(BigInt(64 - bits));
  }
}

/** What the last step of an access leads to; of arrays, their element. */
function accessed({ btf, steps }: Spec): number {
  const last = steps.at(-1);
  if (last === undefined) throw new ObjectError("CO-RE: an access without steps");
  let at = btf.resolve(last.name === null ? last.type : btf.member(last.type, last.index).type);
  for (let depth = 0; btf.kind(at) === btfKinds.array && depth < stepsMax; depth++) {
    at = btf.resolve(btf.array(at).element);
  }
  return at;
}

/** Null where the object's loads fit as they are; only pointers and unsigned integers may change. */
function widthChange(local: Spec, target: Spec): number | null {
  const [a, b] = [accessed(local), accessed(target)];
  const scalar = (btf: Btf, id: number) =>
    [btfKinds.int, btfKinds.pointer, btfKinds.enum, btfKinds.enum64].some(
      (k) => k === btf.kind(id),
    );
  if (!scalar(local.btf, a) || !scalar(target.btf, b)) return null;
  const size = target.btf.size(b);
  if (size === local.btf.size(a)) return null;
  const loadable = (btf: Btf, id: number) =>
    btf.kind(id) === btfKinds.pointer || (btf.kind(id) === btfKinds.int && !isSigned(btf, id));
  const allowed =
    loadable(local.btf, a) && loadable(target.btf, b) && local.btf.kind(a) === target.btf.kind(b);
  return allowed && [1, 2, 4, 8].includes(size) ? size : 0;
}

function isSigned(btf: Btf, type: number): boolean {
  const kind = btf.kind(type);
  if (kind === btfKinds.enum || kind === btfKinds.enum64) return btf.kindFlag(type);
  return kind === btfKinds.int && (btf.int(type).encoding & 1) === 1;
}
