// Writes the WebAssembly binary format (core specification, chapter 5): a growing buffer with LEB128
// numbers, and the sections that the translator needs. Knows nothing of BPF.

export const valueTypes = { i32: 0x7f, i64: 0x7e, f64: 0x7c } as const;
export type ValueType = (typeof valueTypes)[keyof typeof valueTypes];

/** Opcodes by their names in the specification. */
export const op = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  i32Load: 0x28,
  i64Load: 0x29,
  i32Load16U: 0x2f,
  i64Load8S: 0x30,
  i64Load8U: 0x31,
  i64Load16S: 0x32,
  i64Load16U: 0x33,
  i64Load32S: 0x34,
  i64Load32U: 0x35,
  i32Store: 0x36,
  i64Store: 0x37,
  i64Store8: 0x3c,
  i64Store16: 0x3d,
  i64Store32: 0x3e,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtS: 0x4a,
  i32GtU: 0x4b,
  i32LeS: 0x4c,
  i32LeU: 0x4d,
  i32GeS: 0x4e,
  i32GeU: 0x4f,
  i64Eqz: 0x50,
  i64Eq: 0x51,
  i64Ne: 0x52,
  i64LtS: 0x53,
  i64LtU: 0x54,
  i64GtS: 0x55,
  i64GtU: 0x56,
  i64LeS: 0x57,
  i64LeU: 0x58,
  i64GeS: 0x59,
  i64GeU: 0x5a,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32DivS: 0x6d,
  i32DivU: 0x6e,
  i32RemS: 0x6f,
  i32RemU: 0x70,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32ShrS: 0x75,
  i32ShrU: 0x76,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64DivS: 0x7f,
  i64DivU: 0x80,
  i64RemS: 0x81,
  i64RemU: 0x82,
  i64And: 0x83,
  i64Or: 0x84,
  i64Xor: 0x85,
  i64Shl: 0x86,
  i64ShrS: 0x87,
  i64ShrU: 0x88,
  i32WrapI64: 0xa7,
  i64ExtendI32S: 0xac,
  i64ExtendI32U: 0xad,
  f64ConvertI32U: 0xb8,
  i32Extend8S: 0xc0,
  i32Extend16S: 0xc1,
  i64Extend8S: 0xc2,
  i64Extend16S: 0xc3,
  i64Extend32S: 0xc4,
} as const;

export const emptyBlock = 0x40;

const encoder = new TextEncoder();

export class WasmWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + size));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  byte(...values: readonly number[]): this {
    this.#reserve(values.length);
    for (const value of values) this.#bytes[this.#length++] = value;
    return this;
  }

  append(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** 0 to 2^32 − 1. */
  unsigned(value: number): this {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.byte(rest);
  }

  /** A signed number of 64 bits in two halves. */
  signedHalves(low: number, high: number): this {
    let [a, b] = [low | 0, high | 0];
    for (;;) {
      const byte = a & 0x7f;
      a = (a >>> 7) | (b << 25);
      b >>= 7;
      const done = (a === 0 && b === 0 && byte < 0x40) || (a === -1 && b === -1 && byte >= 0x40);
      if (done) return this.byte(byte);
      this.byte(byte | 0x80);
    }
  }

  /** −2^31 to 2^31 − 1. */
  signed(value: number): this {
    return this.signedHalves(value, value < 0 ? -1 : 0);
  }

  text(value: string): this {
    const bytes = encoder.encode(value);
    return this.unsigned(bytes.length).append(bytes);
  }

  i32Const(value: number): this {
    return this.byte(op.i32Const).signed(value | 0);
  }

  /** Sign-extended from 32 bits. */
  i64Const(value: number): this {
    return this.byte(op.i64Const).signed(value | 0);
  }

  get(local: number): this {
    return this.byte(op.localGet).unsigned(local);
  }

  set(local: number): this {
    return this.byte(op.localSet).unsigned(local);
  }

  tee(local: number): this {
    return this.byte(op.localTee).unsigned(local);
  }

  call(index: number): this {
    return this.byte(op.call).unsigned(index);
  }

  /** A load or store; alignment is only a hint, so none is claimed. */
  memory(opcode: number, offset: number): this {
    return this.byte(opcode, 0).unsigned(offset);
  }

  section(id: number, body: WasmWriter): this {
    return this.byte(id).unsigned(body.length).append(body.finish());
  }
}

export interface FunctionType {
  parameters: readonly ValueType[];
  results: readonly ValueType[];
}

/** Function types, each once. */
export class TypeTable {
  readonly #index = new Map<string, number>();
  readonly #types: FunctionType[] = [];

  of(type: FunctionType): number {
    const key = `${type.parameters.join(",")}:${type.results.join(",")}`;
    const known = this.#index.get(key);
    if (known !== undefined) return known;
    this.#index.set(key, this.#types.length);
    return this.#types.push(type) - 1;
  }

  write(): WasmWriter {
    const body = new WasmWriter().unsigned(this.#types.length);
    for (const { parameters, results } of this.#types) {
      body
        .byte(0x60)
        .unsigned(parameters.length)
        .byte(...parameters);
      body.unsigned(results.length).byte(...results);
    }
    return body;
  }
}
