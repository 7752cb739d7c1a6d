// When a type of the object and one of the kernel count as the same for CO-RE: three relations of
// growing strictness, each as in the kernel's tools/lib/bpf/relo_core.c (names beside the functions).

import { type Btf, btfKinds, essentialName } from "./btf.ts";

const depthMax = 32;

export interface Sides {
  local: Btf;
  target: Btf;
}

const isEnum = (kind: number): boolean => kind === btfKinds.enum || kind === btfKinds.enum64;
export const isComposite = (kind: number): boolean =>
  kind === btfKinds.struct || kind === btfKinds.union;

/** btf_kind_core_compat */
export function kindsAgree(a: number, b: number): boolean {
  return a === b || (isEnum(a) && isEnum(b));
}

/** bpf_core_fields_are_compat: whether a member may be read as the other. */
export function fieldsAgree(
  { local, target }: Sides,
  localType: number,
  targetType: number,
): boolean {
  let [a, b] = [localType, targetType];
  for (let depth = 0; depth < depthMax; depth++) {
    a = local.resolve(a);
    b = target.resolve(b);
    const [kind, other] = [local.kind(a), target.kind(b)];
    if (isComposite(kind) && isComposite(other)) return true;
    if (!kindsAgree(kind, other)) return false;
    if (kind === btfKinds.pointer || kind === btfKinds.float) return true;
    if (kind === btfKinds.forward || isEnum(kind)) {
      const [name, wanted] = [essentialName(local.name(a)), essentialName(target.name(b))];
      return name === "" || wanted === "" || name === wanted;
    }
    if (kind === btfKinds.int) return local.int(a).bitOffset === 0 && target.int(b).bitOffset === 0;
    if (kind !== btfKinds.array) return false;
    a = local.array(a).element;
    b = target.array(b).element;
  }
  return false;
}

/** bpf_core_types_are_compat: also decides whether a kfunc's prototype fits its declaration. */
export function typesAgree(
  sides: Sides,
  localType: number,
  targetType: number,
  depth = depthMax,
): boolean {
  if (depth <= 0) return false;
  const { local, target } = sides;
  const [a, b] = [local.resolve(localType), target.resolve(targetType)];
  const [kind, other] = [local.kind(a), target.kind(b)];
  if (!kindsAgree(kind, other)) return false;
  switch (kind) {
    case btfKinds.int:
      return local.int(a).bitOffset === 0 && target.int(b).bitOffset === 0;
    case btfKinds.pointer:
      return typesAgree(sides, local.reference(a), target.reference(b), depth - 1);
    case btfKinds.array:
      return typesAgree(sides, local.array(a).element, target.array(b).element, depth - 1);
    case btfKinds.prototype: {
      if (local.length(a) !== target.length(b)) return false;
      for (let index = 0; index < local.length(a); index++) {
        const types = [local.parameter(a, index).type, target.parameter(b, index).type] as const;
        if (!typesAgree(sides, ...types, depth - 1)) return false;
      }
      return typesAgree(sides, local.reference(a), target.reference(b), depth - 1);
    }
    case btfKinds.void:
    case btfKinds.struct:
    case btfKinds.union:
    case btfKinds.enum:
    case btfKinds.enum64:
    case btfKinds.forward:
      return true;
    default:
      return false;
  }
}

/** __bpf_core_types_match: what bpf_core_type_matches() asks; the target may have more members. */
export function typesMatch(
  sides: Sides,
  localType: number,
  targetType: number,
  behindPointer = false,
  depth = depthMax,
): boolean {
  if (depth <= 0) return false;
  const { local, target } = sides;
  const [a, b] = [local.resolve(localType), target.resolve(targetType)];
  const [kind, other] = [local.kind(a), target.kind(b)];
  if (essentialName(local.name(a)) !== essentialName(target.name(b))) return false;
  const again = (x: number, y: number, pointer = behindPointer) =>
    typesMatch(sides, x, y, pointer, depth - 1);
  switch (kind) {
    case btfKinds.void:
      return other === btfKinds.void;
    case btfKinds.forward:
      if (other === btfKinds.forward) return local.kindFlag(a) === target.kindFlag(b);
      return behindPointer && other === (local.kindFlag(a) ? btfKinds.union : btfKinds.struct);
    case btfKinds.enum:
    case btfKinds.enum64:
      return isEnum(other) && (behindPointer || enumsMatch(sides, a, b));
    case btfKinds.struct:
    case btfKinds.union:
      if (behindPointer) {
        if (other === kind) return true;
        return other === btfKinds.forward && target.kindFlag(b) === (kind === btfKinds.union);
      }
      return other === kind && compositesMatch(sides, a, b, depth);
    case btfKinds.int: {
      if (other !== btfKinds.int) return false;
      const signed = (encoding: number) => encoding & 1;
      return (
        local.reference(a) === target.reference(b) &&
        signed(local.int(a).encoding) === signed(target.int(b).encoding)
      );
    }
    case btfKinds.pointer:
      return other === kind && again(local.reference(a), target.reference(b), true);
    case btfKinds.array:
      return (
        other === kind &&
        local.array(a).count === target.array(b).count &&
        again(local.array(a).element, target.array(b).element)
      );
    case btfKinds.prototype: {
      if (other !== kind || local.length(a) !== target.length(b)) return false;
      for (let index = 0; index < local.length(a); index++) {
        if (!again(local.parameter(a, index).type, target.parameter(b, index).type)) return false;
      }
      return again(local.reference(a), target.reference(b));
    }
    default:
      return false;
  }
}

/** bpf_core_enums_match: every enumerator is there by name; values may differ. */
function enumsMatch({ local, target }: Sides, a: number, b: number): boolean {
  const names = new Set<string>();
  for (let index = 0; index < target.length(b); index++) {
    names.add(essentialName(target.enumerator(b, index).name));
  }
  for (let index = 0; index < local.length(a); index++) {
    if (!names.has(essentialName(local.enumerator(a, index).name))) return false;
  }
  return true;
}

/** bpf_core_composites_match */
function compositesMatch(sides: Sides, a: number, b: number, depth: number): boolean {
  const { local, target } = sides;
  if (local.length(a) > target.length(b)) return false;
  const types = new Map<string, number>();
  for (let index = 0; index < target.length(b); index++) {
    const member = target.member(b, index);
    types.set(essentialName(member.name), member.type);
  }
  for (let index = 0; index < local.length(a); index++) {
    const member = local.member(a, index);
    const type = types.get(essentialName(member.name));
    if (type === undefined || !typesMatch(sides, member.type, type, false, depth - 1)) return false;
  }
  return true;
}
