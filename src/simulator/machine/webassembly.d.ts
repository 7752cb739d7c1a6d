// The part of WebAssembly's JavaScript interface that the simulator uses: Node has it, but its types
// come only with the DOM's.

declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number });
    readonly buffer: ArrayBuffer;
  }
  class Global {
    constructor(
      descriptor: { value: "i32" | "i64" | "f64"; mutable?: boolean },
      value?: number | bigint,
    );
    value: number;
  }
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }
  class CompileError extends Error {}
  class RuntimeError extends Error {}
}
