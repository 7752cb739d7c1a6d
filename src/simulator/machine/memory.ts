// The linear memory that a policy's programs see, with a shadow that says what each byte may be used
// for. Address 0 and the first page are nothing's. Sized once, never grown: views stay valid.

/** `none`: red zones and what was freed; `read`: kernel objects and constants. */
export type Access = "none" | "read" | "read-write";

export interface SandboxMemory {
  readonly wasm: WebAssembly.Memory;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Aligned 32-bit words, where a view's test of bounds and byte order would cost. */
  readonly words: Int32Array;
  /**
   * Zeroed, with red zones around it. `alignment`: a power of two, 8 unless said otherwise. Throws
   * SimulatorLimit where the limit is reached.
   */
  allocate(size: number, access: Access, label: string, alignment?: number): number;
  release(address: number): void;
  /** Changes what a part of an allocation may be used for (a writable field in a read-only object). */
  protect(address: number, size: number, access: Access): void;
  /** Whether a program may use all of these bytes so; calls ask it of pointers that they are given. */
  allows(address: number, size: number, access: "read" | "read-write"): boolean;
  /** "8 bytes past the end of map counters", for messages. */
  describe(address: number): string;
  /** Bytes from the first allocation to the end of the last, red zones included. */
  readonly usedBytes: number;
  /** As new: nothing is allocated, everything is zero. What ran on it must not run again. */
  reset(): void;
}
