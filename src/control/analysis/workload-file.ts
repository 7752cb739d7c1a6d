// A workload file: read, checked and turned into a Workload. A file is untrusted data: its size,
// its aliases and its depth are bounded, and all that is wrong with it is told at once, each with
// its line. Called by the command line and the MCP server; runs nothing of what the file names.

import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SchedcpError } from "../../contract/errors.ts";
import { limits } from "../../contract/limits.ts";
import { suggest } from "../../contract/suggest.ts";
import { type Workload, workloadSchema } from "../../contract/workload.ts";
import { escapedTail } from "./escaped-text.ts";
import { brokenRules } from "./workload-rules.ts";
import { scaleWorkload } from "./workload-scale.ts";
import { schemaProblems } from "./workload-schema-problems.ts";
import { type Problem, parseYaml } from "./yaml-document.ts";

export interface WorkloadFile {
  workload: Workload;
  /** Of what is run and measured: two files that differ only in their words have the same. */
  sha256: string;
}

export interface WorkloadOptions {
  /** Overrides the file's own `scale`. */
  scale?: number;
}

const problemsShownMax = 20;
const hint = "Mend the file and try again; docs/workloads.md describes every key.";

/** Throws `file-unreadable`, `limit-exceeded` or `workload-invalid`. */
export async function readWorkloadFile(
  path: string,
  options: WorkloadOptions = {},
): Promise<WorkloadFile> {
  const bytes = await readBounded(path);
  const zero = bytes.indexOf(0);
  if (zero >= 0) {
    throw invalid(path, `is not text: it has a NUL byte at offset ${zero}`);
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalid(path, "is not valid UTF-8", cause);
  }
  return parseWorkloadFile(text, path, options);
}

/** `path` is only named in errors. Throws `limit-exceeded` or `workload-invalid`. */
export function parseWorkloadFile(
  text: string,
  path: string,
  options: WorkloadOptions = {},
): WorkloadFile {
  if (Buffer.byteLength(text) > limits.workloadBytesMax) throw tooLarge(path);
  const document = parseYaml(text);
  if (document.problems.length > 0) throw problemsError(path, document.problems);

  const parsed = workloadSchema.safeParse(document.value);
  if (!parsed.success) {
    throw problemsError(path, schemaProblems(parsed.error.issues, document));
  }
  const scaled = scaleWorkload(parsed.data, options.scale);
  const broken = [...brokenRules(parsed.data), ...scaled.problems];
  if (broken.length > 0) {
    const located = broken.map((rule) => ({
      ...document.locate(rule.path),
      message: rule.message,
    }));
    throw problemsError(path, located);
  }
  return { workload: scaled.workload, sha256: workloadDigest(scaled.workload) };
}

/** Of what is run and measured: the description and the intent do not count. */
export function workloadDigest(workload: Workload): string {
  // Keys come in the schema's order, so the text is canonical.
  const { description: _description, intent: _intent, ...measured } = workload;
  return createHash("sha256").update(JSON.stringify(measured)).digest("hex");
}

/** Without following what is no plain file: reading a pipe or a device would not end. */
async function readBounded(path: string): Promise<Uint8Array> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw await unreadable(path, cause);
  }
  try {
    const status = await handle.stat();
    if (!status.isFile()) {
      const what = status.isDirectory() ? "a directory" : "not a plain file";
      throw new SchedcpError("file-unreadable", `${shown(path)} is ${what}`, {
        hint: "Name a workload file, such as workloads/compression.yaml.",
        details: { file: path },
      });
    }
    if (status.size > limits.workloadBytesMax) throw tooLarge(path);
    const buffer = new Uint8Array(limits.workloadBytesMax + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await handle.close();
  }
}

async function unreadable(path: string, cause: unknown): Promise<SchedcpError> {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const reasons: Record<string, string> = {
    ENOENT: "does not exist",
    ENOTDIR: "does not exist",
    EACCES: "may not be read by you",
    ELOOP: "is a loop of symbolic links",
    ENAMETOOLONG: "has too long a name",
  };
  const meant = code === "ENOENT" ? await neighbourOf(path) : null;
  return new SchedcpError(
    "file-unreadable",
    `${shown(path)} ${reasons[code] ?? `cannot be read (${code})`}`,
    {
      hint:
        meant === null
          ? "Name a workload file that you can read, such as workloads/compression.yaml."
          : `Did you mean ${shown(meant)}?`,
      details: { file: path },
      cause,
    },
  );
}

/** A file beside the missing one with nearly the same name. */
async function neighbourOf(path: string): Promise<string | null> {
  // Only a suggestion: a directory that cannot be listed gives none.
  const names = await readdir(dirname(path)).catch(() => []);
  const name = suggest(basename(path), names);
  return name === null ? null : join(dirname(path), name);
}

function tooLarge(path: string): SchedcpError {
  const kib = limits.workloadBytesMax / 1024;
  return new SchedcpError("limit-exceeded", `${shown(path)} is larger than ${kib} KiB`, {
    hint: "A workload file holds commands, not data: let `setup` make the data.",
    details: { file: path, bytesMax: limits.workloadBytesMax },
  });
}

function invalid(path: string, what: string, cause?: unknown): SchedcpError {
  return new SchedcpError("workload-invalid", `${shown(path)} ${what}`, {
    hint: "A workload is a YAML (or JSON) text in UTF-8; docs/workloads.md has an example.",
    details: { file: path },
    cause,
  });
}

function problemsError(path: string, problems: readonly Problem[]): SchedcpError {
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
  const listed = sorted.slice(0, problemsShownMax);
  const lines = listed.map((p) => `  line ${p.line}, column ${p.column}: ${p.message}`);
  if (sorted.length > listed.length) lines.push(`  and ${sorted.length - listed.length} more`);
  const count = sorted.length === 1 ? "a problem" : `${sorted.length} problems`;
  return new SchedcpError("workload-invalid", `${shown(path)} has ${count}:\n${lines.join("\n")}`, {
    hint,
    details: { file: path, problems: listed },
  });
}

function shown(path: string): string {
  return escapedTail(path, 300);
}
