// What a pointer points into. One object for each region of an analysis, so that === compares them.

export type Region =
  /** The arguments of an op. */
  | { readonly kind: "context" }
  | { readonly kind: "stack"; readonly frame: number }
  | { readonly kind: "map-value"; readonly map: number }
  /** A map's own handle. */
  | { readonly kind: "map"; readonly map: number }
  /** A kernel object by its type's id in the kernel's BTF. `role`: "p", "prev", … of an op, else "". */
  | { readonly kind: "kernel"; readonly type: number; readonly role: string }
  /** What bpf_obj_new and its like give. */
  | { readonly kind: "heap"; readonly name: string }
  /** The number that bpf_iter_num_next points to: the value's range is the number's, not an offset. */
  | { readonly kind: "number" }
  /** On the stack: a numeric iterator (the range is that of its numbers). */
  | { readonly kind: "number-iterator" }
  /** On the stack: an iterator over a DSQ (the range is that of the DSQ's id). */
  | { readonly kind: "queue-iterator" }
  | { readonly kind: "ksym"; readonly name: string }
  | { readonly kind: "function"; readonly function: number }
  | { readonly kind: "unknown" };

function keyOf(region: Region): string {
  switch (region.kind) {
    case "stack":
      return `stack ${region.frame}`;
    case "map-value":
    case "map":
      return `${region.kind} ${region.map}`;
    case "kernel":
      return `kernel ${region.type} ${region.role}`;
    case "heap":
    case "ksym":
      return `${region.kind} ${region.name}`;
    case "function":
      return `function ${region.function}`;
    default:
      return region.kind;
  }
}

const known = new Map<string, Region>();
/** Names come from objects: the table must not grow without end over a long life. */
const knownMax = 20_000;

export function regionOf(region: Region): Region {
  const key = keyOf(region);
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size >= knownMax) known.clear();
  known.set(key, region);
  return region;
}

export const unknownRegion = regionOf({ kind: "unknown" });
