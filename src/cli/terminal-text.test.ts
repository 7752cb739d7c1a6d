// What is printed: harmless whatever came from outside, and aligned by what is visible.

import fc from "fast-check";
import { expect, test } from "vitest";
import { columns, cut, printable, printableJson, styleFor, wrapped } from "./terminal-text.ts";

test("no text from outside has any effect on a terminal", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test("JSON is the same document, without invisible characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.boolean(), (text, indented) => {
      const json = printableJson({ text }, indented);
      expect(JSON.parse(json)).toEqual({ text });
      expect(json.replaceAll("\n", "")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test("columns are as wide as what is visible in them", () => {
  const { bold } = styleFor(true, {});
  expect(
    columns(
      [
        ["a", "1"],
        [bold("bcd"), "22"],
      ],
      "lr",
      "",
    ),
  ).toBe(`a     1\n${bold("bcd")}  22`);
});

test("no colours without a terminal, with NO_COLOR, or on a dumb one", () => {
  expect(styleFor(false, {}).bad("x")).toBe("x");
  expect(styleFor(true, { NO_COLOR: "1" }).bad("x")).toBe("x");
  expect(styleFor(true, { TERM: "dumb" }).bad("x")).toBe("x");
  expect(styleFor(true, { NO_COLOR: "" }).bad("x")).toBe("\u001b[31mx\u001b[39m");
});

test("text is cut and wrapped at a width", () => {
  expect(cut("abcdef", 4)).toBe("abc…");
  expect(wrapped("one two three", 7, "- ")).toBe("- one two\n- three");
});
