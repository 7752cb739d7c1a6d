// What `explain` makes of real dumps and log lines (from the lab's 7.2 kernel, by faults.bpf.c) and of
// made-up ones, in words that people approved (explanations.golden.txt).

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { explanationText } from "../../src/cli/explanation-text.ts";
import { plainStyle } from "../../src/cli/terminal-text.ts";
import { SchedcpError } from "../../src/contract/errors.ts";
import { type Explanation, explanationSchema } from "../../src/contract/explanation.ts";
import { explainText } from "../../src/control/explain/explain-text.ts";
import { knownExits } from "../../src/control/explain/known-exit.ts";
import { parseScenario } from "../../src/simulator/scenario-file.ts";
import { dumpText } from "./dump-text.ts";

const directory = new URL("./dumps/", import.meta.url).pathname;
const files = readdirSync(directory).sort();
const read = (file: string) => readFileSync(directory + file, "utf8");
const causeOf = (text: string) => explainText(text, "a text").cause;

const expected: Record<string, [string, Explanation["blame"]]> = {
  "everything-lost.dmesg.txt": ["stall/nothing-dispatched", "scheduler"],
  "everything-lost.dump.txt": ["stall/nothing-dispatched", "scheduler"],
  "init-fails.dmesg.txt": ["error/init-no-memory", "scheduler"],
  "invalid-cpu.dump.txt": ["error/invalid-cpu", "scheduler"],
  "lost-task.dmesg.txt": ["stall/unexplained", "unknown"],
  "lost-task.dump.txt": ["stall/not-dispatched", "scheduler"],
  "mixed-order.dump.txt": ["error/mixed-order", "scheduler"],
  "offline.dmesg.txt": ["exit/by-kernel", "kernel"],
  "own-error.dmesg.txt": ["error/own-error", "scheduler"],
  "own-error.dump.txt": ["error/own-error", "scheduler"],
  "own-exit.dmesg.txt": ["exit/by-itself", "scheduler"],
  "rt-local.dmesg.txt": ["stall/unexplained", "unknown"],
  "rt-local.dump.txt": ["stall/real-time-task", "real-time-task"],
  "rt-shared.dmesg.txt": ["stall/unexplained", "unknown"],
  "rt-shared.dump.txt": ["stall/real-time-task", "real-time-task"],
  "sysrq.dmesg.txt": ["exit/sysrq", "administrator"],
  "twice.dmesg.txt": ["error/inserted-twice", "scheduler"],
  "undrained.dmesg.txt": ["stall/unexplained", "unknown"],
  "undrained.dump.txt": ["stall/undrained-queue", "scheduler"],
  "unknown-dsq.dump.txt": ["error/unknown-dsq", "scheduler"],
  "unregistered.dmesg.txt": ["exit/unregistered", "administrator"],
  "vtime-builtin.dmesg.txt": ["error/vtime-builtin", "scheduler"],
  "wrong-cpu.dmesg.txt": ["error/wrong-cpu", "scheduler"],
  "wrong-cpu.dump.txt": ["error/wrong-cpu", "scheduler"],
};

describe("a real dump or log", () => {
  test.each(files)("%s", (file) => {
    const explanation = explainText(read(file), file);
    expect(explanationSchema.parse(explanation)).toEqual(explanation);
    expect([explanation.cause, explanation.blame]).toEqual(expected[file]);
    if (explanation.scenario === undefined) return;
    // Just as `simulate --scenario` reads it.
    expect(parseScenario(JSON.stringify(explanation), file)).toEqual(explanation.scenario);
  });

  test("the words are those that were approved", async () => {
    const texts = files.map((file) => {
      const shown = { given: file, asked: undefined, scenarioAt: null };
      return `── ${file}\n${explanationText(explainText(read(file), file), shown, plainStyle)}\n`;
    });
    await expect(texts.join("\n")).toMatchFileSnapshot("./explanations.golden.txt");
  });
});

describe("the same words, as other programs hand them on", () => {
  const dump = read("rt-local.dump.txt");
  const prefixed = (prefix: string) => dump.replace(/^/gm, prefix);
  test.each([
    ["journald", prefixed("Jan 15 03:18:23 host scx_loader[115457]: ")],
    ["journald in another language", prefixed("дек 26 19:53:39 host kernel: ")],
    ["syslog with ISO times", prefixed("2026-01-15T03:18:23.123456+00:00 host scx_loader[1]: ")],
    ["dmesg", prefixed("[  101.489374] ")],
    ["dmesg -T", prefixed("[Thu Jan 15 03:18:23 2026] ")],
    ["newest first", dump.split("\n").reverse().join("\n")],
    ["colours", prefixed("\u001b[32m[   23.688674] \u001b[0m")],
    ["Windows lines", dump.replaceAll("\n", "\r\n")],
    ["the log of the same exit behind it", `${dump}\n${read("rt-local.dmesg.txt")}`],
    ["the log of the same exit before it", `${read("rt-local.dmesg.txt")}\n${dump}`],
  ])("%s", (_, text) => {
    expect(causeOf(text)).toBe("stall/real-time-task");
  });

  test("what a scheduler's program prints of it", () => {
    expect(causeOf("Error: EXIT: runnable task stall (yes[12] failed to run for 5.314s)")).toBe(
      "stall/unexplained",
    );
    expect(causeOf("EXIT: scx_bpf_error (task_ctx lookup failed for pid 11415)")).toBe(
      "error/own-error",
    );
    expect(causeOf("EXIT: unregistered from user space")).toBe("exit/unregistered");
  });
});

describe("who kept a task waiting", () => {
  const stall = (waits: Parameters<typeof dumpText>[1]) =>
    explainText(dumpText("python[100] failed to run for 7.525s", waits), "a dump");
  const waiting = { comm: "python", waitedMs: 7525 };
  const rt = { curr: "data-loop.0[5834]", class: "rt_sched_class" };
  const busy = { curr: "cc1[77]", class: "ext_sched_class" };

  test("a deadline task, for one that may run nowhere else", () => {
    const tasks = [{ ...waiting, cpus: "1", dsq: "0x5" }];
    const dl = { cpu: 0, curr: "dl-loop[9]", class: "dl_sched_class", tasks };
    expect(stall([dl])).toMatchObject({ cause: "stall/deadline-task", blame: "real-time-task" });
  });

  test("a real-time task on every CPU that it may use", () => {
    const tasks = [{ ...waiting, cpus: "3", dsq: "0x8000000000000001" }];
    const explanation = stall([
      { cpu: 0, ...rt, tasks },
      { cpu: 1, ...rt },
    ]);
    expect(explanation).toMatchObject({ cause: "stall/real-time-task", blame: "real-time-task" });
  });

  test("a real-time task and the scheduler, where it could have run elsewhere", () => {
    const explanation = stall([
      { cpu: 0, ...rt, tasks: [{ ...waiting, owned: true }] },
      { cpu: 1, ...busy },
      { cpu: 2, ...busy },
      { cpu: 3, ...busy },
    ]);
    expect(explanation).toMatchObject({ cause: "stall/behind-real-time-task", blame: "unknown" });
  });

  test("the scheduler, where a real-time task only happened to run when it lost its pinned task", () => {
    const tasks = [{ ...waiting, owned: true, cpus: "1" }];
    expect(stall([{ cpu: 0, ...rt, tasks }]).blame).toBe("unknown");
  });

  test("not the kernel's own real-time helper", () => {
    const tasks = [{ ...waiting, owned: true, cpus: "1" }];
    const helper = { cpu: 0, curr: "sched_ext_helpe[9]", class: "rt_sched_class", tasks };
    expect(stall([helper])).toMatchObject({ cause: "stall/not-dispatched", blame: "scheduler" });
  });

  test("a task whose slice never ends", () => {
    const hog = {
      ...{ comm: "hog", pid: 7, waitedMs: 0, current: true },
      slice: "18446744073709551615",
    };
    const tasks = [hog, { ...waiting, dsq: "0x8000000000000002", cpus: "1" }];
    const cpu = { cpu: 0, curr: "hog[7]", class: "ext_sched_class", tasks };
    expect(stall([cpu]).cause).toBe("stall/endless-slice");
  });

  test("a pinned kernel thread in a queue that its CPU does not serve", () => {
    const text = dumpText("kworker/1:2[100] failed to run for 5.043s", [
      { cpu: 0, ...busy },
      { cpu: 1, ...busy, tasks: [{ comm: "kworker/1:2", waitedMs: 5043, cpus: "2", dsq: "0x0" }] },
    ]);
    const { cause, scenario } = explainText(text, "a dump");
    expect(cause).toBe("stall/pinned-task");
    expect(scenario).toMatchObject({
      tasks: [{ comm: "kworker/1:2", cpus: [1], kernelThread: true }, {}, {}, {}],
    });
  });

  test("others, by their virtual times", () => {
    const dsq = { dsq: "0x1", dsqFlags: "0x1" };
    const explanation = stall([
      { cpu: 0, ...busy, tasks: [{ ...waiting, ...dsq, vtime: 9_000_000 }] },
      { cpu: 1, ...busy, tasks: [{ ...waiting, comm: "b", pid: 8, ...dsq, vtime: 1000 }] },
      { cpu: 2, ...busy },
      { cpu: 3, ...busy },
    ]);
    expect(explanation.cause).toBe("stall/overtaken");
  });

  test("a queue that busy CPUs do not serve", () => {
    const explanation = stall([
      { cpu: 0, ...busy, tasks: [{ ...waiting, dsq: "0x1" }] },
      { cpu: 1, ...busy },
      { cpu: 2, ...busy },
      { cpu: 3, ...busy },
    ]);
    expect(explanation.cause).toBe("stall/queue-not-served");
  });

  test("a dump that was cut off takes no CPU that it does not show for idle", () => {
    const text = dumpText("python[100] failed to run for 7.525s", [
      { cpu: 0, ...busy, tasks: [{ ...waiting, dsq: "0x64" }] },
    ]);
    expect(causeOf(text)).toBe("stall/undrained-queue");
    expect(causeOf(`${text}\n~~~~ TRUNCATED ~~~~\n`)).toBe("stall/queue-not-served");
  });
});

describe("the kernel's words", () => {
  /** One of each, as kernels from 6.12 to 7.2 say them. */
  const said: Record<string, [reason: string, message: string]> = {
    "error/init-no-memory": ["runtime error", "ops.init_task() failed (-12) for bash[3]"],
    "error/init-failed": ["runtime error", "ops.init() failed (-17)"],
    "error/invalid-errno": ["runtime error", "ops.init() returned an invalid errno 7"],
    "error/contradicting-flags": [
      "runtime error",
      "SCX_OPS_ENQ_LAST requires ops.enqueue() to be implemented",
    ],
    "error/disallow-in-fork": [
      "runtime error",
      "ops.init_task() set task->scx.disallow for bash[3] during fork",
    ],
    "exit/hotplug-before-start": [
      "unregistered from the main kernel",
      "expected hotplug seq 3 did not match actual 4",
    ],
    "error/migration-disabled": [
      "runtime error",
      "SCX_DSQ_LOCAL[_ON] cannot move migration disabled kworker/u130:0[209] from CPU 21 to 29",
    ],
    "error/wrong-cpu": [
      "runtime error",
      "SCX_DSQ_LOCAL[_ON] verdict target cpu 3 not allowed for foo[9]",
    ],
    "error/invalid-cpu": ["runtime error", "invalid CPU 99 in SCX_DSQ_LOCAL_ON dispatch verdict"],
    "error/unknown-dsq": ["runtime error", "invalid DSQ ID 0x0000000000000063"],
    "error/mixed-order": [
      "runtime error",
      "DSQ ID 0x0000000000000001 already had PRIQ-enqueued tasks",
    ],
    "error/vtime-builtin": ["runtime error", "cannot use vtime ordering for built-in DSQs"],
    "error/inserted-twice": ["runtime error", "foo[9] already direct-dispatched"],
    "error/other-task": [
      "runtime error",
      "scheduling for foo[9] but trying to direct-dispatch bar[10]",
    ],
    "error/dispatch-overflow": ["runtime error", "dispatch buffer overflow"],
    "error/enqueue-flags": ["runtime error", "invalid enq_flags 0x100000000000000"],
    "error/dsq-in-use": [
      "runtime error",
      "attempting to destroy in-use dsq 0x0000000000000005 (nr=2)",
    ],
    "error/wrong-context": [
      "runtime error",
      "kfunc with mask 0x4 called from an operation only allowing 0x8",
    ],
    "error/idle-tracking": ["runtime error", "built-in idle tracking is disabled"],
    "error/kick-flags": ["runtime error", "PREEMPT/WAIT cannot be used with SCX_KICK_IDLE"],
    "error/reenqueue-limit": [
      "reenqueue limit",
      "SCX_ENQ_REENQ on SCX_DSQ_LOCAL repeated 256 times",
    ],
    "lockup/soft": ["runtime error", "soft lockup - CPU 3 stuck for 22s"],
    "lockup/hard": ["runtime error", "hard lockup - CPU 3"],
    "lockup/rcu": ["runtime error", "RCU CPU stall detected!"],
    "exit/hotplug": ["unregistered from the main kernel", "cpu 2 going offline, exiting scheduler"],
    "error/rescue-overload": ["rescue bandwidth overload", ""],
    "error/own-error": ["scx_bpf_error", "out of luck"],
    "exit/unregistered": ["unregistered from user space", ""],
    "exit/by-itself": ["unregistered from BPF", "done"],
    "exit/by-kernel": ["unregistered from the main kernel", ""],
    "exit/sysrq": ["disabled by sysrq-S", ""],
    "exit/parent": ["parent exiting", ""],
  };
  const log = (reason: string, message: string) =>
    `sched_ext: BPF scheduler "x" disabled (${reason})\nsched_ext: x: ${message}\n   scx_vexit+0x4/0x9\n`;

  test.each(Object.entries(said))("%s", (id, [reason, message]) => {
    expect(causeOf(log(reason, message))).toBe(id);
    expect(causeOf(`EXIT: ${reason}${message === "" ? "" : ` (${message})`}`)).toBe(id);
  });

  test("of every kind that is known, there is an example", () => {
    const elsewhere = ["error/name-taken", "error/isolated-cpus"];
    const ids = knownExits.map(({ id }) => id).filter((id) => !elsewhere.includes(id));
    expect(Object.keys(said).sort()).toEqual(ids.sort());
  });

  test("also without an exit: a scheduler that can't start at all", () => {
    const text = 'sched_ext: Not compatible with "isolcpus=" domain isolation';
    expect(causeOf(text)).toBe("error/isolated-cpus");
  });

  test("from before 6.12: errored, disabling", () => {
    const text = `sched_ext: BPF scheduler "qmap" errored, disabling\nsched_ext: runnable task stall (dbus-daemon[953] failed to run for 6.478s)\n   scx_check_timeout_workfn+0x10e/0x1b0\n`;
    expect(explainText(text, "a log").evidence[0]).toContain("dbus-daemon[953]");
  });

  test("that nobody knows are told as they are", () => {
    const { cause, summary } = explainText(log("runtime error", "the moon is full"), "a log");
    expect(cause).toBe("exit/unknown");
    expect(summary).toContain("the moon is full");
  });

  test("the last of several exits is explained", () => {
    const text = log("scx_bpf_error", "first") + log("disabled by sysrq-S", "");
    const explanation = explainText(text, "a log");
    expect(explanation.cause).toBe("exit/sysrq");
    expect(explanation.evidence).toContain("1 other exit in the text came before this one");
  });
});

describe("a text is data", () => {
  test("control characters are escaped, lengths bounded", () => {
    const evil = `\u001b]0;title\u0007\u202e${"x".repeat(5000)}`;
    const text = `sched_ext: BPF scheduler "${evil.slice(0, 60)}" disabled (scx_bpf_error)\nsched_ext: ${evil.slice(0, 60)}: ${evil}\n`;
    const explanation = explainText(`${text}EXIT: scx_bpf_error (\u202e${"y".repeat(900)})`, "it");
    expect(JSON.stringify(explanation)).not.toMatch(/[\u0007\u001b\u202e]/);
    for (const line of [explanation.summary, ...explanation.evidence]) {
      expect(line.length).toBeLessThan(800);
    }
  });

  test("megabytes of anything are read in a moment", () => {
    const pieces = [
      "CPU 0   : nr_run=1\n          curr=a[1] class=ext_sched_class\n",
      "  R a[1] -9999ms\n      cpus=ffffffff,ffffffff dsq_id=0x64\n",
      'sched_ext: BPF scheduler "x" disabled (runtime error)\n',
      "a[1] triggered exit kind 1026:\n  runnable task stall (a[1] failed to run for 2.000s)\n",
      "EXIT: ( ( ",
      "[    1.0] ",
      "Jan 15 ",
      " ",
      "{",
    ];
    const head = "a[1] triggered exit kind 1026:\nCPU 0   : nr_run=1\n";
    for (const piece of pieces) {
      const text = head + piece.repeat(Math.ceil((4 * 2 ** 20) / piece.length));
      const startedMs = performance.now();
      try {
        explainText(text, "it");
      } catch (error) {
        expect(error).toBeInstanceOf(SchedcpError);
      }
      expect(performance.now() - startedMs).toBeLessThan(4000);
    }
  });

  test("a policy is not explained, whichever form it has", () => {
    const source = readFileSync("policies/fifo/policy.bpf.c", "utf8");
    for (const text of [source, "\x7fELF\u0002\u0001\u0001"]) {
      expect(() => explainText(text, "policy.bpf.c")).toThrow(
        expect.objectContaining({
          code: "usage",
          hint: expect.stringContaining("schedcp verify policy.bpf.c"),
        }),
      );
    }
  });

  test("what tells of nothing is refused", () => {
    expect(() => explainText("all is well\n", "it")).toThrow("nothing in it tells");
  });
});
