// Enrolled programs on the real kernel: a good one passes by load and exercise alone, bad ones are stopped
// with words that tell why, and nothing of them stays in the guest.

import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EnrolledBinary } from "../../src/contract/enrolled-binary.ts";
import type { HostProgram, NodeSource } from "../../src/contract/node.ts";
import type { NodeConnection } from "../../src/contract/node-protocol.ts";
import { type Verdict, verdictSchema } from "../../src/contract/verdict.ts";
import { openPolicyLibrary } from "../../src/control/repository/policy-library.ts";
import { askVersion } from "../../src/control/verifier/enrolment/ask-version.ts";
import { readBinary } from "../../src/control/verifier/enrolment/binary-file.ts";
import { nodeFor, programOf } from "../../src/control/verifier/enrolment/enrol.ts";
import { librariesOf } from "../../src/control/verifier/enrolment/shared-libraries.ts";
import { verifyEnrolled } from "../../src/control/verifier/enrolment/verify-enrolled.ts";
import { trialNode } from "../../src/control/verifier/exercise/trial-node.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import { commandLine } from "../cli/command-line.ts";
import { buildProgram } from "./enrolled-program.ts";

const library = await openPolicyLibrary();
let directory: string;
let program: HostProgram;
let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ mayBuild: true });
  directory = mkdtempSync(join(tmpdir(), "schedcp-enrolled-"));
  const header = await lab.vmlinuxHeader(() => undefined);
  const { source } = library.show("weighted-vtime");
  const file = await readBinary(await buildProgram(directory, source, header));
  program = programOf(file, await librariesOf(file, undefined));
}, 600_000);
afterAll(async () => {
  await lab.close();
  rmSync(directory, { recursive: true });
});

function schedcp(...words: string[]): { exit: number; document: unknown } {
  const [node, given] = commandLine([...words, "--json"]);
  const env = { ...process.env, SCHEDCP_DATA_DIR: join(directory, "data") };
  const run = spawnSync(node, given, { encoding: "utf8", env });
  return { exit: run.status ?? -1, document: JSON.parse(run.stdout) };
}

describe("a good program", () => {
  test("is enrolled, passes, is known again, and with a changed byte is not", () => {
    const { path } = program.file;
    const before = schedcp("verify", "--binary", path);
    expect(before).toMatchObject({ exit: 2, document: { error: { code: "not-found" } } });

    const taken = schedcp("scx", "enrol", path);
    const { enrolled } = taken.document as { enrolled: EnrolledBinary };
    expect(taken.exit).toBe(0);
    expect(enrolled).toMatchObject({ name: "scx-trial", version: "1.2.3" });
    expect(enrolled.sha256).toBe(program.file.sha256);
    expect(enrolled.libraries.map(({ path: each }) => each).join()).toMatch(/libbpf.*libelf/);
    expect(schedcp("scx", "list").document).toEqual({ enrolled: [enrolled] });

    const { exit, document } = schedcp("verify", "--binary", path);
    const verdict = verdictSchema.parse(document);
    expect(verdict.findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect({ exit, verdict: verdict.verdict }).toEqual({ exit: 0, verdict: "pass" });
    expect(verdict.policy).toEqual({
      ...{ name: "scx-trial", sourceSha256: enrolled.sha256, parameters: {} },
    });
    expect(verdict.enrolledBinary).toEqual({ version: "1.2.3", sha256: enrolled.sha256 });
    expect(verdict.token).toBeUndefined();
    expect(stagesOf(verdict)).toEqual([
      "input not-run because an enrolled program",
      "compile not-run because an enrolled program",
      "admission not-run because an enrolled program",
      "static not-run because an enrolled program",
      "simulate not-run because an enrolled program",
      "load pass",
      "exercise pass",
    ]);
    expect(verdict.evidence).toMatchObject({
      binarySha256: enrolled.sha256,
      binaryVersion: "1.2.3",
      opsName: "weighted_vtime",
      trials:
        "basic revert-unload fair-share wake-latency affinity storms real-time-hog changes revert-kill-loader",
    });
    expect(verdict.evidence.revertMs).toBeLessThanOrEqual(2000);
    expect(verdict.findings.map(({ rule }) => rule)).toContain("exercise/own-watchdog");

    const again = verdictSchema.parse(schedcp("verify", "--binary", path).document);
    expect(again.evidence).toMatchObject({ cached: true, binarySha256: enrolled.sha256 });

    appendFileSync(path, "!");
    expect(schedcp("verify", "--binary", path)).toMatchObject({
      exit: 2,
      document: { error: { code: "policy-invalid", details: { enrolled: [enrolled.sha256] } } },
    });
  }, 600_000);
});

/** A stage, its status, and how its reason begins. */
function stagesOf({ stages }: Verdict): string[] {
  return stages.map(({ stage, status, reason }) => {
    const because = reason === undefined ? "" : ` because ${reason.split(":")[0]}`;
    return `${stage} ${status}${because}`;
  });
}

describe("what it does goes by its name:", () => {
  const names = ["good", "stalls", "exits", "hangs", "forks", "dies", "pins", "nameless"];
  let copy: HostProgram;
  /** One guest's snapshot for all of them. */
  let nodes: NodeSource;
  beforeAll(async () => {
    const header = await lab.vmlinuxHeader(() => undefined);
    const place = mkdtempSync(join(directory, "copy-"));
    const file = await readBinary(await buildProgram(place, library.show("fifo").source, header));
    copy = programOf(file, await librariesOf(file, undefined));
    const hostPrograms = names.map((name) => ({ ...copy, name }));
    nodes = {
      name: "lab",
      prepare: (request, ...rest) => lab.prepare({ ...request, hostPrograms }, ...rest),
      lease: (request, options) => lab.lease({ ...request, hostPrograms }, options),
    };
    await nodes.prepare(trialNode, () => undefined);
  }, 600_000);

  async function judged(name: string, startMs = 45_000): Promise<Omit<Verdict, "token">> {
    const { sha256 } = copy.file;
    const enrolled: EnrolledBinary = {
      ...{ name, version: "1.2.3", sha256, bytes: 1, libraries: [] },
      enrolledAt: new Date().toISOString(),
    };
    const known = { enrolled, program: { ...copy, name }, librariesSha256: "0".repeat(64) };
    const verdict = await verifyEnrolled(known, { nodes, progress: () => undefined }, startMs);
    return verdictSchema.parse(verdict);
  }

  async function inGuest(use: (node: NodeConnection) => Promise<void>): Promise<void> {
    const lease = await nodes.lease(nodeFor(copy));
    try {
      await use(lease.connection);
    } finally {
      await lease.release();
    }
  }

  const start = (node: NodeConnection, name: string, sha256 = copy.file.sha256) =>
    node.call(
      "policy.start-binary",
      { name, sha256, timeoutMs: 30_000, limitMs: 45_000 },
      { timeoutMs: 60_000 },
    );

  test.each([
    ["exits", 45_000, "load/exited", /ended \(with 3\).*\n.*no kernel of mine/s],
    ["hangs", 4000, "load/no-scheduler", /no scheduler within 4 s\nit said nothing/],
    ["forks", 45_000, "load/background", /first process ended \(with 0\) and left others behind/],
  ])("%s: rejected in load", async (name, startMs, rule, words) => {
    const { verdict, findings, stages } = await judged(name, startMs);
    expect(findings.map((finding) => finding.rule)).toEqual([rule]);
    expect(findings[0]?.message).toMatch(words);
    expect(verdict).toBe("reject");
    expect(stages.at(-1)).toMatchObject({ stage: "exercise", status: "not-run" });
  });

  test.each([
    ["stalls", "exercise/stall", /failed to run for/],
    ["dies", "exercise/ejected", /its program ended with 101.*thread main panicked/],
    ["pins", "exercise/ejected", /pinned link/],
  ])("%s: rejected in exercise, with words to its owner", async (name, rule, words) => {
    const { verdict, findings } = await judged(name);
    const errors = findings.filter(({ severity }) => severity === "error");
    expect(errors.map((finding) => finding.rule)).toContain(rule);
    expect(errors.find((finding) => finding.rule === rule)?.message).toMatch(words);
    expect(errors[0]?.hint).toMatch(/^Do not run this version/);
    expect(verdict).toBe("reject");
  });

  test("nothing stays of one that went into the background, and another can be started", async () => {
    await inGuest(async (node) => {
      await expect(start(node, "forks")).rejects.toMatchObject({
        code: "load-failed",
        details: { stage: "background" },
      });
      const { schedExt } = await node.call("policy.status", {});
      expect(schedExt).toMatchObject({ state: "disabled", ops: null });
      const looked = await look(node, "sleep 0.5; ls /tmp /sys/fs/cgroup");
      expect(looked).toContain("cgroup.procs");
      expect(looked).not.toMatch(/heartbeat|schedcp-binary/);

      const { opsName, switchedAll } = await start(node, "good");
      expect({ opsName, switchedAll }).toEqual({ opsName: "fifo", switchedAll: true });
      expect(await look(node, "ls /sys/fs/cgroup")).toContain("schedcp-binary");
      const after = await node.call("policy.unload", {});
      expect(after).toMatchObject({ state: "ended", schedExt: { state: "disabled" } });
      expect(await look(node, "ls /sys/fs/cgroup")).not.toContain("schedcp-binary");
    });
  });

  test("other bytes than those named are not started, nor is what was not put there", async () => {
    await inGuest(async (node) => {
      await expect(start(node, "good", "0".repeat(64))).rejects.toMatchObject({
        code: "policy-invalid",
      });
      await expect(start(node, "none")).rejects.toMatchObject({ code: "not-found" });
      expect((await node.call("policy.status", {})).state).toBe("none");
    });
  });

  test("one without a version is not enrolled", async () => {
    const lease = () => nodes.lease(nodeFor(copy));
    const asked = (name: string) => askVersion({ ...copy, name }, lease, undefined);
    await expect(asked("nameless")).rejects.toMatchObject({
      code: "policy-invalid",
      message: expect.stringContaining('answers "a scheduler"'),
    });
    expect(await asked("good")).toBe("1.2.3");
  });
});

/** What an ordinary user's command prints in the guest. */
async function look(node: NodeConnection, command: string): Promise<string> {
  const { output, failure } = await node.call("workload.run", {
    workload: {
      name: "look",
      run: [{ name: "look", command }],
      objective: { metric: "makespan", direction: "minimise" },
    },
    ...{ timeLimitMs: 20_000, stopAfterMs: null, outputOf: ["look"], trace: false },
  });
  expect(failure).toBeNull();
  return output.look?.[0] ?? "";
}
