// The argument structs that some ops are given a pointer to: one of each, written anew for every call.
// Layouts from the target's BTF.

import type { PolicyExit } from "../../core/policy-ops.ts";
import type { SandboxMemory } from "../../machine/memory.ts";
import { highOf } from "../words.ts";
import type { FieldPath, KernelStructure } from "./kernel-fields.ts";
import { type Layout, type Slots, slotsOf, store } from "./layout.ts";

/** default_bw_period_us(); without a limit the quota is all ones. */
const BANDWIDTH_PERIOD_US = 100_000;
/** SCX_EXIT_MSG_LEN. */
const MESSAGE_BYTES = 1024;
const REASON_BYTES = 64;

export class OpArguments {
  readonly #memory: SandboxMemory;
  readonly #structs: Record<string, number> = {};
  readonly #layout: Layout;
  readonly #initTask: Slots<"scx_init_task_args">;
  readonly #exitTask: Slots<"scx_exit_task_args">;

  constructor(memory: SandboxMemory, layout: Layout) {
    this.#memory = memory;
    this.#layout = layout;
    this.#initTask = slotsOf(layout, "scx_init_task_args");
    this.#exitTask = slotsOf(layout, "scx_exit_task_args");
  }

  #struct(name: string): number {
    const known = this.#structs[name];
    if (known !== undefined) return known;
    const made = this.#memory.allocate(this.#layout.size(name, 8), "read", name);
    this.#structs[name] = made;
    return made;
  }

  #text(name: string, size: number, text: string): number {
    const known = this.#structs[name];
    const at = known ?? this.#memory.allocate(size, "read", name);
    this.#structs[name] = at;
    this.#memory.bytes.fill(0, at, at + size);
    this.#memory.bytes.set(Buffer.from(text, "utf8").subarray(0, size - 1), at);
    return at;
  }

  #write<S extends KernelStructure>(
    name: S,
    values: Readonly<Partial<Record<FieldPath<S>, number>>>,
  ): number {
    const at = this.#struct(name);
    for (const [path, value] of Object.entries(values) as [FieldPath<S>, number][])
      store(this.#memory, at, this.#layout.slot(name, path), value);
    return at;
  }

  initTask(fork: boolean, cgroup: number): number {
    const at = this.#struct("scx_init_task_args");
    store(this.#memory, at, this.#initTask.fork, fork ? 1 : 0);
    store(this.#memory, at, this.#initTask.cgroup, cgroup);
    return at;
  }

  exitTask(cancelled: boolean): number {
    const at = this.#struct("scx_exit_task_args");
    store(this.#memory, at, this.#exitTask.cancelled, cancelled ? 1 : 0);
    return at;
  }

  cgroupInit(weight: number): number {
    return this.#write("scx_cgroup_init_args", {
      weight,
      bw_period_us: BANDWIDTH_PERIOD_US,
      bw_quota_us: Number.POSITIVE_INFINITY,
      bw_burst_us: 0,
    });
  }

  cpuAcquire(): number {
    return this.#struct("scx_cpu_acquire_args");
  }

  cpuRelease(reason: number, task: number): number {
    return this.#write("scx_cpu_release_args", { reason, task });
  }

  exit(exit: PolicyExit): number {
    const reason = this.#text("exit reason", REASON_BYTES, exit.reason);
    const msg = this.#text("exit message", MESSAGE_BYTES, exit.message);
    const dump = this.#text("exit dump", 8, "");
    const at = this.#write("scx_exit_info", { kind: exit.kind, exit_cpu: -1, reason, msg, dump });
    const code = this.#layout.slot("scx_exit_info", "exit_code");
    if (code.offset >= 0) {
      this.#memory.view.setUint32(at + code.offset, exit.code >>> 0, true);
      this.#memory.view.setUint32(at + code.offset + 4, highOf(exit.code), true);
    }
    return at;
  }
}
