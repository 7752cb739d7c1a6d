// Texts in an object that it may hold tasks' names against: short ones in its data, and those that the
// compiler made numbers of, because a policy that treats one name in a way of its own has to know that name.
// A name of which it knows only a hash is not found. Called by create-policy.ts.

import { decode, type Instruction } from "../machine/instruction.ts";
import type { BpfObject, MapDefinition } from "../object/bpf-object.ts";

/** TASK_COMM_LEN without its end. */
const nameBytesMax = 15;
const nameCharacters = /^[\w.:/+-]+$/;
/** A knob may hold a list of names with commas. */
const listBytesMax = 256;
/** Parts of one name are compared within so many instructions of each other. */
const gapMax = 8;
export const comparedNamesMax = 96;

/** Each once, those in the data first. `maps`: the object's, with the knobs' values. */
export function comparedNames(object: BpfObject, maps: readonly MapDefinition[]): string[] {
  const names = new Set<string>();
  for (const { section, initial } of maps) {
    if (section === null || initial === null) continue;
    for (const text of Buffer.from(initial).toString("latin1").split("\0")) {
      if (text.length > listBytesMax) continue;
      for (const name of text.split(",")) if (isName(name)) names.add(name);
    }
  }
  for (const of of object.functions) {
    for (const name of namesInCode(decode(of), (at) => of.references.has(at))) names.add(name);
  }
  return [...names].slice(0, comparedNamesMax);
}

function isName(text: string): boolean {
  return text.length >= 2 && text.length <= nameBytesMax && nameCharacters.test(text);
}

/** memcmp() and comparisons of single characters become immediates, one after the other. */
function namesInCode(code: readonly Instruction[], refers: (at: number) => boolean): string[] {
  const names: string[] = [];
  let joined = "";
  let last = -gapMax;
  for (const [at, instruction] of code.entries()) {
    const part = refers(at) ? "" : textOf(instruction);
    if (part === "") continue;
    if (isName(part)) names.push(part);
    joined = at - last > gapMax ? part : joined + part;
    last = at;
    if (joined !== part && isName(joined)) names.push(joined);
  }
  return names;
}

/** The characters that an instruction's immediate stands for; "" where it does for none. */
function textOf(instruction: Instruction): string {
  if (instruction.kind === "constant") return letters(instruction.low, instruction.high);
  const compares =
    instruction.kind === "branch" &&
    (instruction.condition === "eq" || instruction.condition === "ne");
  const combines =
    (instruction.kind === "alu" &&
      (instruction.operation === "xor" || instruction.operation === "mov")) ||
    (instruction.kind === "store" && instruction.bytes >= 2);
  if (!compares && !combines) return "";
  const { operand } = instruction;
  if (!("constant" in operand)) return "";
  const text = letters(operand.constant, operand.constant < 0 ? -1 : 0);
  // Of single characters only comparisons count: any number up to 126 may be meant as one.
  return text.length === 1 && !compares ? "" : text;
}

function letters(low: number, high: number): string {
  let text = "";
  for (const half of [low, high]) {
    for (let shift = 0; shift < 32; shift += 8)
      text += String.fromCharCode((half >>> shift) & 0xff);
  }
  const end = text.indexOf("\0");
  const used = end < 0 ? text : text.slice(0, end);
  const clean = end < 0 || /^\0+$/.test(text.slice(end));
  return clean && nameCharacters.test(used) ? used : "";
}
