// The structures of function pointers and settings that a scheduler registers (`.struct_ops.link`),
// member by member against the kernel's structure, as libbpf's bpf_map__init_kern_struct_ops does.
// Called by read-object.ts.

import { ObjectError } from "../errors.ts";
import type { StructOps, StructOpsMember } from "./bpf-object.ts";
import { type Btf, btfKinds, essentialName } from "./btf.ts";

export function isStructOpsSection(name: string): boolean {
  return /^\??\.struct_ops(\.link)?$/.test(name);
}

export interface StructOpsVariable {
  name: string;
  /** Id in the object's BTF. */
  type: number;
  bytes: Uint8Array;
  /** Offset in `bytes` → index of the function whose address stands there. */
  pointers: ReadonlyMap<number, number>;
}

/** Throws ObjectError where the kernel lacks the type or a member that is set. */
export function readStructOps(variable: StructOpsVariable, btf: Btf, kernel: Btf): StructOps {
  const id = btf.resolve(variable.type);
  const { name } = variable;
  if (btf.kind(id) !== btfKinds.struct) throw new ObjectError(`struct_ops ${name} is no structure`);
  if (btf.size(id) > variable.bytes.length) throw new ObjectError(`struct_ops ${name} is cut off`);
  const type = essentialName(btf.name(id));
  const kernelType = kernel.find(type, btfKinds.struct);
  if (kernelType === 0)
    throw new ObjectError(`the kernel has no struct ${type} to register ${name} as`);
  const known = new Map<string, StructOpsMember>();
  for (let index = 0; index < btf.length(id); index++) {
    const member = btf.member(id, index);
    if (member.bits > 0) throw new ObjectError(`struct_ops ${name}: bit field ${member.name}`);
    const offset = member.bitOffset / 8;
    const size = btf.size(member.type);
    if (offset + size > variable.bytes.length)
      throw new ObjectError(`struct_ops ${name} is cut off`);
    const bytes = variable.bytes.subarray(offset, offset + size);
    const pointer = variable.pointers.get(offset);
    const set = pointer !== undefined || bytes.some((byte) => byte !== 0);
    const theirs = memberNamed(kernel, kernelType, member.name);
    if (theirs === null) {
      if (set) throw new ObjectError(`the kernel's ${type} has no member "${member.name}"`);
      continue;
    }
    // libbpf would take the first that is set, another reader the last: no compiler writes two.
    if (known.has(member.name))
      throw new ObjectError(`struct_ops ${name} has two members "${member.name}"`);
    known.set(member.name, readMember({ name: member.name, bytes, pointer }, theirs, kernel));
  }
  return { name, type, members: inKernelOrder(kernel, kernelType, known) };
}

function readMember(
  own: { name: string; bytes: Uint8Array; pointer: number | undefined },
  theirType: number,
  kernel: Btf,
): StructOpsMember {
  const { name, bytes, pointer } = own;
  const resolved = kernel.resolve(theirType);
  const isProgram =
    kernel.kind(resolved) === btfKinds.pointer &&
    kernel.kind(kernel.resolve(kernel.reference(resolved))) === btfKinds.prototype;
  if (isProgram) return { name, kind: "program", function: pointer ?? null };
  if (pointer !== undefined) throw new ObjectError(`struct_ops member ${name} takes no program`);
  const size = kernel.size(theirType);
  if (size !== bytes.length) {
    throw new ObjectError(
      `struct_ops member ${name} has ${bytes.length} bytes; the kernel's ${size}`,
    );
  }
  return { name, kind: "data", bytes: bytes.slice() };
}

function memberNamed(btf: Btf, structure: number, name: string): number | null {
  if (name === "") return null;
  for (let index = 0; index < btf.length(structure); index++) {
    const member = btf.member(structure, index);
    if (member.name === name) return member.type;
  }
  return null;
}

function inKernelOrder(
  kernel: Btf,
  structure: number,
  known: ReadonlyMap<string, StructOpsMember>,
): StructOpsMember[] {
  const ordered: StructOpsMember[] = [];
  for (let index = 0; index < kernel.length(structure); index++) {
    const member = known.get(kernel.member(structure, index).name);
    if (member !== undefined) ordered.push(member);
  }
  return ordered;
}
