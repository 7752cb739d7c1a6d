import fc from "fast-check";
import { expect, test } from "vitest";
import { EventQueue } from "./event-queue.ts";

type Action =
  | { do: "arm"; slot: number; time: number }
  | { do: "cancel"; slot: number }
  | { do: "pop" };

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    do: fc.constant("arm" as const),
    slot: fc.nat(30),
    time: fc.nat(20),
  }),
  fc.record({ do: fc.constant("cancel" as const), slot: fc.nat(30) }),
  fc.record({ do: fc.constant("pop" as const) }),
);

test("timers fire in order of time, equal times in the order of arming", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
      const queue = new EventQueue();
      const slots = Array.from({ length: 31 }, (_, index) => queue.allocate(0, index));
      let armed: { slot: number; time: number }[] = [];
      for (const step of actions) {
        if (step.do === "pop") {
          // Array.sort is stable: the order of arming decides among equal times.
          armed.sort((a, b) => a.time - b.time);
          const expected = armed.shift();
          expect(queue.pop()).toBe(expected === undefined ? -1 : slots[expected.slot]);
          if (expected !== undefined) expect(queue.time).toBe(expected.time);
          continue;
        }
        const slot = slots[step.slot] as number;
        armed = armed.filter((entry) => entry.slot !== step.slot);
        if (step.do === "cancel") queue.cancel(slot);
        else {
          armed.push({ slot: step.slot, time: step.time });
          queue.arm(slot, step.time);
          expect(queue.timeOf(slot)).toBe(step.time);
        }
        expect(queue.armed(slot)).toBe(step.do === "arm");
        expect(queue.size).toBe(armed.length);
      }
    }),
  );
});

test("released slots are used again and growth keeps what is armed", () => {
  const queue = new EventQueue();
  const first = queue.allocate(1, 7);
  queue.arm(first, 5);
  queue.release(first);
  expect(queue.size).toBe(0);
  expect(queue.allocate(2, 9)).toBe(first);
  expect([queue.kind(first), queue.argument(first)]).toEqual([2, 9]);
  for (let i = 0; i < 5000; i++) queue.arm(queue.allocate(3, i), 5000 - i);
  for (let i = 4999; i >= 0; i--) expect(queue.argument(queue.pop())).toBe(i);
});
