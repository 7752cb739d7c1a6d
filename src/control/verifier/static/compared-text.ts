// Texts that a program compares the name of a task or cgroup with: compilers make comparisons of 1, 2, 4 or 8 bytes each,
// whose constants are put together here by where the bytes lie.

import type { BranchFact, Facts, Site } from "./facts.ts";
import { instructionOf } from "./machine.ts";
import { hasSource } from "./origins.ts";
import type { Evidence } from "./rule.ts";
import type { Value } from "./value.ts";

export interface ComparedText {
  readonly site: Site;
  readonly text: string;
}

const nameBytesMax = 16;
/** Many names can be asked for; more than this are not put together. */
const textsMax = 1000;

interface Piece {
  /** Where the compared bytes were loaded from, in their base; null: cut out of more bytes. */
  readonly offset: number | null;
  readonly text: string;
  readonly site: Site;
}

export function comparedTexts(evidence: Evidence): ComparedText[] {
  return [...byBranches(evidence.facts), ...byHelper(evidence)];
}

/** bpf_strncmp(name, size, text): the text is read-only data. */
function byHelper({ calls, object }: Evidence): ComparedText[] {
  return calls.flatMap((call): ComparedText[] => {
    const text = call.args[2];
    if (call.name !== "bpf_strncmp" || text?.region?.kind !== "map-value") return [];
    const bytes = object.maps[text.region.map]?.initial ?? new Uint8Array(0);
    const from = Number(text.lo);
    const piece = Buffer.from(bytes.subarray(from, from + nameBytesMax)).toString("latin1");
    return [{ site: call, text: piece.split("\0", 1)[0] ?? "" }];
  });
}

function byBranches(facts: Facts): ComparedText[] {
  const byActivation = new Map<string, Piece[]>();
  for (const branch of facts.branches.values()) {
    const piece = pieceOf(branch);
    if (piece === null) continue;
    const list = byActivation.get(branch.activation.key);
    if (list === undefined) byActivation.set(branch.activation.key, [piece]);
    else list.push(piece);
  }
  return [...byActivation.values()].flatMap((pieces) => [...joined(pieces), ...windows(pieces)]);
}

function pieceOf(branch: BranchFact): Piece | null {
  const { left, right, activation } = branch;
  const isName = (value: Value): boolean =>
    hasSource(value.origins, "field:task_struct.comm", "field:kernfs_node.name") &&
    value.region === null;
  const [name, other] = isName(left) ? [left, right] : [right, left];
  if (!isName(name) || other.region !== null || other.lo !== other.hi) return null;
  const made = instructionOf(name.id);
  const load = made === null ? undefined : activation.program.code[made];
  const text = textOf(other.lo);
  if (text === "") return null;
  return { offset: load?.kind === "load" ? load.offset : null, text, site: branch };
}

function textOf(value: bigint): string {
  let text = "";
  for (let rest = value; rest > 0n && text.length < 8; rest >>= 8n)
    text += String.fromCharCode(Number(rest & 0xffn));
  return text;
}

/** Every way to put pieces that follow each other together, from each beginning. */
function joined(pieces: readonly Piece[]): ComparedText[] {
  const found: ComparedText[] = [];
  const grow = (text: string, end: number, site: Site): void => {
    const next = pieces.filter(({ offset }) => offset === end);
    if (next.length === 0 || text.length > nameBytesMax) found.push({ text, site });
    else if (found.length < textsMax)
      for (const each of next) grow(text + each.text, end + each.text.length, site);
  };
  for (const { offset, text, site } of pieces)
    if (offset !== null) grow(text, offset + text.length, site);
  return found;
}

/** All runs of comparisons that follow each other in the code, which may be in any order of the bytes. */
function windows(pieces: readonly Piece[]): ComparedText[] {
  const ordered = [...pieces].sort((a, b) => a.site.instruction - b.site.instruction);
  const found: ComparedText[] = [];
  for (const [start, { site }] of ordered.entries()) {
    let text = "";
    for (const piece of ordered.slice(start)) {
      text += piece.text;
      if (text.length > nameBytesMax || found.length >= textsMax) break;
      found.push({ text, site });
    }
  }
  return found;
}
