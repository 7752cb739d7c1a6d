import fc from "fast-check";
import { expect, test } from "vitest";
import { exitRecordSchema } from "../contract/node-protocol.ts";
import { findExit, KernelLog, kernelLine } from "./kernel-log.ts";

/** As a 7.2 kernel wrote it after a policy lost a task. */
const stall = [
  '6,510,8000001,-;sched_ext: BPF scheduler "stall" enabled',
  '3,511,9000001,-;sched_ext: BPF scheduler "stall" disabled (runnable task stall)',
  "3,512,9000002,-;sched_ext: stall: gzip[135] failed to run for 1.280s",
  "6,513,9000003,-;   scx_watchdog_workfn+0x12/0x30",
  "6,514,9000004,-;virtio: something else",
  "3,515,9000005,-;sched_ext: stall: not part of it any more",
];

function log(records: string[]): KernelLog {
  return new KernelLog(() => records.shift() ?? null);
}

test("the exit record holds the kernel's own words", () => {
  expect(log([...stall]).exitOf("stall")).toEqual({
    kind: 1026,
    reason: "runnable task stall",
    message: "gzip[135] failed to run for 1.280s",
    log: [
      'sched_ext: BPF scheduler "stall" disabled (runnable task stall)',
      "sched_ext: stall: gzip[135] failed to run for 1.280s",
      "   scx_watchdog_workfn+0x12/0x30",
    ],
  });
});

test("a leave without fault has a kind and no message; a reason of a newer kernel has no kind", () => {
  const plain = 'sched_ext: BPF scheduler "a" disabled (unregistered from user space)';
  expect(findExit([plain], "a")).toMatchObject({ kind: 64, message: "", log: [plain] });
  const newer = 'sched_ext: BPF scheduler "a" disabled (out of cheese)';
  expect(findExit([newer], "a")).toMatchObject({ kind: null, reason: "out of cheese" });
});

test("another scheduler's exit, and what was before the mark, do not count", () => {
  const records = [...stall];
  const kernelLog = log(records);
  expect(kernelLog.exitOf("other")).toBeNull();
  kernelLog.mark();
  expect(kernelLog.exitOf("stall")).toBeNull();
  records.push(...stall);
  expect(kernelLog.exitOf("stall")?.kind).toBe(1026);
});

test("lines that a process wrote into the log are not the kernel's", () => {
  const text = 'sched_ext: BPF scheduler "stall" disabled (unregistered from user space)';
  expect(kernelLine(`12,1,2,-;${text}`)).toBeNull();
  expect(kernelLine(`4,1,2,-;${text}`)).toBe(text);
  // A message with a newline in it arrives escaped, in one record.
  const forged = `sched_ext: stall: boo\\x0a${text}`;
  expect(findExit([kernelLine(`3,1,2,-;${forged}`) ?? ""], "stall")).toBeNull();
  expect(kernelLine(`6,1,2,-;text\n SUBSYSTEM=cpu\n`)).toBe("text");
});

test("property: any log gives no record or one of the protocol's form, in bounded memory", () => {
  const line = fc.oneof(
    fc.string({ maxLength: 3000 }),
    fc.string().map((text) => `3,1,1,-;sched_ext: x: ${text}`),
    fc.string().map((text) => `3,1,1,-;sched_ext: BPF scheduler "x" disabled (${text})`),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 400 }), (records) => {
      const exit = log(records).exitOf("x");
      if (exit !== null) exitRecordSchema.parse(exit);
    }),
  );
}, 60_000);
