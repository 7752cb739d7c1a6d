// `schedcp verify` on the real kernel: what is good passes, and each kind of bad policy is stopped in
// the stage that can see it, with words that tell how to mend it.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TokenClaims, tokenClaimsSchema } from "../../src/contract/token.ts";
import { type Verdict, verdictSchema } from "../../src/contract/verdict.ts";
import { commandLine } from "../cli/command-line.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-verify-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

function verify(name: string, text: string, ...more: string[]): { verdict: Verdict; exit: number } {
  const path = join(directory, name);
  writeFileSync(path, text);
  const [program, given] = commandLine(["verify", path, "--json", ...more]);
  const env = { ...process.env, SCHEDCP_DATA_DIR: join(directory, "data") };
  const run = spawnSync(program, given, { encoding: "utf8", env });
  return { verdict: verdictSchema.parse(JSON.parse(run.stdout)), exit: run.status ?? -1 };
}

/** Signatures are token.test.ts's business. */
const claimsOf = ({ token, verdict, findings }: Verdict): TokenClaims => {
  if (token === undefined) throw new Error(`${verdict}: ${JSON.stringify(findings)}`);
  const [, claims = ""] = token.split(".");
  return tokenClaimsSchema.parse(JSON.parse(Buffer.from(claims, "base64url").toString()));
};

const statusOf = (verdict: Verdict) =>
  Object.fromEntries(verdict.stages.map(({ stage, status }) => [stage, status]));

/** A FIFO whose enqueue begins with `statements`. */
const scheduler = (statements: string, declarations = "") => `
#include <scx/common.bpf.h>
char _license[] SEC("license") = "GPL";
UEI_DEFINE(uei);
${declarations}
s32 BPF_STRUCT_OPS(trial_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);

	if (is_idle)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	return cpu;
}
void BPF_STRUCT_OPS(trial_enqueue, struct task_struct *p, u64 enq_flags)
{
	${statements}
	scx_bpf_dsq_insert(p, SCX_DSQ_GLOBAL, SCX_SLICE_DFL, enq_flags);
}
void BPF_STRUCT_OPS(trial_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}
SCX_OPS_DEFINE(trial_ops, .select_cpu = (void *)trial_select_cpu, .enqueue = (void *)trial_enqueue,
	       .exit = (void *)trial_exit, .name = "trial");
`;

describe("a good policy", () => {
  test("passes, with the kernel and the image as evidence", () => {
    const source = readFileSync("policies/weighted-vtime/policy.bpf.c", "utf8");
    const { verdict, exit } = verify("weighted-vtime.bpf.c", source);
    expect(verdict.findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(statusOf(verdict)).toEqual({
      input: "pass",
      compile: "pass",
      admission: "pass",
      static: "pass",
      simulate: "pass",
      load: "pass",
      exercise: "pass",
    });
    expect(exit).toBe(0);
    expect(verdict.policy.objectSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(String(verdict.evidence.kernel)).toMatch(/^\d+\.\d+/);
    expect(verdict.evidence.cached).toBeUndefined();

    // Asking again is free, and says so; the token is a fresh one.
    const again = verify("weighted-vtime.bpf.c", source);
    expect(again.verdict).toEqual({
      ...verdict,
      token: again.verdict.token,
      evidence: { ...verdict.evidence, cached: true, cachedAt: expect.any(String) },
    });
    const [first, second] = [claimsOf(verdict), claimsOf(again.verdict)];
    expect(second.id).not.toBe(first.id);
    expect(first).toMatchObject({
      policy: { name: "weighted-vtime", objectSha256: verdict.policy.objectSha256 },
      scope: { kind: "lab" },
      kernels: [verdict.evidence.kernel],
      evidence: second.evidence,
    });

    // Another parameter is another question.
    const other = verify("weighted-vtime.bpf.c", source, "--set", "slice_us=4000");
    expect(other.verdict.evidence.cached).toBeUndefined();
    expect(claimsOf(other.verdict).parameters).toEqual({ slice_us: 4000 });
  });
});

describe("a bad policy is rejected", () => {
  test("in input: an object that is not BPF", () => {
    const { verdict, exit } = verify("program.o", readFileSync("/bin/true", "latin1"));
    expect(exit).toBe(1);
    expect(verdict).toMatchObject({ verdict: "reject", findings: [{ rule: "input/form" }] });
    expect(statusOf(verdict)).toMatchObject({
      input: "reject",
      compile: "not-run",
      load: "not-run",
    });
  });

  test("in compile: a misspelt kfunc, by line and with the right name", () => {
    const { verdict, exit } = verify("typo.bpf.c", scheduler("scx_bpf_dsq_insrt(p, 0, 0, 0);"));
    expect(exit).toBe(1);
    const [finding] = verdict.findings;
    expect(finding).toMatchObject({ rule: "compile/error", severity: "error" });
    expect(finding?.location?.line).toBeGreaterThan(1);
    expect(finding?.hint).toContain("scx_bpf_dsq_insert");
    expect(statusOf(verdict)).toMatchObject({ compile: "reject", load: "not-run" });
  });

  test("in load: a reference that is kept, by the kernel verifier's reason", () => {
    const kept = "struct task_struct *first = bpf_task_from_pid(1); if (first) enq_flags |= 0;";
    const { verdict, exit } = verify("keeps.bpf.c", scheduler(kept));
    expect(exit).toBe(1);
    expect(verdict.findings.at(-1)).toMatchObject({ rule: "load/unreleased-reference" });
    expect(verdict.findings.at(-1)?.hint).toContain("bpf_task_release");
    expect(statusOf(verdict)).toMatchObject({ load: "reject", exercise: "not-run" });
  });

  test("in admission: it prints what tasks do", () => {
    const { verdict, exit } = verify("prints.bpf.c", scheduler('bpf_printk("%s", p->comm);'));
    expect(exit).toBe(1);
    expect(verdict.findings.at(-1)).toMatchObject({ rule: "admission/call" });
    expect(statusOf(verdict)).toMatchObject({ admission: "reject", static: "not-run" });
    expect(verdict.token).toBeUndefined();
  });

  test("before the kernel: tasks of one name are dropped, with the shortest example", () => {
    const drop = "if (p->comm[0] == 's' && p->comm[1] == 'l' && p->comm[2] == 'e') return;";
    const { verdict, exit } = verify("drops.bpf.c", scheduler(drop));
    expect(exit).toBe(1);
    expect(verdict.findings.at(-1)?.rule).toMatch(/^(static|simulate)\//);
    expect(statusOf(verdict)).toMatchObject({ load: "not-run", exercise: "not-run" });
  });

  test("a callback that hogs the CPU ends in a verdict in bounded time, never a pass", () => {
    const loop = `static long spin(u64 i, void *ctx) { bpf_get_prandom_u32(); return 0; }`;
    const { verdict } = verify("hog.bpf.c", scheduler("bpf_loop(8000000, spin, NULL, 0);", loop));
    expect(verdict.verdict).not.toBe("pass");
  });
});
