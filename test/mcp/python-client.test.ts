// A client that is not ours: the Python SDK of the Model Context Protocol. Skipped where no Python
// with it is found: `pip install mcp` in a virtual environment, and name it in SCHEDCP_TEST_PYTHON.

import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const python = process.env.SCHEDCP_TEST_PYTHON ?? "python3";
const found = spawnSync(python, ["-c", "import mcp"], { stdio: "ignore" }).status === 0;
const reason = found ? "" : ` (skipped: ${python} has no package mcp; set SCHEDCP_TEST_PYTHON)`;

test.skipIf(!found)(`the Python SDK lists, calls, sees progress and errors${reason}`, () => {
  const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const server = [process.execPath, here("./scripted-server.ts")];
  const output = execFileSync(python, [here("./python-client.py"), ...server], {
    encoding: "utf8",
  });
  const saw: unknown = JSON.parse(output);
  expect(saw).toMatchObject({
    server: "schedcp",
    tools: [
      "experiment",
      "history",
      "policy_search",
      "policy_show",
      "policy_verify",
      "workload_profile",
    ],
    wrong: { isError: true, content: [{ text: expect.stringContaining("limt") }] },
    steps: expect.arrayContaining(["measure: pair 1 (25 %)"]),
    answers: expect.arrayContaining([
      expect.objectContaining({ structuredContent: { status: "running" } }),
      expect.objectContaining({
        structuredContent: expect.objectContaining({ status: "done" }),
      }),
    ]),
  });
});
