// A BPF object as plain data, after linking and CO-RE against one kernel's BTF: what readBpfObject()
// makes, what machine/ translates and what runtime/ gives memory to. Indices, not pointers, connect it.

import type { Btf } from "./btf.ts";

/** What a load of a 64-bit immediate or a call refers to. */
export type Reference =
  /** The map's own handle, as helpers take it. */
  | { readonly kind: "map"; readonly map: number }
  /** A byte of the one value of a global-data map (or of an arena's data). */
  | { readonly kind: "map-value"; readonly map: number; readonly offset: number }
  /** A call of a subprogram, or a pointer to it (a callback). */
  | { readonly kind: "function"; readonly function: number }
  /** A call of a kfunc, or the address of a kernel function or variable (0 where it is absent). */
  | { readonly kind: "ksym"; readonly ksym: number }
  /** CO-RE found nothing: libbpf lets the program fail to load if the instruction is reachable. */
  | { readonly kind: "poison"; readonly reason: string };

export interface SourceLine {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** A field of a structure in the kernel, in its words: "task_struct" and "scx.slice". */
export interface KernelField {
  readonly structure: string;
  /** Names alone: elements of arrays are their array. */
  readonly path: string;
}

/** What CO-RE was asked whether the kernel has it, and it has not. */
export interface Lacking {
  /** "struct xfs_inode", "task_struct.gone" */
  readonly what: string;
  /** There is no type of that name at all. */
  readonly isWhole: boolean;
}

/** A function of the object: an entry program or a subprogram. */
export interface BpfFunction {
  readonly name: string;
  /** ELF section: "struct_ops/x", "struct_ops.s/x" (sleepable), ".text", "syscall", … */
  readonly section: string;
  /** Instructions, 8 bytes each, CO-RE applied; immediates under `references` mean nothing. */
  readonly code: Uint8Array;
  /** By index of the instruction (of its first half for 64-bit immediates). */
  readonly references: ReadonlyMap<number, Reference>;
  /** The C line of an instruction; null without line information. */
  lineAt(instruction: number): SourceLine | null;
  /** The kernel's field whose place an instruction has by CO-RE; null where it has none. */
  fieldAt(instruction: number): KernelField | null;
  /** What an instruction's "does it exist?" was answered no for; null: it asks nothing, or it exists. */
  lacksAt(instruction: number): Lacking | null;
}

export interface MapDefinition {
  readonly name: string;
  /** BPF_MAP_TYPE_*: 1 hash, 2 array, 6 per-CPU array, 9 LRU, 29 task storage, 33 arena, … */
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  /** BPF_F_*. Read-only data has BPF_F_RDONLY_PROG (0x80). */
  readonly flags: number;
  /** Ids in the object's BTF; 0 where the definition gives only sizes. */
  readonly keyType: number;
  readonly valueType: number;
  /** `map_extra` of the definition. */
  readonly extra: bigint;
  /** It asks to be pinned by its name (LIBBPF_PIN_BY_NAME). */
  readonly pinned: boolean;
  /** Global data: the section it holds (".data", ".rodata", ".bss.x", ".kconfig", …); else null. */
  readonly section: string | null;
  /**
   * Bytes that the value (global data) or the start of the arena has at load. Null: nothing but zeros,
   * or no global data.
   */
  readonly initial: Uint8Array | null;
  /** Map in map: index of the definition of what its values are. */
  readonly inner: number | null;
  /** Map in map or program array: [key, index of the map or function] set by the object itself. */
  readonly slots: readonly (readonly [number, number])[];
}

export type GlobalType =
  | { readonly kind: "integer"; readonly bytes: number; readonly signed: boolean }
  | { readonly kind: "bool"; readonly bytes: number }
  | { readonly kind: "text"; readonly bytes: number }
  | { readonly kind: "other"; readonly bytes: number };

/** A variable of .data, .rodata, .bss and their like. */
export interface GlobalVariable {
  readonly name: string;
  readonly map: number;
  readonly offset: number;
  readonly size: number;
  readonly type: GlobalType;
  /** Id in the object's BTF of its type, modifiers included; 0 for statics without BTF. */
  readonly typeId: number;
}

/** An external symbol of the kernel (`__ksym`). */
export interface Ksym {
  /** As the kernel has it: the object's name without its last `___suffix`. */
  readonly name: string;
  readonly symbol: string;
  readonly kind: "function" | "variable";
  readonly weak: boolean;
  /** Whether the target's BTF has it with a compatible type. An absent strong one is an ObjectError. */
  readonly present: boolean;
  /** Id in the kernel's BTF (of the FUNC or VAR); 0 where absent. */
  readonly kernelType: number;
  /** A variable of .data..percpu: its address is only good for bpf_per_cpu_ptr and bpf_this_cpu_ptr. */
  readonly perCpu: boolean;
  /** Size of a variable in bytes by the kernel's BTF, 0 for functions and `extern void`. */
  readonly size: number;
}

export type StructOpsMember =
  /** `function` indexes BpfObject.functions; null: not set. */
  | { readonly name: string; readonly kind: "program"; readonly function: number | null }
  /** `bytes` as in the object, as long as the kernel's member. */
  | { readonly name: string; readonly kind: "data"; readonly bytes: Uint8Array };

/** A variable of a `.struct_ops` or `.struct_ops.link` section. */
export interface StructOps {
  readonly name: string;
  /** "sched_ext_ops" */
  readonly type: string;
  /** In the order of the kernel's structure; members that only the object knows are zero and left out. */
  readonly members: readonly StructOpsMember[];
}

export interface BpfObject {
  readonly license: string;
  readonly functions: readonly BpfFunction[];
  readonly maps: readonly MapDefinition[];
  /** By name. Statics of the same name in other sections: the first wins. */
  readonly globals: ReadonlyMap<string, GlobalVariable>;
  readonly ksyms: readonly Ksym[];
  readonly structOps: readonly StructOps[];
  /** Names of `extern … __kconfig` whose value is not known: they read 0. */
  readonly unknownKconfig: readonly string[];
  readonly btf: Btf;
  readonly kernelBtf: Btf;
}
