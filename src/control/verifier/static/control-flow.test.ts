// Blocks, dominators, control dependence and loops of small graphs, written as instructions.

import { expect, test } from "vitest";
import type { Instruction } from "../../../simulator/machine/instruction.ts";
import { controlFlow, dominates } from "./control-flow.ts";

const branch = (target: number): Instruction => ({
  ...{ kind: "branch", condition: "eq", wide: true, dst: 1 },
  ...{ operand: { constant: 0 }, target },
});
const jump = (target: number): Instruction => ({ kind: "jump", target });
const nothing: Instruction = { kind: "skip" };
const exit: Instruction = { kind: "exit" };

test("a branch decides its two sides and not what comes after", () => {
  // 0: if → 3; 1: skip; 2: goto 4; 3: skip; 4: exit
  const flow = controlFlow([branch(3), nothing, jump(4), nothing, exit]);
  const at = (instruction: number) => flow.blockOf[instruction] ?? -1;
  expect(flow.blocks).toHaveLength(4);
  expect(flow.controllers[at(1)]).toEqual([at(0)]);
  expect(flow.controllers[at(3)]).toEqual([at(0)]);
  expect(flow.controllers[at(4)]).toEqual([]);
  expect(flow.postDominator[at(0)]).toBe(at(4));
  expect(dominates(flow, at(0), at(4))).toBe(true);
  expect(dominates(flow, at(1), at(4))).toBe(false);
  expect(flow.loops).toEqual([]);
});

test("what follows an early exit depends on the branch to it", () => {
  // 0: if → 2; 1: exit; 2: skip; 3: exit
  const flow = controlFlow([branch(2), exit, nothing, exit]);
  const at = (instruction: number) => flow.blockOf[instruction] ?? -1;
  expect(flow.controllers[at(2)]).toEqual([at(0)]);
  expect(flow.postDominator[at(0)]).toBe(flow.blocks.length);
});

test("a loop has its head, its body and its way out", () => {
  // 0: skip; 1: if → 4; 2: skip; 3: goto 1; 4: exit
  const flow = controlFlow([nothing, branch(4), nothing, jump(1), exit]);
  const at = (instruction: number) => flow.blockOf[instruction] ?? -1;
  expect(flow.loops).toHaveLength(1);
  expect(flow.loops[0]?.head).toBe(at(1));
  expect([...(flow.loops[0]?.body ?? [])].sort()).toEqual([at(1), at(2)].sort());
  expect(flow.isInLoop[at(4)]).toBe(0);
  expect(flow.controllers[at(2)]).toEqual([at(1)]);
});

test("an endless loop and dead code are no trouble", () => {
  const flow = controlFlow([nothing, jump(0), nothing, exit]);
  expect(flow.blockOf[3]).toBe(-1);
  expect(flow.loops).toHaveLength(1);
});
