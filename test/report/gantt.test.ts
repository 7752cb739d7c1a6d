// The Gantt chart of a simulated run and its page: what they show, and that no name changes more than text.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ganttDrawing } from "../../src/control/report/gantt.ts";
import { toMarkup } from "../../src/control/report/html.ts";
import { ganttOf, simulationPage } from "../../src/control/report/simulation-page.ts";
import type { Recording } from "../../src/simulator/report/recorder.ts";
import { toyRun } from "../doubles/toy-run.ts";
import { readMarkup, skeleton, withClass } from "./markup.ts";
import { simulationReport } from "./simulation-fixture.ts";

function recordings(text = ""): Recording[] {
  const entries = [
    [`long${text}`, 1, 400],
    [`short${text}`, 9, 50],
  ] as const;
  const policy = toyRun({ label: `fifo${text}`, cpus: 2, entries, sliceMs: 50 });
  const exit = { kind: 1026, code: 0, reason: `stall${text}`, message: text, ns: 100e6 };
  return [{ ...policy, exit }, toyRun({ label: "default", cpus: 2, entries, sliceMs: 5 })];
}

const scenarioOf = (text = "") => simulationReport(text).scenarios[0] ?? null;

function drawn(text = ""): string {
  return toMarkup(
    ganttDrawing(ganttOf(simulationReport(text), recordings(text), scenarioOf(text)), true),
  );
}

function page(text = ""): string {
  const report = simulationReport(text);
  const recorded = scenarioOf(text);
  return toMarkup(simulationPage(report, ganttOf(report, recordings(text), recorded), recorded));
}

/** The reader of the report's pages wants a doctype; an SVG file has none. */
const elementsOf = (svg: string) => readMarkup(`<!DOCTYPE html>${svg}`);

describe("the chart", () => {
  const elements = elementsOf(drawn());

  test("stands alone: a namespace, its own style, nothing from elsewhere", () => {
    expect(elements[0]?.attributes.get("xmlns")).toBe("http://www.w3.org/2000/svg");
    expect(drawn()).not.toMatch(/href|@import|<script|https?:(?!\/\/www\.w3\.org\/2000\/svg)/);
    expect(drawn()).toContain("prefers-color-scheme:dark");
  });

  test("has the policy above the default on one axis, each with its CPUs", () => {
    const heads = withClass(elements, "armhead").map((element) => element.text);
    expect(heads[0]).toContain("fifo");
    expect(heads[0]).toContain("left after 100\u00a0ms: stall");
    expect(heads[1]).toContain("kernel’s default");
    const lanes = withClass(elements, "lane").map((element) => element.text);
    expect(lanes.filter((text) => text === "CPU 1")).toHaveLength(2);
    expect(withClass(elements, "exit")).toHaveLength(1);
  });

  test("marks the longest wait of the same task under both", () => {
    const waited = withClass(elements, "waited").map((element) => element.text);
    // Nine short tasks and a long one on two CPUs, 50 ms each: the last pair begins at 200 ms.
    expect(waited[0]).toBe("waited 200\u00a0ms");
    expect(waited).toHaveLength(2);
    expect(withClass(elements, "wait").length).toBeGreaterThanOrEqual(2);
  });

  test("says how many tasks waited at most", () => {
    // Ten tasks, and two of them have a CPU at once.
    const peaks = withClass(elements, "peak").map((element) => element.text);
    expect(peaks).toEqual(["max 8", "max 8"]);
  });

  test("is empty without falling over where nothing ran", () => {
    const nothing = toyRun({ label: "p", cpus: 1, entries: [], sliceMs: 1 });
    const chart = { title: "t", subtitle: "s", recordings: [nothing] };
    expect(() => elementsOf(toMarkup(ganttDrawing(chart, true)))).not.toThrow();
  });

  test("draws a thousand CPUs and a long run within a bound", () => {
    const big = toyRun({ label: "p", cpus: 128, entries: [["a", 400, 600]], sliceMs: 2 });
    const markup = toMarkup(ganttDrawing({ title: "t", subtitle: "s", recordings: [big] }, true));
    expect(markup.length).toBeLessThan(3_000_000);
  });
});

test("the page has the verdict, the figures of both, the findings and that it is simulated", () => {
  const text = readMarkup(page())
    .filter(({ tag }) => tag === "main")
    .map((element) => element.text)
    .join(" ");
  for (const words of ["Simulated.", "helper-2 waited 3.22 s", "2.27", "off by at most", "27"]) {
    expect(text).toContain(words);
  }
});

test("no name changes an element or an attribute", () => {
  const [harmlessChart, harmlessPage] = [
    skeleton(elementsOf(drawn("x"))),
    skeleton(readMarkup(page("x"))),
  ];
  const nasty = fc.oneof(
    fc.constantFrom(
      '"><script>alert(1)</script>',
      "</text></svg><img src=x onerror=alert(1)>",
      "</style><style>*{display:none}",
      "]]><![CDATA[",
      "&lt;b&gt;",
      "\u0000\u202e<b>",
      "<".repeat(300),
    ),
    fc.string({ maxLength: 40 }),
  );
  fc.assert(
    fc.property(nasty, (text) => {
      expect(skeleton(elementsOf(drawn(`x${text}`)))).toBe(harmlessChart);
      expect(skeleton(readMarkup(page(`x${text}`)))).toBe(harmlessPage);
    }),
    { numRuns: 60 },
  );
});
