import { expect, test } from "vitest";
import { Jobs } from "./jobs.ts";

/** Calls never give up waiting by themselves. */
const patient = (_ms: number, ended: AbortSignal) =>
  new Promise<void>((resolve) => ended.addEventListener("abort", () => resolve()));
const never = new AbortController().signal;

const untilAborted = ({ signal }: { signal?: AbortSignal }) =>
  new Promise<string>((_, reject) => {
    const end = () => reject(new Error("the job was ended"));
    if (signal?.aborted) end();
    signal?.addEventListener("abort", end);
  });

test("outcomes that nobody fetched make room; running work does not", async () => {
  const jobs = new Jobs<string>(patient);
  const done = Array.from({ length: 8 }, (_, index) =>
    jobs.start(`done ${index}`, async () => `outcome ${index}`),
  );
  await Promise.all(done.map((job) => job.outcome));
  const running = Array.from({ length: 8 }, (_, index) =>
    jobs.start(`runs ${index}`, untilAborted),
  );
  expect(() => jobs.start("one more", untilAborted)).toThrow(/8 experiments are running/);
  const [first] = running;
  if (first === undefined) throw new Error("no job");
  const cancelled = new AbortController();
  const waiting = jobs.wait(first, { signal: cancelled.signal });
  cancelled.abort();
  await expect(waiting).rejects.toThrow("the job was ended");
  expect(jobs.start("one more", untilAborted).ended).toBe(false);
  await jobs.close();
});

test("one of two calls that wait for the same work is cancelled: the other goes on", async () => {
  const jobs = new Jobs<string>(patient);
  const { promise, resolve } = Promise.withResolvers<string>();
  const job = jobs.start("shared", () => promise);
  const [one, other] = [new AbortController(), new AbortController()];
  const cancelled = jobs.wait(job, { signal: one.signal });
  const kept = jobs.wait(job, { signal: other.signal });
  one.abort(new Error("enough"));
  await expect(cancelled).rejects.toThrow("enough");
  expect(job.controller.signal.aborted).toBe(false);
  resolve("measured");
  expect(await kept).toBe("measured");
});

test("an outcome is handed out once", async () => {
  const jobs = new Jobs<string>(patient);
  const first = jobs.start("key", async () => "first");
  expect(await jobs.wait(first, { signal: never })).toBe("first");
  expect(
    await jobs.wait(
      jobs.start("key", async () => "second"),
      { signal: never },
    ),
  ).toBe("second");
});
