// Messages between the control plane and its confined process: JSON, one a line, typed arrays as base64.
// JSON and no structured clone, because who reads an answer must not trust who wrote it.

const arrays = { Uint8Array, Int32Array, Float64Array } as const;
type ArrayName = keyof typeof arrays;
type TypedArray = Uint8Array | Int32Array | Float64Array;

const mark = "$array";

/** Without the newline. Numbers that JSON has not (NaN, infinities) become null. */
export function toLine(message: unknown): string {
  return JSON.stringify(message, function (this: Record<string, unknown>, key, value) {
    // Not `value`: a Buffer turns itself into a list of numbers first.
    const own = this[key];
    return own instanceof Uint8Array || own instanceof Int32Array || own instanceof Float64Array
      ? { [mark]: nameOf(own), data: bytesOf(own).toString("base64") }
      : value;
  });
}

/** Throws SyntaxError where the line is none of these messages. */
export function fromLine(line: string): unknown {
  return JSON.parse(line, (_, value: unknown) => {
    if (typeof value !== "object" || value === null || !(mark in value)) return value;
    const data = "data" in value ? value.data : null;
    const name = value[mark];
    if (!isArrayName(name) || typeof data !== "string") throw new SyntaxError("no typed array");
    return arrayOf(name, Buffer.from(data, "base64"));
  });
}

function nameOf(array: TypedArray): ArrayName {
  if (array instanceof Int32Array) return "Int32Array";
  return array instanceof Float64Array ? "Float64Array" : "Uint8Array";
}

function bytesOf({ buffer, byteOffset, byteLength }: TypedArray): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function isArrayName(name: unknown): name is ArrayName {
  return typeof name === "string" && Object.hasOwn(arrays, name);
}

/** A copy: a Buffer's bytes lie anywhere, and wider elements have to be aligned. */
function arrayOf(name: ArrayName, bytes: Buffer): TypedArray {
  const kind = arrays[name];
  if (bytes.length % kind.BYTES_PER_ELEMENT !== 0) throw new SyntaxError(`no whole ${name}`);
  return new kind(new Uint8Array(bytes).buffer);
}
