// The files of workloads/: each is accepted, finds its programs in the guest image or in a layer, and
// keeps what its documentation says of it.

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { limits } from "../../src/contract/limits.ts";
import { parseWorkloadFile } from "../../src/control/analysis/workload-file.ts";
import { isBaseProgram, layerPrograms, resolvePrograms } from "../../src/lab/guest-packages.ts";

const folder = fileURLToPath(new URL("../../workloads", import.meta.url));
const docs = readFileSync(new URL("../../docs/workloads.md", import.meta.url), "utf8");
const files = readdirSync(folder).sort();

const batchRatios: Record<string, number> = {
  compression: 20 / 3,
  "video-transcode": 70 / 30,
  "c-test-suite": 1250 / 210,
  "git-add": 700 / 40,
  checksum: 1000 / 200,
  "ddos-log-analysis": 1500 / 38,
  "product-analytics": (99 * 100 + 700) / (99 * 8 + 12),
  "hot-key-aggregation": (99 * 100 + 800) / (99 * 8 + 15),
};

const shellWords = new Set(
  "! { } : [ break cd continue do done elif else esac exec exit export fi for if in set shift then trap until wait while".split(
    " ",
  ),
);

/** First words of all commands in a shell text. Text in quotes and here-documents is data. */
function commandWords(command: string): string[] {
  const code = command
    .replace(/<<'(\w+)'([^\n]*)\n[\s\S]*?\n\1(?=\n|$)/g, "$2")
    .replace(/'[^']*'/g, "Q")
    .replace(/"(?:[^"\\]|\\.)*"/g, "Q")
    .replace(/\$\(/g, "\n")
    .replace(/\d?>&\d/g, " ");
  return code
    .split(/\|\||&&|[|;&()\n]|\b(?:do|then|else|until|while|if|exec)\b/)
    .flatMap((part) => {
      const words = part.trim().split(/\s+/);
      const first = words.find((word) => !/^\w+=/.test(word) && word !== "");
      // A `for` clause is no command, nor is a redirection.
      return first === undefined || words[0] === "for" || /^[<>]/.test(first) ? [] : [first];
    });
}

test("there are the eight batch workloads, a message one, a build, a server, and the sample", () => {
  expect(files).toEqual(
    [...Object.keys(batchRatios), "c-build", "hackbench", "redis-latency", "two-kinds-of-jobs"]
      .map((name) => `${name}.yaml`)
      .sort(),
  );
});

test("the sample is the smallest useful workload, as the docs show it", () => {
  expect(docs).toContain(readFileSync(join(folder, "two-kinds-of-jobs.yaml"), "utf8"));
});

describe.each(files)("%s", (file) => {
  const text = readFileSync(join(folder, file), "utf8");
  const { workload } = parseWorkloadFile(text, file);

  test("is named like its file and says what it is", () => {
    expect(workload.name).toBe(basename(file, ".yaml"));
    expect(workload.description?.length).toBeGreaterThan(30);
    expect(text.length).toBeLessThan(limits.workloadBytesMax / 4);
    expect(docs).toContain(`\`${workload.name}\``);
  });

  test("finds all its programs in the guest", () => {
    expect(resolvePrograms(workload.requires).unknown).toEqual([]);
    const commands = [...workload.setup, ...workload.run].map((entry) => entry.command);
    const missing = commands
      .flatMap(commandWords)
      .filter((word) => !shellWords.has(word) && !word.startsWith("./"))
      .filter((word) => !isBaseProgram(word) && !workload.requires.includes(word));
    expect(missing).toEqual([]);
  });

  test("leaves nothing to chance", () => {
    expect(text).not.toMatch(/random|RANDOM|srand|date|systime|mktemp/);
  });
});

describe.each(Object.entries(batchRatios))("%s", (name, ratio) => {
  const text = readFileSync(join(folder, `${name}.yaml`), "utf8");
  const { workload } = parseWorkloadFile(text, name);

  test("has 39 short tasks and a long one, on 2 CPUs, done when the last one is", () => {
    expect(workload.run.map(({ name, count }) => [name, count])).toEqual([
      ["short", 39],
      ["long", 1],
    ]);
    expect(workload.objective).toEqual({ metric: "makespan", direction: "minimise" });
    expect(workload.measure.cpus).toBe(2);
  });

  test("says where its sizes come from", () => {
    expect(workload.description).toMatch(/reference's/);
    const row = docs.split("\n").find((line) => line.startsWith(`| \`${name}\` `));
    expect(row).toContain(` ${ratio.toFixed(1)} `);
  });

  test("can be scaled", () => {
    const half = parseWorkloadFile(text, name, { scale: 0.5 });
    expect(half.workload.scale).toBe(0.5);
    expect(half.workload.setup).not.toEqual(workload.setup);
  });
});

test("the docs list every program that a layer brings", () => {
  for (const program of layerPrograms()) expect(docs).toContain(`\`${program}\``);
});

test("first words are found behind assignments, pipes, loops and substitutions", () => {
  const command = "A=1 foo 'x; y' | bar && for i in $(seq 3); do baz \"z | q\"; done 2>&1 > f\nqux";
  expect(commandWords(command)).toEqual(["foo", "bar", "seq", "baz", "done", "qux"]);
});
