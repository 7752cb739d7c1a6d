// Maps against models of them, on random sequences of operations, in a real sandbox memory.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ObjectError, SimulatorLimit } from "../../errors.ts";
import { createSandboxMemory } from "../../machine/sandbox-memory.ts";
import type { MapDefinition } from "../../object/bpf-object.ts";
import { errno } from "../errno.ts";
import { Arena } from "./arena.ts";
import { ArrayMap } from "./array-map.ts";
import type { MapHost } from "./bpf-map.ts";
import { HashMap } from "./hash-map.ts";
import { LocalStorage } from "./local-storage.ts";
import { QueueMap } from "./queue-map.ts";
import { RingBuffer } from "./ring-buffer.ts";

function definition(over: Partial<MapDefinition>): MapDefinition {
  return {
    ...{ name: "m", type: 1, keySize: 4, valueSize: 4, maxEntries: 8, flags: 0, keyType: 0 },
    ...{
      valueType: 0,
      extra: 0n,
      pinned: false,
      section: null,
      initial: null,
      inner: null,
      slots: [],
    },
    ...over,
  };
}

function host(cpus = 2): MapHost & { cpu: number } {
  const made = { memory: createSandboxMemory(64 << 20), cpus, cpu: 0, currentCpu: () => made.cpu };
  return made;
}

/** Two words of scratch memory: a key and a value. */
function scratch({ memory }: MapHost) {
  const at = memory.allocate(16, "read-write", "scratch");
  const put = (offset: number, value: number): number => {
    memory.view.setUint32(at + offset, value, true);
    return at + offset;
  };
  return { key: (value: number) => put(0, value), value: (value: number) => put(8, value) };
}

const operation = fc.record({
  op: fc.constantFrom("get", "set", "insert", "replace", "delete"),
  key: fc.nat(12),
  value: fc.nat(1000),
});

describe("hash", () => {
  for (const lru of [false, true]) {
    test(`${lru ? "LRU" : "plain"}: does what a Map of limited size does`, () => {
      fc.assert(
        fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
          const on = host();
          const map = new HashMap(definition({ maxEntries: 6 }), on, { perCpu: false, lru });
          const { key: keyAt, value: valueAt } = scratch(on);
          // In order of use: the first is the one to evict.
          const model = new Map<number, number>();
          const use = (key: number, value: number) => {
            model.delete(key);
            model.set(key, value);
          };
          for (const { op, key, value } of operations) {
            const known = model.get(key);
            if (op === "get") {
              const found = map.lookup(keyAt(key));
              expect(found === 0 ? undefined : on.memory.view.getUint32(found, true)).toBe(known);
              if (known !== undefined) use(key, known);
            } else if (op === "delete") {
              expect(map.remove(keyAt(key))).toBe(model.delete(key) ? 0 : errno.noEntry);
            } else {
              const flags = op === "set" ? 0 : op === "insert" ? 1 : 2;
              const full = known === undefined && model.size === 6;
              let wanted = 0;
              if (flags === 1 && known !== undefined) wanted = errno.exists;
              else if (flags === 2 && known === undefined) wanted = errno.noEntry;
              else if (full && !lru) wanted = errno.tooBig;
              expect(map.update(keyAt(key), valueAt(value), flags)).toBe(wanted);
              if (wanted !== 0) continue;
              if (full) model.delete(model.keys().next().value ?? -1);
              use(key, value);
            }
          }
          const seen = new Map<number, number>();
          map.visit((key, value) => {
            seen.set(on.memory.view.getUint32(key, true), on.memory.view.getUint32(value, true));
            return true;
          });
          expect([...seen].sort()).toEqual([...model].sort());
        }),
      );
    });
  }

  test("holds many entries with keys of any size, and keeps values apart", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 21 }), (keySize) => {
        const on = host();
        const map = new HashMap(definition({ keySize, maxEntries: 300 }), on, {
          perCpu: false,
          lru: false,
        });
        const at = on.memory.allocate(32, "read-write", "key");
        const entries = keySize === 1 ? 200 : 300;
        const write = (entry: number) =>
          on.memory.view.setUint32(
            at + Math.max(keySize - 4, 0),
            keySize < 4 && keySize > 1 ? entry : keySize === 1 ? entry & 0xff : entry,
            true,
          );
        for (let entry = 0; entry < entries; entry += 1) {
          write(entry);
          on.memory.view.setUint32(at + 24, entry * 3, true);
          expect(map.update(at, at + 24, 1)).toBe(0);
        }
        for (let entry = 0; entry < entries; entry += 1) {
          write(entry);
          expect(on.memory.view.getUint32(map.lookup(at), true)).toBe(entry * 3);
        }
      }),
      { numRuns: 21 },
    );
  });

  test("a per-CPU value is each CPU's own, and zero elsewhere at first", () => {
    const on = host(3);
    const map = new HashMap(definition({}), on, { perCpu: true, lru: false });
    const { key, value } = scratch(on);
    on.cpu = 1;
    expect(map.update(key(5), value(7), 0)).toBe(0);
    const read = (cpu: number) => on.memory.view.getUint32(map.lookupOnCpu(key(5), cpu), true);
    expect([0, 1, 2].map(read)).toEqual([0, 7, 0]);
    expect(map.lookupOnCpu(key(5), 3)).toBe(0);
  });

  test("a program can use the value and nothing around it", () => {
    const on = host();
    const map = new HashMap(definition({ valueSize: 12 }), on, { perCpu: false, lru: false });
    const { key, value } = scratch(on);
    map.update(key(1), value(0), 0);
    map.update(key(2), value(0), 0);
    const at = map.lookup(key(1));
    expect(on.memory.allows(at, 12, "read-write")).toBe(true);
    expect(on.memory.allows(at + 12, 1, "read")).toBe(false);
    expect(on.memory.allows(at - 1, 1, "read")).toBe(false);
  });
});

describe("array", () => {
  test("answers by index, refuses beyond the end", () => {
    const on = host();
    const map = new ArrayMap(definition({ type: 2 }), on, false);
    const { key, value } = scratch(on);
    expect(map.update(key(7), value(9), 0)).toBe(0);
    expect(on.memory.view.getUint32(map.lookup(key(7)), true)).toBe(9);
    expect(map.lookup(key(8))).toBe(0);
    expect(map.update(key(8), value(9), 0)).toBe(errno.tooBig);
    expect(map.update(key(1), value(9), 1)).toBe(errno.exists);
    expect(map.entryAt(map.lookup(key(7)) + 3)?.value).toBe(map.lookup(key(7)));
  });

  test("read-only data can't be written by programs", () => {
    const on = host();
    const initial = Uint8Array.of(1, 2, 3);
    const only = { maxEntries: 1, valueSize: 3, flags: 0x80, initial, section: ".rodata" };
    const map = new ArrayMap(definition(only), on, false);
    expect(on.memory.allows(map.start, 3, "read")).toBe(true);
    expect(on.memory.allows(map.start, 1, "read-write")).toBe(false);
    expect(on.memory.bytes[map.start + 2]).toBe(3);
  });

  test.each([
    [{ maxEntries: 1 << 28, valueSize: 64 }, SimulatorLimit, /16384 MiB/],
    [{ maxEntries: 0 }, ObjectError, /max_entries/],
    [{ valueSize: 0 }, ObjectError, /values of 0 bytes/],
    [{ keySize: 8 }, ObjectError, /4 bytes/],
  ])("refuses %o in words", (shape, kind, words) => {
    const make = () => new ArrayMap(definition(shape), host(), false);
    expect(make).toThrow(kind);
    expect(make).toThrow(words);
  });
});

test("queue and stack do what arrays of limited length do", () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.array(fc.tuple(fc.constantFrom("push", "force", "pop", "peek"), fc.nat(99))),
      (lastFirst, operations) => {
        const on = host();
        const queue = new QueueMap(definition({ maxEntries: 4 }), on, lastFirst);
        const { value: valueAt } = scratch(on);
        const model: number[] = [];
        for (const [op, value] of operations) {
          if (op === "push" || op === "force") {
            const full = model.length === 4;
            const answer = queue.push(valueAt(value), op === "force" ? 2 : 0);
            expect(answer).toBe(full && op === "push" ? errno.tooBig : 0);
            if (answer !== 0) continue;
            if (full) model.shift();
            model.push(value);
            continue;
          }
          const at = valueAt(12345);
          const wanted = lastFirst ? model.at(-1) : model[0];
          const answer = op === "pop" ? queue.pop(at) : queue.peek(at);
          expect(answer).toBe(wanted === undefined ? errno.noEntry : 0);
          expect(on.memory.view.getUint32(at, true)).toBe(wanted ?? 0);
          if (op === "pop") lastFirst ? model.pop() : model.shift();
        }
      },
    ),
  );
});

test("storage is each owner's own, cleared for the next", () => {
  const on = host();
  const storage = new LocalStorage(definition({ type: 29 }), on, "task");
  const { value } = scratch(on);
  const first = storage.getOrCreate(40, value(6));
  expect(on.memory.view.getUint32(first, true)).toBe(6);
  expect(storage.get(3)).toBe(0);
  const seen = new Set(Array.from({ length: 200 }, (_, owner) => storage.getOrCreate(owner, 0)));
  expect(seen.size).toBe(200);
  expect(storage.drop(40)).toBe(true);
  expect(storage.drop(40)).toBe(false);
  expect(on.memory.view.getUint32(storage.getOrCreate(41_000, 0), true)).toBe(0);
});

test("a ring buffer is full for what is reserved, and a record can't be used after it is given back", () => {
  const on = host();
  const ring = new RingBuffer(definition({ maxEntries: 4096, keySize: 0, valueSize: 0 }), on);
  const first = ring.reserve(2000);
  const second = ring.reserve(2000);
  expect([first, second].every((record) => on.memory.allows(record, 2000, "read-write"))).toBe(
    true,
  );
  expect(ring.reserve(100)).toBe(0);
  expect(ring.finish(first, true)).toBe(true);
  expect(ring.finish(first, true)).toBe(false);
  expect(on.memory.allows(first, 1, "read")).toBe(false);
  expect(ring.finish(second, false)).toBe(true);
  expect(ring.records).toBe(1);
  expect(ring.reserve(4000)).toBeGreaterThan(0);
});

test("an arena gives pages that do not overlap, and takes them back", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 5 }))), (steps) => {
      const on = host();
      const arena = new Arena(definition({ type: 33, maxEntries: 16, keySize: 0 }), on);
      const held: { at: number; pages: number }[] = [];
      for (const [take, pages] of steps) {
        const given = take ? null : held.pop();
        if (given) {
          arena.free(given.at, given.pages);
          expect(on.memory.allows(given.at, 1, "read")).toBe(false);
          continue;
        }
        const at = arena.allocate(0, pages);
        if (at === 0) continue;
        expect(on.memory.allows(at, pages * 4096, "read-write")).toBe(true);
        for (const other of held)
          expect(at + pages * 4096 <= other.at || other.at + other.pages * 4096 <= at).toBe(true);
        held.push({ at, pages });
      }
      expect(held.reduce((sum, { pages }) => sum + pages, 0)).toBeLessThanOrEqual(16);
    }),
  );
});
