// What the schema refuses in a workload file, in words that name the key, the line and the remedy.
// Pure; called by workload-file.ts with the issues that zod found.

import { z } from "zod";
import { didYouMean, suggest } from "../../contract/suggest.ts";
import { workloadSchema } from "../../contract/workload.ts";
import { escapedTail } from "./escaped-text.ts";
import type { Problem, ValuePath, YamlDocument } from "./yaml-document.ts";

type Issue = z.core.$ZodIssue;

/** How a key looks that is missing. */
const examples: Record<string, string> = {
  name: "name: my-workload",
  run: 'run: [{ name: job, count: 8, command: "gzip -9 -c data.txt" }]',
  command: 'command: "gzip -9 -c data.txt"',
  objective: "objective: { metric: makespan, direction: minimise }",
  metric: "metric: makespan",
  direction: "direction: minimise",
  worstPercent: "worstPercent: 5",
};

export function schemaProblems(issues: readonly Issue[], document: YamlDocument): Problem[] {
  // A misspelt key would be reported twice: as unknown, and as missing under its right name.
  const meant = new Set<string>();
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") continue;
    for (const key of issue.keys) {
      const right = suggest(key, keysAt(issue.path));
      if (right !== null) meant.add(pathName([...issue.path, right]));
    }
  }
  return issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") return unknownKeys(issue.keys, issue.path, document);
    if (meant.has(pathName(issue.path)) && isMissing(issue, document)) return [];
    return [{ ...document.locate(issue.path), message: messageOf(issue, document) }];
  });
}

function unknownKeys(keys: string[], path: ValuePath, document: YamlDocument): Problem[] {
  const known = keysAt(path);
  return keys.map((key) => {
    const guess = didYouMean(key, known);
    const where = path.length === 0 ? "" : ` in \`${pathName(path)}\``;
    const position = document.locateKey(path, key);
    const rest = guess === "" ? `; known are ${known.map((k) => `\`${k}\``).join(", ")}` : guess;
    return { ...position, message: `unknown key \`${escapedTail(key, 60)}\`${where}${rest}` };
  });
}

function messageOf(issue: Issue, document: YamlDocument): string {
  const name = pathName(issue.path);
  if (isMissing(issue, document)) {
    const key = String(issue.path.at(-1));
    const example = examples[key] === undefined ? "" : `, for example \`${examples[key]}\``;
    return `missing key \`${name}\`${example}`;
  }
  const value = valueAt(document.value, issue.path);
  if (issue.path.length === 0)
    return "a workload is a map of keys such as `name`, `run`, `objective`";
  if (issue.code === "invalid_value") {
    const allowed = issue.values.map(String);
    const guess = typeof value === "string" ? didYouMean(value, allowed) : "";
    return `\`${name}\` is ${allowed.map((v) => `\`${v}\``).join(" or ")}, not ${shown(value)}${guess}`;
  }
  if (issue.code === "invalid_type") {
    const wanted: Record<string, string> = {
      array: "a list",
      object: "a map",
      int: "a whole number",
      number: "a number",
      string: "a text",
      boolean: "true or false",
    };
    return `\`${name}\` must be ${wanted[issue.expected] ?? issue.expected}, not ${shown(value)}`;
  }
  if (issue.code === "too_big" || issue.code === "too_small")
    return sizeMessage(name, issue, value);
  return `\`${name}\` is ${shown(value)}: ${issue.message}`;
}

type SizeIssue = z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall;

function sizeMessage(name: string, issue: SizeIssue, value: unknown): string {
  const limit = issue.code === "too_big" ? issue.maximum : issue.minimum;
  const bound = issue.code === "too_big" ? "at most" : "at least";
  if (issue.origin === "string") {
    const length = typeof value === "string" ? value.length : 0;
    return length === 0
      ? `\`${name}\` is empty`
      : `\`${name}\` may have ${bound} ${limit} characters, not ${length}`;
  }
  if (issue.origin === "array") {
    const length = Array.isArray(value) ? value.length : 0;
    return length === 0
      ? `\`${name}\` is empty`
      : `\`${name}\` may have ${bound} ${limit} entries, not ${length}`;
  }
  return `\`${name}\` must be ${bound} ${limit}, not ${shown(value)}`;
}

function isMissing(issue: Issue, document: YamlDocument): boolean {
  return issue.path.length > 0 && valueAt(document.value, issue.path) === undefined;
}

function valueAt(value: unknown, path: ValuePath): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return undefined;
    found = Reflect.get(found, key);
  }
  return found;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map";
  if (typeof value === "string") return `\`${escapedTail(value, 60)}\``;
  return value === null ? "nothing" : String(value);
}

/** `run[0].command`, as in messages. */
export function pathName(path: ValuePath): string {
  return path.reduce<string>((name, key) => {
    if (typeof key === "number") return `${name}[${key}]`;
    return name === "" ? String(key) : `${name}.${String(key)}`;
  }, "");
}

/** Keys that the schema knows in the map at the path. */
function keysAt(path: ValuePath): string[] {
  let schema: unknown = workloadSchema;
  for (const key of path) {
    schema = unwrapped(schema);
    if (schema instanceof z.ZodArray) schema = schema.element;
    else if (schema instanceof z.ZodObject) schema = schema.shape[String(key)];
  }
  schema = unwrapped(schema);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  let inner = schema;
  while (
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault ||
    inner instanceof z.ZodOptional
  ) {
    inner = inner.unwrap();
  }
  return inner;
}
