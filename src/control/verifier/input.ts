// Stage 1: what the file is. C source or a BPF object, its size, its encoding.

import { extname } from "node:path";
import { SchedcpError } from "../../contract/errors.ts";
import { limits } from "../../contract/limits.ts";
import type { Finding } from "../../contract/verdict.ts";
import { nameSchema } from "../../contract/workload.ts";
import { sectionNames } from "./elf-sections.ts";
import type { StageOutcome } from "./stage-record.ts";

export type VerifierInput =
  | { kind: "source"; name: string; source: string }
  | { kind: "object"; name: string; object: Uint8Array };

const elfMagic = "\x7fELF";
/** ELF machine number of BPF (linux/elf-em.h). */
const machineBpf = 247;

export function examineInput(input: VerifierInput): StageOutcome {
  const finding = input.kind === "source" ? sourceFault(input.source) : objectFault(input.object);
  return finding === null
    ? { status: "pass", findings: [] }
    : { status: "reject", findings: [finding] };
}

function sourceFault(source: string): Finding | null {
  const bytes = Buffer.byteLength(source);
  if (bytes > limits.policySourceBytesMax) return tooLarge(bytes, limits.policySourceBytesMax);
  if (source.includes("\0")) {
    return fault("the source holds a NUL character", "Give C source text, or a BPF object (.o).");
  }
  if (source.trim() === "") {
    return fault("the source is empty", "Write a sched_ext scheduler; see policies/fifo for one.");
  }
  return null;
}

function objectFault(object: Uint8Array): Finding | null {
  if (object.length > limits.policyObjectBytesMax) {
    return tooLarge(object.length, limits.policyObjectBytesMax);
  }
  const bytes = Buffer.from(object.buffer, object.byteOffset, object.byteLength);
  if (bytes.length < 64 || bytes.toString("latin1", 0, 4) !== elfMagic) {
    return fault(
      "it is no ELF object",
      "Compile with `clang -target bpf -c`, or give the C source.",
    );
  }
  // e_ident[EI_DATA] = 1: little-endian; e_machine at 18.
  if (bytes.readUInt8(5) !== 1 || bytes.readUInt16LE(18) !== machineBpf) {
    return fault("it is an ELF object, but not of BPF", "Compile with `clang -target bpf -c`.");
  }
  if (sectionNames(object) === null) {
    return fault(
      "its table of sections is broken: it is cut off, or not what a compiler wrote",
      "Compile again with `clang -target bpf -c`, and give the file whole.",
    );
  }
  return null;
}

function tooLarge(bytes: number, bytesMax: number): Finding {
  return fault(`it has ${bytes} bytes; ${bytesMax} are allowed`, "Strip it, or make it smaller.");
}

function fault(message: string, hint: string): Finding {
  return { rule: "input/form", severity: "error", message, hint };
}

/** A file's bytes as what its content says it is; its name from the file's. */
export function inputOf(path: string, bytes: Buffer): VerifierInput {
  const name = policyName(path);
  if (bytes.toString("latin1", 0, 4) === elfMagic) return { kind: "object", name, object: bytes };
  try {
    // A byte order mark stays, so that the source's digest is the file's.
    const source = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { kind: "source", name, source };
  } catch (error) {
    throw new SchedcpError("file-unreadable", `${path} is neither UTF-8 text nor a BPF object`, {
      hint: "Give C source in UTF-8, or an object made by clang -target bpf.",
      cause: error,
    });
  }
}

/** `My_policy.bpf.c` → `my-policy`; `policy.bpf.c` takes its folder's name. */
export function policyName(path: string): string {
  const parts = path.split("/").filter(Boolean);
  const file = (parts.at(-1) ?? "policy").replace(extname(path), "").replace(/\.bpf$/, "");
  const base = file === "policy" ? (parts.at(-2) ?? file) : file;
  const name = base
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 48);
  return nameSchema.safeParse(name).success ? name : "policy";
}
