// Every string of a report comes from outside. Whatever they are, the page has the same elements
// with the same attributes as with harmless ones.

import fc from "fast-check";
import { expect, test } from "vitest";
import { renderMeasurement, renderReport } from "../../src/control/report/report.ts";
import type { ReportInput } from "../../src/control/report/report-input.ts";
import { reportInput } from "./fixture.ts";
import { readMarkup, skeleton } from "./markup.ts";

const base = reportInput();
/** Strings that the contract closes, and the label that names the default: they choose what is drawn. */
const closed = new Set<unknown>([
  base.result.decision,
  ...["default", "candidate", "minimise", "maximise", "tcg", "batch-imbalanced", "makespan"],
  ...["compile", "load", "exercise", "pass", "reject", "error", "s"],
]);

/** The same value with every open string, keys included, given to `change`. */
function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return closed.has(value) ? value : change(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) =>
      key === "parameters"
        ? [key, Object.fromEntries(Object.entries(item).map(([knob, set]) => [change(knob), set]))]
        : [key, mapStrings(item, change)],
    ),
  );
}

function spoilt(suffix: string): ReportInput {
  return mapStrings(base, (text) => `${text}${suffix}`) as ReportInput;
}

const nasty = fc.oneof(
  fc.constantFrom(
    "</title><script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "' onload='alert(1)",
    "</style><img src=x onerror=alert(1)>",
    "--><svg/onload=alert(1)>",
    "]]><script>",
    "&lt;script&gt;&#60;script&#62;",
    "\u0000<\u0000script>",
    "\u202e<b>\u2066",
    "`+alert(1)+`",
    "%3Cscript%3E",
    "javascript:alert(1)",
    "\ud800<\udfff",
    "</pre></dd></dl></main></body></html><p>",
    "x".repeat(5000),
    "<".repeat(3000),
  ),
  fc.string({ maxLength: 60 }),
  fc
    .array(fc.constantFrom(..."<>\"'&/=`\n\t -!".split(""), "script", "style", "svg", "\u2028"), {
      maxLength: 30,
    })
    .map((parts) => parts.join("")),
);

const harmless = skeleton(readMarkup(renderReport(spoilt("x"))));

test("no string of a result or a trace changes an element or an attribute", () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const page = renderReport(spoilt(`x${text}`));
      expect(skeleton(readMarkup(page))).toBe(harmless);
      expect(page).not.toMatch(/<script|<img|[\u0000\u202a-\u202e\u2066-\u2069]/i);
    }),
    { numRuns: 40 },
  );
});

test("nor does one of a measurement alone", () => {
  const measurementOf = (text: string) => {
    const { result, traces } = spoilt(text);
    if (result.best === null) throw new Error("the fixture has a winner");
    return renderMeasurement(result.best.measurement, traces);
  };
  const plain = skeleton(readMarkup(measurementOf("x")));
  fc.assert(
    fc.property(nasty, (text) => {
      expect(skeleton(readMarkup(measurementOf(`x${text}`)))).toBe(plain);
    }),
    { numRuns: 30 },
  );
});

test("the reader would notice", () => {
  const page = renderReport(base);
  expect(() => readMarkup(page.replace("</h1>", ""))).toThrow();
  expect(() => readMarkup(page.replace("</h1>", "<b></h1>"))).toThrow();
  expect(() => readMarkup(page.replace("</h1>", "a > b</h1>"))).toThrow();
  const added = page.replace("</h1>", "<b></b></h1>");
  expect(skeleton(readMarkup(added))).not.toBe(skeleton(readMarkup(page)));
});
