import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { SchedcpError } from "../../contract/errors.ts";
import { limits } from "../../contract/limits.ts";
import { parseWorkloadFile, readWorkloadFile } from "./workload-file.ts";

const directory = mkdtempSync(join(tmpdir(), "schedcp-workload-"));
afterAll(() => rmSync(directory, { recursive: true }));

const sample = `name: sample
run:
  - { name: short, count: 3, command: "gzip -9 -c small.txt" }
  - { name: long, command: "gzip -9 -c large.txt" }
objective: { metric: makespan, direction: minimise }
`;

function errorOf(work: () => unknown): SchedcpError {
  try {
    work();
  } catch (error) {
    if (error instanceof SchedcpError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

/** The problems of a text, one a line, as a user sees them. */
function problemsOf(text: string): string {
  const error = errorOf(() => parseWorkloadFile(text, "w.yaml"));
  expect(error.code).toBe("workload-invalid");
  expect(error.exitCode).toBe(2);
  expect(error.hint).not.toBe("");
  return error.message;
}

async function readError(path: string): Promise<SchedcpError> {
  const thrown = await readWorkloadFile(path).catch((error: unknown) => error);
  if (thrown instanceof SchedcpError) return thrown;
  throw new Error("it was accepted", { cause: thrown });
}

test("what is not given has its default", () => {
  const { workload, sha256 } = parseWorkloadFile(sample, "w.yaml");
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(workload).toMatchObject({
    setup: [],
    guardrails: [],
    requires: [],
    measure: { pairs: 8, warmUpSeconds: 1.5, timeLimitSeconds: 120, cpus: 2, memoryMib: 1024 },
  });
  expect(workload.run[1]).toEqual({
    name: "long",
    count: 1,
    command: "gzip -9 -c large.txt",
    background: false,
  });
});

test("JSON is YAML, with carriage returns and a byte order mark too", () => {
  const { workload, sha256 } = parseWorkloadFile(sample, "w.yaml");
  const json = JSON.stringify(workload, null, 2).replaceAll("\n", "\r\n");
  expect(parseWorkloadFile(json, "w.json")).toEqual({ workload, sha256 });
});

test("the digest is of what runs: words, comments and order do not count, commands do", () => {
  const { sha256 } = parseWorkloadFile(sample, "w.yaml");
  const told = `# a comment\nintent: be quick\ndescription: two kinds\n${sample}`;
  expect(parseWorkloadFile(told, "w.yaml").sha256).toBe(sha256);
  expect(parseWorkloadFile(sample.replace("count: 3", "count: 4"), "w").sha256).not.toBe(sha256);
});

test("misspelt keys get the right one, once, with line and column", () => {
  const text = sample
    .replace("objective:", "objectiv:")
    .replace("count: 3", "cuont: 3")
    .replace("run:", "measure: { pair: 8 }\nrun:");
  expect(problemsOf(text)).toMatchInlineSnapshot(`
    "w.yaml has 3 problems:
      line 2, column 12: unknown key \`pair\` in \`measure\`: did you mean \`pairs\`?
      line 4, column 20: unknown key \`cuont\` in \`run[0]\`: did you mean \`count\`?
      line 6, column 1: unknown key \`objectiv\`: did you mean \`objective\`?"
  `);
});

test("missing keys come with an example, unknown ones without likeness with what is known", () => {
  expect(problemsOf("timeout: 3\nrun:\n  - name: job\n")).toMatchInlineSnapshot(`
    "w.yaml has 4 problems:
      line 1, column 1: missing key \`name\`, for example \`name: my-workload\`
      line 1, column 1: missing key \`objective\`, for example \`objective: { metric: makespan, direction: minimise }\`
      line 1, column 1: unknown key \`timeout\`; known are \`name\`, \`description\`, \`scale\`, \`setup\`, \`run\`, \`objective\`, \`guardrails\`, \`requires\`, \`measure\`, \`intent\`
      line 3, column 5: missing key \`run[0].command\`, for example \`command: "gzip -9 -c data.txt"\`"
  `);
});

test("wrong types, words and sizes", () => {
  const text = `name: My Workload
run:
  - { name: job, command: [gzip], count: 2000 }
  - { name: two, command: "", background: yes please }
  - null
objective: { metric: makespan, direction: minimize }
measure: { pairs: 2.5, cpus: 0 }
requires: gzip
`;
  expect(problemsOf(text)).toMatchInlineSnapshot(`
    "w.yaml has 10 problems:
      line 1, column 7: \`name\` is \`My Workload\`: use lower-case letters, digits and hyphens
      line 3, column 27: \`run[0].command\` must be a text, not a list
      line 3, column 42: \`run[0].count\` must be at most 1024, not 2000
      line 4, column 27: \`run[1].command\` is empty
      line 4, column 43: \`run[1].background\` must be true or false, not \`yes please\`
      line 5, column 5: \`run[2]\` must be a map, not nothing
      line 6, column 43: \`objective.direction\` is \`minimise\` or \`maximise\`, not \`minimize\`: did you mean \`minimise\`?
      line 7, column 19: \`measure.pairs\` must be a whole number, not 2.5
      line 7, column 30: \`measure.cpus\` must be at least 1, not 0
      line 8, column 11: \`requires\` must be a list, not \`gzip\`"
  `);
});

test("names that clash or lead nowhere, metrics and patterns", () => {
  const text = `name: bad
run:
  - { name: client, command: bench }
  - { name: client, command: bench }
objective: { metric: makspan, direction: minimise }
guardrails:
  - { metric: throughput, direction: minimise, worstPercent: 5 }
  - { metric: requests, pattern: "([0-9]+", from: cleint, worstPercent: 5 }
  - { metric: p99, pattern: "p99 [0-9]+", direction: minimise, worstPercent: 5 }
  - { metric: p50, pattern: "(p50) ([0-9]+)", direction: minimise, worstPercent: 5 }
  - { metric: latency-p99, pattern: "([0-9]+)", direction: minimise, worstPercent: 5 }
  - { metric: fairness, from: client, unit: s, worstPercent: 5 }
  - { metric: throughput, worstPercent: 1 }
  - { metric: speed-of-light, worstPercent: 1 }
`;
  expect(problemsOf(text)).toMatchInlineSnapshot(`
    "w.yaml has 14 problems:
      line 4, column 13: a second entry is named \`client\`: names tell entries apart in results
      line 5, column 22: unknown metric \`makspan\`: did you mean \`makespan\`? (a metric of your own needs a \`pattern\`)
      line 7, column 38: \`throughput\` is better when it is large: write \`direction: maximise\`
      line 8, column 5: a metric of your own needs a \`direction\`: \`minimise\` or \`maximise\`
      line 8, column 34: \`pattern\` is not a regular expression: Invalid regular expression: /([0-9]+/gm: Unterminated group
      line 8, column 51: no entry of \`run\` is named \`cleint\`: did you mean \`client\`?
      line 9, column 29: \`pattern\` must have exactly one capturing group, not 0: put the number in one, such as \`([0-9.]+)\`
      line 10, column 29: \`pattern\` must have exactly one capturing group, not 2: write \`(?:…)\` for the others
      line 11, column 15: \`latency-p99\` is built in: leave \`pattern\` out or give your metric another name
      line 12, column 15: \`fairness\` compares commands of one entry: no entry has a \`count\` above 1
      line 12, column 31: \`from\` goes with \`pattern\`: a built-in metric is of the whole run
      line 12, column 45: \`fairness\` has its own unit (none): leave \`unit\` out
      line 13, column 15: a second guardrail for \`throughput\`
      line 14, column 15: unknown metric \`speed-of-light\`; built in are makespan, throughput, latency-p50, latency-p95, latency-p99, wait-mean, fairness, context-switches (a metric of your own needs a \`pattern\`)"
  `);
});

test("a direction against the metric is refused", () => {
  const text = sample.replace("minimise", "maximise");
  expect(problemsOf(text)).toContain(
    "line 5, column 43: `makespan` is better when it is small: write `direction: minimise`",
  );
});

test("a run of background entries only, and too many processes", () => {
  const text = `name: bad
run:
  - { name: a, command: a, background: true, count: 1000 }
  - { name: b, command: b, background: true, count: 25 }
objective: { metric: throughput, direction: maximise }
`;
  expect(problemsOf(text)).toMatchInlineSnapshot(`
    "w.yaml has 2 problems:
      line 3, column 3: every entry is \`background\`, so the run would never end: one entry must end by itself
      line 3, column 3: all counts together may be 1024 at most, not 1025"
  `);
});

test("a guardrail on the objective itself", () => {
  const text = `${sample}guardrails: [{ metric: makespan, worstPercent: 5 }]\n`;
  expect(problemsOf(text)).toContain("`makespan` is the objective");
});

test("what is not one YAML document", () => {
  expect(problemsOf("")).toContain("line 1, column 1: the file is empty");
  expect(problemsOf("# nothing\n")).toContain("the file is empty");
  expect(problemsOf("---\n")).toContain("the file is empty");
  expect(problemsOf(`${sample}---\n${sample}`)).toContain("line 7, column 1: a second document");
  expect(problemsOf("name: a\nname: b\n")).toContain(
    "line 2, column 1: not YAML: Map keys must be unique",
  );
  expect(problemsOf("name: [a\nrun: {")).toMatch(/line \d+, column \d+: not YAML/);
  expect(problemsOf("name: !secret a\n")).toContain("line 1, column 7: not YAML: Unresolved tag");
  expect(problemsOf("- a\n- b\n")).toContain("a workload is a map of keys");
  expect(problemsOf("just words\n")).toContain("a workload is a map of keys");
});

test("alias bombs and deep nesting end at once", () => {
  const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]"];
  for (let i = 1; i < 12; i++) {
    const [name, before] = [String.fromCharCode(97 + i), String.fromCharCode(96 + i)];
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(",")}]`);
  }
  expect(problemsOf(bomb.join("\n"))).toContain("more than 100 aliases");
  expect(problemsOf("[".repeat(10_000))).toContain("has a problem:\n  line 1, column");
  expect(problemsOf(`name: ${"[".repeat(5000)}${"]".repeat(5000)}`)).toContain("nested too deeply");
});

test("keys that are members of every object are unknown keys like others", () => {
  expect(problemsOf(`${sample}__proto__: { a: 1 }\n`)).toContain("unknown key `__proto__`");
  expect(problemsOf(`${sample}constructor: 1\n`)).toContain("unknown key `constructor`");
});

test("control characters of a file do not reach the terminal", () => {
  const message = problemsOf(`${sample}"\\e[2Jx": 1\n`);
  expect(message).toContain("unknown key `\\u{1b}[2Jx`");
  expect(message).not.toContain("\u001b");
});

test("long lists of problems are cut, and say so", () => {
  const keys = Array.from({ length: 40 }, (_, i) => `unheard-of-${i}: 1\n`).join("");
  const message = problemsOf(sample + keys);
  expect(message).toContain("w.yaml has 40 problems");
  expect(message).toContain("and 20 more");
});

test("marked sizes are scaled by the file's factor or by the caller's", () => {
  const text = `setup: [{ command: "seq {{3000}} > a; awk '{{print}}' a" }]\n${sample}`;
  const at = (more: string, scale?: number) =>
    parseWorkloadFile(more + text, "w.yaml", scale === undefined ? {} : { scale });
  expect(at("").workload.setup[0]?.command).toBe("seq 3000 > a; awk '{{print}}' a");
  expect(at("").workload.scale).toBe(1);
  expect(at("scale: 0.1\n").workload.setup[0]?.command).toContain("seq 300 ");
  expect(at("scale: 0.1\n", 2).workload.setup[0]?.command).toContain("seq 6000 ");
  expect(at("", 0.01).workload.setup[0]?.command).toContain("seq 30 ");
  expect(at("", 2).sha256).not.toBe(at("").sha256);
  // A parsed workload, written out and read again, is not scaled twice.
  const once = at("", 2);
  expect(parseWorkloadFile(JSON.stringify(once.workload), "w.json").workload.setup).toEqual(
    once.workload.setup,
  );
});

test("a scale that cannot be", () => {
  const text = sample.replace("small.txt", "{{20}}");
  for (const scale of [0, -1, 1001, Number.NaN, Number.POSITIVE_INFINITY]) {
    const error = errorOf(() => parseWorkloadFile(text, "w.yaml", { scale }));
    expect(error.message).toContain(`the scale must be from 0.01 to 1000, not ${scale}`);
  }
  const error = errorOf(() => parseWorkloadFile(sample, "w.yaml", { scale: 2 }));
  expect(error.message).toContain("there is nothing to scale");
  expect(problemsOf(`scale: 5000\n${text}`)).toContain("`scale` must be at most 1000, not 5000");
});

test("any text is a workload or a SchedcpError", () => {
  const piece = fc.constantFrom(
    ...sample.split(/(?<=[\s:{},"])/),
    "&a ",
    "*a ",
    "- ",
    "null",
    "{{9}}",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 30 }).map((all) => all.join("")),
  );
  fc.assert(
    fc.property(text, (candidate) => {
      try {
        parseWorkloadFile(candidate, "w.yaml");
      } catch (error) {
        expect(error).toBeInstanceOf(SchedcpError);
      }
    }),
  );
});

test("a file on disk is read as it is", async () => {
  const path = join(directory, "good.yaml");
  writeFileSync(path, sample);
  expect(await readWorkloadFile(path)).toEqual(parseWorkloadFile(sample, path));
});

test("what cannot be read says why, and names the neighbour that was meant", async () => {
  const missing = await readError(join(directory, "godo.yaml"));
  expect(missing.code).toBe("file-unreadable");
  expect(missing.message).toBe(`${join(directory, "godo.yaml")} does not exist`);
  expect(missing.hint).toContain("good.yaml");
  const folder = await readError(directory);
  expect(folder.code).toBe("file-unreadable");
  expect(folder.message).toContain("is a directory");
  expect((await readError("/nowhere/at/all.yaml")).hint).toContain("workloads/compression.yaml");
  const pipe = join(directory, "pipe");
  execFileSync("mkfifo", [pipe]);
  expect((await readError(pipe)).message).toContain("is not a plain file");
});

test("binary, invalid UTF-8 and too large files", async () => {
  const binary = await readError(process.execPath);
  expect(binary.code).toBe("limit-exceeded");
  const path = join(directory, "bad.yaml");
  writeFileSync(path, Buffer.from("name: a\0b\n"));
  expect((await readError(path)).message).toContain("is not text: it has a NUL byte at offset 7");
  writeFileSync(path, Buffer.from([0x6e, 0x61, 0x6d, 0x65, 0x3a, 0x20, 0xff, 0xfe]));
  expect((await readError(path)).message).toContain("is not valid UTF-8");
  writeFileSync(path, `# ${"x".repeat(limits.workloadBytesMax)}\n`);
  const large = await readError(path);
  expect(large.code).toBe("limit-exceeded");
  expect(large.message).toContain("is larger than 64 KiB");
  const text = "x".repeat(limits.workloadBytesMax + 1);
  expect(errorOf(() => parseWorkloadFile(text, "w")).code).toBe("limit-exceeded");
});
