import fc from "fast-check";
import { expect, test } from "vitest";
import { SimulatorLimit } from "../errors.ts";
import type { Access } from "./memory.ts";
import { createSandboxMemory } from "./sandbox-memory.ts";

const accesses: readonly Access[] = ["none", "read", "read-write"];

test("the shadow says of every byte what was last asked for", () => {
  const memory = createSandboxMemory(1 << 20);
  const change = fc.record({
    from: fc.nat(199),
    size: fc.nat(60),
    access: fc.constantFrom(...accesses),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      const start = memory.allocate(260, "none", "block");
      const model = Array.from({ length: 260 }, (): Access => "none");
      for (const { from, size, access } of changes) {
        memory.protect(start + from, size, access);
        model.fill(access, from, from + size);
      }
      for (let at = 0; at < 260; at += 1) {
        for (const size of [1, 3, 8]) {
          const bytes = model.slice(at, at + size);
          const whole = at + size <= 260;
          const readable = whole && bytes.every((each) => each !== "none");
          expect(memory.allows(start + at, size, "read")).toBe(readable);
          const writable = whole && bytes.every((each) => each === "read-write");
          expect(memory.allows(start + at, size, "read-write")).toBe(writable);
        }
      }
      memory.release(start);
    }),
    { numRuns: 60 },
  );
});

test("allocations are zero, aligned, apart and told by name", () => {
  const memory = createSandboxMemory(1 << 20);
  const first = memory.allocate(20, "read-write", "map counters");
  const second = memory.allocate(8, "read", "task 7");
  expect(first % 8).toBe(0);
  expect(second - first).toBeGreaterThanOrEqual(20 + 32);
  expect(memory.allows(first, 20, "read-write")).toBe(true);
  expect(memory.allows(first, 21, "read")).toBe(false);
  expect(memory.allows(first - 1, 1, "read")).toBe(false);
  expect(memory.allows(second, 8, "read-write")).toBe(false);
  expect(memory.allows(0, 8, "read"), "loads there give 0, but nobody may be given it").toBe(false);
  expect(memory.describe(first)).toBe("map counters");
  expect(memory.describe(first + 3)).toBe("byte 3 of map counters");
  expect(memory.describe(first + 28)).toBe("8 bytes past the end of map counters");
  expect(memory.describe(second - 2)).toBe("2 bytes before the start of task 7");
  expect(memory.describe(16)).toBe("NULL + 16");
});

test("what was freed stays poisoned, and comes back as zeros", () => {
  const memory = createSandboxMemory(1 << 20);
  const freed = memory.allocate(24, "read-write", "node");
  memory.bytes.fill(9, freed, freed + 24);
  memory.release(freed);
  expect(memory.allows(freed, 1, "read")).toBe(false);
  expect(memory.describe(freed)).toBe("freed node");
  expect(() => memory.release(freed)).toThrow();
  const seen = new Set<number>();
  for (let round = 0; round < 200; round += 1) {
    const address = memory.allocate(24, "read-write", "node");
    expect(memory.bytes.slice(address, address + 24).every((byte) => byte === 0)).toBe(true);
    memory.bytes.fill(9, address, address + 24);
    seen.add(address);
    memory.release(address);
  }
  expect(seen.size, "a few dozen places serve them all").toBeLessThan(40);
});

test("the limit is an error before memory is taken", () => {
  const memory = createSandboxMemory(100_000);
  expect(() => memory.allocate(2 ** 40, "read", "map huge")).toThrow(SimulatorLimit);
  expect(() => memory.allocate(200_000, "read", "map huge")).toThrow(/200000 bytes for map huge/);
  expect(() => createSandboxMemory(2 ** 40)).toThrow(SimulatorLimit);
  expect(memory.allocate(50_000, "read", "map small")).toBeGreaterThan(0);
});

test("reset gives a memory as new", () => {
  const memory = createSandboxMemory(1 << 20);
  const first = memory.allocate(100, "read-write", "a");
  memory.bytes.fill(7, first, first + 100);
  memory.reset();
  expect(memory.allows(first, 1, "read")).toBe(false);
  expect(memory.usedBytes).toBe(0);
  const again = memory.allocate(100, "read", "b");
  expect(again).toBe(first);
  expect(memory.bytes.slice(again, again + 100).every((byte) => byte === 0)).toBe(true);
});
