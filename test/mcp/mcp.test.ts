// The `mcp` command as an agent meets it: a child process, real stdio, the SDK's own client. What
// takes minutes with a real lab (progress, waiting, cancelling) is played by scripted-server.ts.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Connection, connect } from "./connection.ts";

/** Tokens as they are counted here: bytes ÷ 4. */
const tokens = (value: unknown) => Buffer.byteLength(JSON.stringify(value)) / 4;

const toolNames = [
  "experiment",
  "history",
  "policy_search",
  "policy_show",
  "policy_verify",
  "workload_profile",
];

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "schedcp-mcp-"));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe("the real server", () => {
  let connection: Connection;

  beforeAll(async () => {
    const environment = {
      SCHEDCP_DATA_DIR: directory,
      SCHEDCP_CACHE_DIR: join(directory, "cache"),
    };
    connection = await connect("../../src/cli/main.ts", ["mcp"], environment);
  });

  afterAll(() => connection.client.close());

  test("offers six tools, each as its golden file has it", async () => {
    const { tools } = await connection.client.listTools();
    expect(tools.map((tool) => tool.name).sort()).toEqual(toolNames);
    for (const tool of tools) {
      const golden = `./${tool.name}.golden.json`;
      await expect(`${JSON.stringify(tool, null, 2)}\n`).toMatchFileSnapshot(golden);
      expect(tool.inputSchema.additionalProperties).toBe(false);
      expect(tool.outputSchema?.additionalProperties).toBe(false);
    }
    expect(tokens(tools)).toBeLessThan(2500);
  });

  test("lists the whole library for at most 250 tokens", async () => {
    const result = await call("policy_search", {});
    expect(result.isError).toBeFalsy();
    expect(result.structuredContent).toMatchObject({ names: expect.arrayContaining(["fifo"]) });
    expect(tokens(result)).toBeLessThanOrEqual(250);
  });

  test("shows a policy, its source only where asked for", async () => {
    const short = await call("policy_show", { name: "fifo" });
    expect(short.structuredContent).not.toHaveProperty("source");
    const long = await call("policy_show", { name: "fifo", source: true });
    expect(long.structuredContent).toHaveProperty("source");
  });

  test.each([
    ["an unknown key", "policy_search", { query: "", limt: 3 }, /limt/],
    ["a missing one", "policy_show", {}, /name/],
    ["a limit beyond the limit", "history", { limit: 51 }, /limit/],
    ["an unknown policy", "policy_show", { name: "fifa" }, /not-found|fifo/],
    ["a path as a workload", "workload_profile", { workload: "/etc/hostname" }, /workload-invalid/],
    [
      "an unknown workload",
      "workload_profile",
      { workload: "compresion" },
      /Did you mean compression/,
    ],
    ["a path as a policy", "policy_verify", { policy: "/etc/hostname" }, /policy-invalid/],
    ["no lab yet", "workload_profile", { workload: "compression" }, /missing-setup.*setup/s],
  ])("%s is a tool error that says so", async (_what, name, given, said) => {
    const result = await call(name, given);
    expect(result.isError).toBe(true);
    expect(textOf(result)).toMatch(said);
  });

  test("an empty history is an answer", async () => {
    const result = await call("history", {});
    expect(result.structuredContent).toEqual({ entries: [] });
  });

  function call(name: string, given: Record<string, unknown>) {
    return connection.client.callTool({ name, arguments: given });
  }
});

describe("long calls", () => {
  let connection: Connection;
  const workload =
    "run:\n  - { name: a, command: 'true' }\nname: w\nobjective: { metric: makespan, direction: minimise }\n";

  beforeAll(async () => {
    connection = await connect("./scripted-server.ts", [], {});
  });

  afterAll(() => connection.client.close());

  test("send progress, answer `running`, and are waited for by calling again", async () => {
    const seen: { progress: number; message?: string | undefined }[] = [];
    const statuses: unknown[] = [];
    for (;;) {
      const result = await connection.client.callTool(
        { name: "experiment", arguments: { workload, seed: 1 } },
        { onprogress: (event) => seen.push(event) },
      );
      const content = result.structuredContent as { status: string };
      statuses.push(content.status);
      if (content.status !== "running") {
        expect(content).toMatchObject({
          measurement: { objective: { default: 2, confidenceInterval: [-1, 2] }, emulated: true },
        });
        expect(textOf(result)).toMatch(/makespan \+0\.5/);
        break;
      }
      seen.length = 0;
    }
    expect(statuses.slice(0, -1)).toContain("running");
    expect(seen.every(({ message }) => message?.startsWith("measure: pair"))).toBe(true);
  });

  test("cancelled, they end the experiment", async () => {
    const controller = new AbortController();
    const call = connection.client.callTool(
      { name: "experiment", arguments: { workload, seed: 2 } },
      { signal: controller.signal },
    );
    await connection.said("started");
    controller.abort("enough");
    await expect(call).rejects.toThrow();
    await connection.said("aborted");
  });

  test("a failure is told once; the next call starts anew", async () => {
    for (let attempt = 0; attempt < 2; attempt++) {
      const result = await connection.client.callTool({
        name: "experiment",
        arguments: { workload, seed: 3 },
      });
      expect(result.isError).toBe(true);
      expect(textOf(result)).toBe("workload-failed: gzip failed\nMend the command.");
    }
  });

  test("nothing that is invisible gets through", async () => {
    const result = await connection.client.callTool({ name: "policy_search", arguments: {} });
    expect(textOf(result)).toBe("odd: a\\u{1b}[31m\\u{202e}b");
  });
});

function textOf(result: { content: readonly { type: string; text?: string }[] }): string {
  return result.content.map((block) => block.text ?? "").join("\n");
}
