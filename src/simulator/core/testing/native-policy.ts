// Small policies written against Kernel and PolicyOps directly, for the core's own tests and benchmarks.

import type { Kernel } from "../kernel.ts";
import { type OpName, opNames, type PolicyOps } from "../policy-ops.ts";

export type NativeOps = Partial<Omit<PolicyOps, "defined" | "settings">> & {
  settings?: Partial<PolicyOps["settings"]>;
};

const methodOf = (op: OpName): keyof PolicyOps =>
  op.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) as keyof PolicyOps;

const missing = (): never => {
  throw new Error("an op was called that the policy does not define");
};

/** Ops that are given are defined; the others must never be called. */
export function nativePolicy(ops: NativeOps): PolicyOps {
  const { settings, ...methods } = ops;
  const defined = new Set(opNames.filter((op) => methodOf(op) in methods));
  const policy: Record<string, unknown> = {
    defined,
    settings: { name: "native", flags: 0, timeoutMs: 0, dispatchMaxBatch: 0, ...settings },
  };
  for (const op of opNames) policy[methodOf(op)] = missing;
  return Object.assign(policy, methods) as unknown as PolicyOps;
}

/** Holds the kernel for a policy that is made before the machine. */
export class KernelSlot {
  #kernel: Kernel | null = null;

  readonly attach = (kernel: Kernel): void => {
    this.#kernel = kernel;
  };

  get kernel(): Kernel {
    if (this.#kernel === null) throw new Error("no kernel is attached yet");
    return this.#kernel;
  }
}
