import { expect, test } from "vitest";
import { parseTopology } from "./topology.ts";

test("a number is CPUs under one cache", () => {
  expect(parseTopology("3")).toEqual({
    llcOf: [0, 0, 0],
    coreOf: [0, 1, 2],
    nodeOf: [0, 0, 0],
    capacityOf: [1024, 1024, 1024],
  });
});

test("products are caches, cores and threads", () => {
  expect(parseTopology("2x2").llcOf).toEqual([0, 0, 1, 1]);
  const smt = parseTopology("2x2x2");
  expect(smt.coreOf).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  expect(smt.llcOf).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
});

test("keys come in any order, and what is left out is one", () => {
  const topology = parseTopology("smt=2,nodes=2,little=1");
  expect(topology.nodeOf).toEqual([0, 0, 1, 1]);
  expect(topology.llcOf).toEqual([0, 0, 1, 1]);
  expect(topology.capacityOf).toEqual([1024, 1024, 1024, 512]);
  expect(parseTopology("llc=2,cores=4,smt=2,nodes=1").llcOf).toHaveLength(16);
});

test.each([
  ["", "is none of"],
  ["0", "no whole number"],
  ["2x", "no whole number"],
  ["2x2x2x2", "three factors"],
  ["-4", "is none of"],
  ["9999x9999", "at most 1024"],
  ["cores=4,cores=5", "given twice"],
  ["sockets=2", "is none of"],
  ["cores=4=5", "is none of"],
  ["cores=1,little=1", "must not be little"],
  ["cores=\u001b[31m4", "no whole number"],
])("%j is refused", (text, words) => {
  expect(() => parseTopology(text)).toThrow(words);
  expect(() => parseTopology(text)).not.toThrow("\u001b");
});
