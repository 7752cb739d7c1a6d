// The file of a production scheduler's program: that it is one, within limits, and what it is named by.
// It is read and digested here, and never run on this host. Called by enrol.ts and known-binary.ts.

import { SchedcpError } from "../../../contract/errors.ts";
import { limits } from "../../../contract/limits.ts";
import { readBoundedFile } from "../../bounded-file.ts";
import { sha256 } from "../../sha256.ts";
import { policyName } from "../input.ts";

export interface BinaryFile {
  /** Of its file's name: `scx_bpfland` → `scx-bpfland`. */
  name: string;
  path: string;
  bytes: Uint8Array;
  sha256: string;
}

/** Throws `file-unreadable`, `limit-exceeded`, or `policy-invalid` for what is no program. */
export async function readBinary(path: string): Promise<BinaryFile> {
  const bytes = await readBoundedFile(path, {
    what: "program",
    bytesMax: limits.binaryBytesMax,
    hint: "Give the file of a scheduler's own program, such as ~/.cargo/bin/scx_bpfland.",
  });
  const fault = faultOf(bytes);
  if (fault !== null) {
    throw new SchedcpError("policy-invalid", `${path} ${fault}`, {
      hint: "Give the built program itself, not a script or an object; `schedcp verify FILE` without --binary judges BPF objects and C source.",
    });
  }
  return { name: policyName(path), path, bytes, sha256: sha256(bytes) };
}

// Fields of the ELF header (elf.h): e_ident[EI_CLASS] at 4, e_ident[EI_DATA] at 5, e_type at 16,
// e_machine at 18.
const elfMagic = "\x7fELF";
const class64 = 2;
const littleEndian = 1;
/** ET_EXEC, and ET_DYN for one that can lie at any address. */
const executable = [2, 3];
/** EM_X86_64: what the lab's guests are. */
const machineX86 = 62;

function faultOf(bytes: Buffer): string | null {
  if (bytes.length < 64 || bytes.toString("latin1", 0, 4) !== elfMagic) return "is no ELF program";
  if (bytes.readUInt8(4) !== class64 || bytes.readUInt8(5) !== littleEndian) {
    return "is no 64-bit program";
  }
  if (bytes.readUInt16LE(18) !== machineX86) return "is a program for another processor";
  return executable.includes(bytes.readUInt16LE(16)) ? null : "is an object, not a program";
}
