// Writes a CO-RE value into the instruction that asked for it (bpf_core_patch_insn in the kernel's
// tools/lib/bpf/relo_core.c). What can't be had becomes poison, which only counts where it is reached.
// Called by functions.ts.

import { ObjectError } from "../errors.ts";
import type { CoreValue } from "./core-relocation.ts";
import { viewOf } from "./elf.ts";

const classes = { load64: 0, loadX: 1, store: 2, storeX: 3, alu: 4, alu64: 7 } as const;
const sizeBits = new Map([
  [1, 0x10],
  [2, 0x08],
  [4, 0x00],
  [8, 0x18],
]);

/** `code` is changed in place. Answers why the instruction is poisoned, null where it is patched. */
export function patch(code: Uint8Array, instruction: number, found: CoreValue): string | null {
  if ("poison" in found) return found.poison;
  const view = viewOf(code);
  const at = instruction * 8;
  const opcode = code[at] ?? 0;
  const { value, resize } = found;
  switch (opcode & 7) {
    case classes.alu:
    case classes.alu64:
      if ((opcode & 8) !== 0)
        throw new ObjectError("CO-RE: a relocation of an instruction without a constant");
      view.setInt32(at + 4, Number(BigInt.asIntN(32, value)), true);
      return null;
    case classes.loadX:
    case classes.store:
    case classes.storeX: {
      if (value < 0n || value > 0x7fffn)
        return `a field at ${value}, beyond what an instruction reaches`;
      if (resize === 0) return "a field of another width that no load of this kind fits";
      if (resize !== null) code[at] = (opcode & ~0x18) | (sizeBits.get(resize) ?? 0);
      view.setInt16(at + 2, Number(value), true);
      return null;
    }
    case classes.load64:
      if (opcode !== 0x18 || at + 16 > code.length) {
        throw new ObjectError(`CO-RE: a relocation of opcode ${opcode}`);
      }
      view.setUint32(at + 4, Number(BigInt.asUintN(32, value)), true);
      view.setUint32(at + 12, Number(BigInt.asUintN(64, value) >> 32n), true);
      return null;
    default:
      throw new ObjectError(`CO-RE: a relocation of opcode ${opcode}`);
  }
}
