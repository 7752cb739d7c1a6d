import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { shellWord } from "./commands.ts";

test("a harmless word stays as it is", () => {
  expect(shellWord("slice_us=20000")).toBe("slice_us=20000");
  expect(shellWord("longest-first")).toBe("longest-first");
});

test("a word that looks like an option, a command or a comment is quoted", () => {
  expect(shellWord("--yes")).toBe("'--yes'");
  expect(shellWord("a; rm -rf ~")).toBe("'a; rm -rf ~'");
  expect(shellWord("it's")).toBe("'it'\\''s'");
  expect(shellWord("")).toBe("''");
  expect(shellWord("x\nrm\u001b[2J\u202e")).toBe("'x?rm?[2J?'");
});

test("a real shell reads back what was quoted", () => {
  const printable = fc
    .string({ unit: "grapheme-composite", maxLength: 40 })
    .filter((text) => !/\p{C}/u.test(text));
  const words = fc.sample(printable, { numRuns: 200, seed: 3 });
  const script = words.map((word) => `printf '%s\\n' ${shellWord(word)}`).join("\n");
  const read = execFileSync("sh", ["-c", script], { encoding: "utf8" });
  expect(read).toBe(words.map((word) => `${word}\n`).join(""));
});
