// Whether a branch only bounds a number: `x > C ? C : x`. The compiler makes a branch around one move of it.

import type { BranchFact } from "./facts.ts";

/** `bound`: the constant that the branch compares with. */
export function isClamp(
  { activation, instruction, left, right }: BranchFact,
  bound: bigint,
): boolean {
  const { code, flow } = activation.program;
  const block = flow.blocks[flow.blockOf[instruction] ?? -1];
  const near = new Set([bound - 1n, bound, bound + 1n]);
  const isMoveOfBound = (at: number): boolean => {
    const one = code[at];
    return (
      one?.kind === "alu" &&
      one.operation === "mov" &&
      "constant" in one.operand &&
      near.has(BigInt(one.operand.constant))
    );
  };
  if (left.region !== null || right.region !== null) return false;
  for (const successor of block?.successors ?? []) {
    const { start = 0, end = 0 } = flow.blocks[successor] ?? {};
    if (end - start <= 2 && isMoveOfBound(start)) return true;
  }
  // The constant can also be put in before the branch and the number after it.
  const from = block?.start ?? 0;
  for (let at = instruction - 1; at >= from && at >= instruction - 3; at -= 1)
    if (isMoveOfBound(at)) return true;
  return false;
}
