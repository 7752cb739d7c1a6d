import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

const silent = (): void => undefined;

test("so many at a time, in the order of their coming, and each knows how many are before it", async () => {
  const turns = new Turns(2);
  const first = await turns.take(silent);
  const second = await turns.take(silent);
  const order: string[] = [];
  const told: number[] = [];
  const third = turns.take(silent).then((done) => {
    order.push("third");
    return done;
  });
  const fourth = turns
    .take((ahead) => told.push(ahead))
    .then((done) => {
      order.push("fourth");
      return done;
    });
  expect(order).toEqual([]);
  first();
  (await third)();
  await fourth;
  expect(order).toEqual(["third", "fourth"]);
  expect(told).toEqual([2, 1]);
  second();
});

test("ending a turn twice frees one place only", async () => {
  const turns = new Turns(1);
  const first = await turns.take(silent);
  const next = turns.take(silent);
  first();
  first();
  const done = await next;
  let third = false;
  const waiting = turns.take(silent).then(() => (third = true));
  await Promise.resolve();
  expect(third).toBe(false);
  done();
  await waiting;
});

test("who is no longer wanted leaves the queue, and those behind move up", async () => {
  const turns = new Turns(1);
  const first = await turns.take(silent);
  const stop = new AbortController();
  const told: number[] = [];
  const gone = turns.take(silent, stop.signal);
  const next = turns.take((ahead) => told.push(ahead));
  stop.abort(new Error("no longer wanted"));
  await expect(gone).rejects.toThrow("no longer wanted");
  expect(told).toEqual([2, 1]);
  first();
  (await next)();
  await expect(turns.take(silent, stop.signal)).rejects.toThrow("no longer wanted");
});
