// clang's messages → findings that a language model can act on. Pure. What clang says quotes the
// source: it is untrusted text, so it is bounded and without control characters.

import type { Finding } from "../../contract/verdict.ts";
import { compilerHint } from "./compiler-hints.ts";

export interface MessageOptions {
  /** Which of clang's messages become findings. */
  severity: "error" | "warning";
  /** Names of kernel functions, for "did you mean". */
  functions: readonly string[];
}

const findingsMax = 10;
const messageCharsMax = 300;

interface Message {
  severity: string;
  text: string;
  location: { file: string; line: number; column?: number } | null;
  notes: string[];
}

export function compilerFindings(stderr: string, options: MessageOptions): Finding[] {
  const wanted = options.severity === "error" ? ["error", "fatal error"] : ["warning"];
  return parseMessages(stderr)
    .filter((message) => wanted.includes(message.severity))
    .slice(0, findingsMax)
    .map((message) => ({
      rule: options.severity === "error" ? "compile/error" : "compile/warning",
      severity: options.severity,
      message: message.text,
      hint: compilerHint([message.text, ...message.notes], options.functions),
      ...(message.location === null ? {} : { location: message.location }),
    }));
}

/** The kfuncs that a vmlinux.h declares. */
export function kernelFunctions(vmlinuxHeader: string): { name: string; prototype: string }[] {
  return [...vmlinuxHeader.matchAll(/^extern .*?[ *](\w+)\((?!\().*__ksym;$/gm)].map(
    ([prototype, name = ""]) => ({ name, prototype }),
  );
}

function parseMessages(stderr: string): Message[] {
  const messages: Message[] = [];
  for (const line of stderr.split("\n")) {
    const match =
      /^(?:(?<file>[^\s:][^:]*):(?<line>\d+)(?::(?<column>\d+))?: |clang[^:]*: )?(?<severity>fatal error|error|warning|note): (?<text>.*)$/.exec(
        line,
      );
    const fields = match?.groups;
    if (fields?.severity === undefined || fields.text === undefined) continue;
    const text = plain(fields.text.replace(/ \[-W[^\]]*\]$/, ""));
    if (fields.severity === "note") {
      messages.at(-1)?.notes.push(text);
      continue;
    }
    const location =
      fields.file === undefined || fields.line === undefined
        ? null
        : {
            file: plain(fields.file),
            line: Number(fields.line),
            ...(fields.column === undefined ? {} : { column: Number(fields.column) }),
          };
    messages.push({ severity: fields.severity, text, location, notes: [] });
  }
  return messages;
}

/** Without the sandbox's directories and control characters; bounded. */
function plain(text: string): string {
  return text
    .replaceAll(/\/(?:policy|include|target|libbpf)\/(?=[\w.])/g, "")
    .replaceAll(/[\x00-\x1f\x7f-\x9f]/g, "?")
    .slice(0, messageCharsMax);
}
