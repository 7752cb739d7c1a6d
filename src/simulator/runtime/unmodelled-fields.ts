// Which fields of the kernel a program goes to that nobody keeps: they would read as zeros, so that the
// policy could behave otherwise than in a kernel. Told from the object's CO-RE relocations, which the
// kernel's types in vmlinux.h make for every access. Called by unsupported.ts.

import type { KernelField } from "../object/bpf-object.ts";
import { kernelFields, ownStructures, zeroFields } from "./objects/kernel-fields.ts";
import type { Layout } from "./objects/layout.ts";

/** Structure → paths within it that are kept, whichever structure it lies in. */
type Modelled = ReadonlyMap<string, ReadonlySet<string>>;

const modelledIn = new WeakMap<Layout, Modelled>();

export function isModelled({ structure, path }: KernelField, layout: Layout): boolean {
  return ownStructures.has(structure) || keeps(modelledBy(layout), structure, path, layout);
}

function keeps(modelled: Modelled, structure: string, path: string, layout: Layout): boolean {
  const kept = modelled.get(structure);
  if (kept === undefined) return false;
  if (kept.has(path)) return true;
  // The place of a structure of which something is kept: what is read there is told on its own.
  for (const each of kept) if (each.startsWith(`${path}.`)) return true;
  const names = path.split(".");
  for (let count = names.length - 1; count > 0; count -= 1) {
    const outer = names.slice(0, count).join(".");
    if (!kept.has(outer)) continue;
    // A structure of which the table says more, or one that is kept as a whole.
    const inner = layout.structureAt(structure, outer);
    return !modelled.has(inner) || keeps(modelled, inner, names.slice(count).join("."), layout);
  }
  return false;
}

/** The table, and what it says of the structures within others: `&p->scx` is a sched_ext_entity. */
function modelledBy(layout: Layout): Modelled {
  const known = modelledIn.get(layout);
  if (known) return known;
  const found = new Map<string, Set<string>>();
  const keep = (structure: string, path: string) => {
    const paths = found.get(structure) ?? new Set();
    found.set(structure, paths.add(path));
  };
  for (const [structure, fields] of Object.entries(kernelFields)) {
    found.set(structure, found.get(structure) ?? new Set());
    for (const path of Object.values<string>(fields)) {
      keep(structure, path);
      const names = path.split(".");
      for (let count = 1; count < names.length; count += 1) {
        const inner = layout.structureAt(structure, names.slice(0, count).join("."));
        if (inner !== "") keep(inner, names.slice(count).join("."));
      }
    }
  }
  for (const [structure, paths] of Object.entries(zeroFields))
    for (const path of paths) keep(structure, path);
  modelledIn.set(layout, found);
  return found;
}
