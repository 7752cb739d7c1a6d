// Objects that programs make: bpf_obj_new, bpf_percpu_obj_new, bpf_cpumask_create. Counted references;
// what the last one gave back can no longer be touched.

import type { SandboxMemory } from "../../machine/memory.ts";

export class Heap {
  readonly #memory: SandboxMemory;
  readonly #references = new Map<number, number>();
  /** Per-CPU objects: distance of their copies. */
  readonly #strides = new Map<number, number>();

  constructor(memory: SandboxMemory) {
    this.#memory = memory;
  }

  create(size: number, label: string): number {
    const address = this.#memory.allocate(size, "read-write", label);
    this.#references.set(address, 1);
    return address;
  }

  createPerCpu(size: number, cpus: number, label: string): number {
    const stride = Math.ceil(size / 8) * 8;
    const address = this.create(stride * cpus, label);
    this.#strides.set(address, stride);
    return address;
  }

  onCpu(address: number, cpu: number): number {
    const stride = this.#strides.get(address);
    return stride === undefined ? 0 : address + cpu * stride;
  }

  has(address: number): boolean {
    return this.#references.has(address);
  }

  acquire(address: number): void {
    this.#references.set(address, (this.#references.get(address) ?? 0) + 1);
  }

  /** False where it is no object of the heap. */
  release(address: number): boolean {
    const count = this.#references.get(address);
    if (count === undefined) return false;
    if (count > 1) {
      this.#references.set(address, count - 1);
      return true;
    }
    this.#references.delete(address);
    this.#strides.delete(address);
    this.#memory.release(address);
    return true;
  }
}
