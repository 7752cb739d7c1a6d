// Where a number comes from, and which way it moves with each source: the provenance that rules ask for.
// Immutable; sources are texts such as "field:task_struct.pid" (see the functions below). Used by every
// part of the static analysis.

/**
 * How a value moves when its source grows. `control`: the source only decided which of several values it
 * is, by a branch.
 */
export const direction = { rising: 1, falling: -1, unknown: 0, control: 2 } as const;
export type Direction = (typeof direction)[keyof typeof direction];

export type Origins = ReadonlyMap<string, Direction>;

/** More sources than this are not told apart. */
const sourcesMax = 40;
const many = "many";

export const noOrigins: Origins = new Map();

/** A field of a kernel structure, "task_struct.scx.weight". */
export const fieldSource = (path: string): string => `field:${path}`;
/** The result of a kfunc or helper. `site` tells calls apart whose result rules follow. */
export const callSource = (name: string, site = ""): string =>
  site === "" ? `call:${name}` : `call:${name}@${site}`;
/** An argument of an op, "enqueue.enq_flags". */
export const argumentSource = (name: string): string => `arg:${name}`;
/** A place in the policy's own memory; see Cell. */
export const cellSource = (cell: string): string => `cell:${cell}`;
/** What a map was asked with, or a table was read at: `place` tells which. Kept apart from what values are. */
export const keySource = (place: string, source: string): string => `key:${place}|${source}`;
export const indexSource = (place: string, source: string): string => `index:${place}|${source}`;
/** A `const volatile` global. */
export const knobSource = (name: string): string => `knob:${name}`;

/**
 * How a value was made of what is in the policy's memory, which says whether a place there can go back:
 * "how:less" (something was taken away), "how:mixed" (multiplied, shifted, masked), "how:or",
 * "how:const N" (on some way it is N instead). No source of anything.
 */
const manner = "how:";
export const mannerSource = (how: string): string => `${manner}${how}`;

export function isManner(source: string): boolean {
  return source.startsWith(manner);
}

/** Without what only tells how. */
export function sourcesOf(origins: Origins): Origins {
  for (const source of origins.keys())
    if (isManner(source)) return new Map([...origins].filter(([each]) => !isManner(each)));
  return origins;
}

/** Sources that the value is made of, and not those that only chose it. */
export function dataSources(origins: Origins): string[] {
  const found: string[] = [];
  for (const [source, way] of origins)
    if (way !== direction.control && !isManner(source)) found.push(source);
  return found;
}

export function origin(source: string, way: Direction = direction.rising): Origins {
  return new Map([[source, way]]);
}

export function combineDirections(a: Direction, b: Direction): Direction {
  if (a === b || b === direction.control) return a;
  return a === direction.control ? b : direction.unknown;
}

export function composeDirections(outer: Direction, inner: Direction): Direction {
  if (outer === direction.control || inner === direction.control) return direction.control;
  return (outer * inner) as Direction;
}

function contains(a: Origins, b: Origins): boolean {
  for (const [source, way] of b) {
    const known = a.get(source);
    if (known === undefined || combineDirections(known, way) !== known) return false;
  }
  return true;
}

export function union(a: Origins, b: Origins): Origins {
  if (a === b || b.size === 0) return a;
  if (a.size === 0) return b;
  if (contains(a, b)) return a;
  if (contains(b, a)) return b;
  const found = new Map(a);
  for (const [source, way] of b) add(found, source, way);
  return found;
}

export function add(to: Map<string, Direction>, source: string, way: Direction): void {
  const known = to.get(source);
  if (known !== undefined) to.set(source, combineDirections(known, way));
  else if (to.size < sourcesMax) to.set(source, way);
  else to.set(many, direction.unknown);
}

/** The same sources, each seen through something that moves as `outer` does. */
export function through(origins: Origins, outer: Direction): Origins {
  if (origins.size === 0 || outer === direction.rising) return origins;
  const found = new Map<string, Direction>();
  for (const [source, way] of origins) found.set(source, composeDirections(outer, way));
  return found;
}

export function sameOrigins(a: Origins, b: Origins): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [source, way] of a) if (b.get(source) !== way) return false;
  return true;
}

/** Whether one of the sources is of the kind: a prefix such as "field:task_struct.pid" or "call:". */
export function hasSource(origins: Origins, ...prefixes: readonly string[]): boolean {
  for (const source of origins.keys())
    if (prefixes.some((prefix) => source.startsWith(prefix))) return true;
  return false;
}
