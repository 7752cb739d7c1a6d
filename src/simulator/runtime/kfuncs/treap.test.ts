// The tree against a sorted list, over random insertions and removals, equal keys included.

import fc from "fast-check";
import { expect, test } from "vitest";
import { createSandboxMemory } from "../../machine/sandbox-memory.ts";
import { Treap } from "./treap.ts";

test("hands out its nodes in order, equal ones in the order of insertion", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20), fc.boolean()), { maxLength: 120 }), (steps) => {
      const memory = createSandboxMemory(8 << 20);
      const root = memory.allocate(16, "read-write", "root");
      const tree = new Treap({
        view: memory.view,
        target: (address) => address,
        span: (address) => address,
        dropped: () => undefined,
      });
      const keys = new Map<number, number>();
      const less = (a: number, b: number) => (keys.get(a) ?? 0) < (keys.get(b) ?? 0);
      const model: number[] = [];
      for (const [key, takes] of steps) {
        if (takes && model.length > 0) {
          const node = model[key % model.length] ?? 0;
          expect(tree.remove(root, node)).toBe(node);
          expect(tree.remove(root, node)).toBe(0);
          model.splice(model.indexOf(node), 1);
        } else {
          const node = memory.allocate(32, "read-write", "node");
          keys.set(node, key);
          expect(tree.add(root, node, less)).toBe(0);
          expect(tree.add(root, node, less)).toBeLessThan(0);
          const after = model.findIndex((other) => less(node, other));
          model.splice(after < 0 ? model.length : after, 0, node);
        }
        expect(tree.first(root)).toBe(model[0] ?? 0);
      }
      const drained: number[] = [];
      for (let node = tree.first(root); node !== 0; node = tree.first(root))
        drained.push(tree.remove(root, node));
      expect(drained).toEqual(model);
    }),
  );
});

test("stays shallow when keys come in order", () => {
  const memory = createSandboxMemory(8 << 20);
  const root = memory.allocate(16, "read-write", "root");
  const same = (address: number) => address;
  const tree = new Treap({ view: memory.view, target: same, span: same, dropped: () => undefined });
  for (let key = 0; key < 2000; key += 1)
    tree.add(root, memory.allocate(32, "read-write", "node"), () => false);
  const depth = (node: number): number =>
    node === 0 ? 0 : 1 + Math.max(depth(tree.left(root, node)), depth(tree.right(root, node)));
  // A balanced one has 11 levels; a random one twice to three times as many.
  expect(depth(tree.top(root))).toBeLessThan(40);
});
