// A refusal as it came from a node: the error's code and message, the end of the kernel verifier's log, and
// the kernel's exit record. Stored as text, so that a reader sees what the kernel said. Imported by tests.

import { readdirSync, readFileSync } from "node:fs";
import { type ErrorCode, SchedcpError } from "../../src/contract/errors.ts";

export const logsDirectory = new URL("./logs/", import.meta.url).pathname;
export const corpusDirectory = new URL("../corpus/bad/", import.meta.url).pathname;

/** `unchecked-lookup-1`: names of the stored ones, each of a policy `load-<name>.bpf.c` of the corpus. */
export function storedRefusals(): string[] {
  return readdirSync(logsDirectory)
    .filter((file) => file.endsWith(".txt"))
    .map((file) => file.slice(0, -".txt".length))
    .sort();
}

export function readRefusal(name: string): SchedcpError {
  const text = readFileSync(`${logsDirectory}${name}.txt`, "utf8");
  const [head = "", exit] = text.split("\n--- exit ---\n");
  const [first = "", log] = head.split("\n--- log ---\n");
  const [code = "", ...message] = first.split("\n");
  const [exitReason, exitMessage] = exit?.trimEnd().split("\n") ?? [];
  const details = {
    ...(log === undefined ? {} : { log }),
    ...(exitReason === undefined ? {} : { exitReason, exitMessage }),
  };
  return new SchedcpError(code.replace("code: ", "") as ErrorCode, message.join("\n"), {
    hint: "The kernel takes no such object; the kernel verifier's log says where and why.",
    details,
  });
}

/** What the corpus says of a policy: `// expect: reject load load/unchecked-lookup`. */
export function expectedRule(source: string): string | null {
  return /^\/\/ expect: reject load (\S+)$/m.exec(source)?.[1] ?? null;
}
