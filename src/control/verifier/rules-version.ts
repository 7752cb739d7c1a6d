// What a verdict depends on beside its subject: the code that judges. A digest over the verifier's, the
// simulator's and the daemon's own files and the headers, so that no rule can change and an old verdict
// stay. Called by verdict-key.ts; part of every verdict's evidence.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** What runs, in a checkout and in the published package; tests judge nothing. */
const judging = [
  ...[
    "control/verifier",
    "control/confinement",
    "control/deployment",
    "simulator",
    "lab",
    "daemon",
    "contract",
  ].flatMap((room) => [`src/${room}`, `dist/${room}`]),
  "bpf",
  "native",
];
const ofTests = /\.test\.[jt]s$|(^|\/)testing\//;

let version: string | undefined;

/** SHA-256, hex. Read once a process: some 400 small files. */
export function rulesVersion(): string {
  version ??= digestOfFiles(judging.map((directory) => join(root, directory)));
  return version;
}

function digestOfFiles(directories: readonly string[]): string {
  const hash = createHash("sha256");
  for (const directory of directories.filter((each) => existsSync(each))) {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !ofTests.test(path))
      .sort();
    for (const path of files) {
      const bytes = readFileSync(path);
      hash.update(`${relative(root, path)} ${bytes.length}\n`).update(bytes);
    }
  }
  return hash.digest("hex");
}
