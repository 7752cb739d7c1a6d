// What a policy instance is made of and what it gives: the contract between the runtime and whoever
// simulates. Data and interfaces only; create-policy.ts makes them.

import type { Kernel } from "../core/kernel.ts";
import type { OpsSettings, PolicyOps } from "../core/policy-ops.ts";
import type { VisibleState } from "../core/visible-state.ts";
import type { Unsupported } from "../machine/calls.ts";
import type { Btf } from "../object/btf.ts";
import type { CgroupSpec, Topology } from "../scenario/scenario.ts";
import type { KnobValue } from "./knobs.ts";

export interface PolicyRequest {
  /** The ELF object, as clang wrote it or stripped. Read and translated once per array. */
  objectBytes: Uint8Array;
  /** The target kernel's types: kernelBtf() or kernelBtfOfFile() of object/kernel-btf.ts. */
  kernelBtf: Btf;
  /** Values of `const volatile` globals by name. An unknown name is a KnobError. */
  knobs?: Readonly<Record<string, KnobValue>>;
  /** Members of sched_ext_ops that the loader sets before it loads the object, over its own values. */
  imposed?: Partial<OpsSettings>;
  /** Entries of the map `hints`: index of a cgroup → expected CPU time, ms. Ignored without such a map. */
  hints?: ReadonlyMap<number, number>;
  topology: Topology;
  cgroups: readonly CgroupSpec[];
  limits?: Partial<PolicyLimits>;
}

export interface PolicyLimits {
  /** Linear memory, bytes: what is not touched costs only address space. */
  memoryBytes: number;
  /**
   * About one unit an instruction in loops; 10 million take some 10 ms. The kernel does not stop a
   * callback that takes longer: every CPU that needs the run queue waits.
   */
  fuelPerCallback: number;
}

/** The memory holds 100,000 tasks and a policy's state of each. */
export const policyLimits: PolicyLimits = {
  memoryBytes: 1400 * 1024 * 1024,
  fuelPerCallback: 20_000_000,
};

/**
 * One run's policy. A callback throws ProgramFault where the program does what the kernel would not let
 * it do, and one of the kind "unsupported" where it reaches something that is not modelled (the outcome
 * is then inconclusive). Not to be used for a second run: make a new one.
 */
export interface PolicyInstance {
  readonly ops: PolicyOps;
  readonly state: VisibleState;
  /** Before the first callback. */
  attach(kernel: Kernel): void;
  /**
   * Everything in the object that is not modelled, by name, reached or not. Grows while it runs by
   * features that only running shows.
   */
  readonly unsupported: readonly Unsupported[];
  /** Lines of bpf_printk, the first thousand. */
  readonly printed: readonly string[];
  /** A copy of a global variable's bytes, as the node's `policy.read-map` gives them; null: there is none. */
  global(name: string): Uint8Array | null;
  /** Texts in the object, its knobs' among them, that it may hold tasks' names against. */
  names(): readonly string[];
  /** The run is over and nobody looks any more: its memory may serve the next instance. */
  release(): void;
}
