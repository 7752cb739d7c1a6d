// The whole page: what it says, what it draws, and that it stays whole with little or much data.

import { describe, expect, test } from "vitest";
import { renderMeasurement, renderReport } from "../../src/control/report/report.ts";
import { measurement, policy, profile, reportInput, traces } from "./fixture.ts";
import { type Element, readMarkup, withClass } from "./markup.ts";
import { seeded, shareOut } from "./share-out.ts";

const input = reportInput();
const elements = readMarkup(renderReport(input));

/** Text as one reads it. */
function textOf(of: readonly Element[], tag: string): string[] {
  return of
    .filter((element) => element.tag === tag)
    .map(({ text }) =>
      text
        .replaceAll("&#39;", "'")
        .replace(/[\u00a0\u202f]/g, " ")
        .replace(/\s+/g, " ")
        .trim(),
    );
}

describe("what the page says", () => {
  test("one sentence with the verdict, its interval beneath", () => {
    expect(textOf(elements, "h1")).toEqual([
      "longest-first finishes two-kinds-of-jobs 18 % sooner than the kernel’s default scheduler.",
    ]);
    const [interval] = withClass(elements, "interval").filter(({ tag }) => tag === "p");
    expect(interval?.text).toMatch(/95 % interval 15\.4 to 20\.9.% *, from 8 counted pairs/);
  });

  test("figures are labelled as emulated where they are, and only there", () => {
    expect(withClass(elements, "emulated")).toHaveLength(1);
    const best = input.result.best;
    if (best === null) throw new Error("the fixture has a winner");
    const real = { ...best.measurement.environment, accelerator: "kvm" as const, emulated: false };
    const page = renderReport({
      ...input,
      result: {
        ...input.result,
        best: { ...best, measurement: { ...best.measurement, environment: real } },
      },
    });
    expect(withClass(readMarkup(page), "emulated")).toHaveLength(0);
  });

  test("the sections, top to bottom", () => {
    expect(textOf(elements, "h2")).toEqual([
      "The workload",
      "Run by run",
      "What was tried",
      "Who ran where",
      "Waiting for a CPU",
      "All metrics",
      "How it was measured",
      "Do it again, or go on",
      "What it cost",
    ]);
  });

  test("commands to repeat it, with exactly these parameters and seed", () => {
    expect(textOf(elements, "pre")).toContain(
      "schedcp measure two-kinds-of-jobs --policy longest-first --set slice_us=20000 --set hint.long=1480 --set hint.short=198 --pairs 8 --seed 7",
    );
  });

  test("a rejected candidate with its finding and how to mend it", () => {
    const [rejected] = withClass(elements, "rejected");
    expect(rejected?.text).toContain("exercise/stall");
    expect(rejected?.text).toContain("age the key by the time a task has been queued");
  });

  test("nothing is loaded and nothing runs", () => {
    const tags = new Set(elements.map(({ tag }) => tag));
    for (const tag of ["script", "link", "img", "iframe", "object", "a", "form", "base"]) {
      expect(tags).not.toContain(tag);
    }
    const csp = elements.find(({ attributes }) => attributes.has("http-equiv"));
    expect(csp?.attributes.get("content")).toMatch(
      /^default-src &#39;none&#39;|^default-src 'none'; style-src 'unsafe-inline'; img-src data:/,
    );
    const [style] = elements.filter(({ tag }) => tag === "style");
    expect(style?.text).not.toMatch(/url\(|@import/);
  });
});

describe("what the page draws", () => {
  test("every pair, the void one hollow", () => {
    expect(withClass(elements, "pair")).toHaveLength(9);
    expect(withClass(elements, "pair", "void")).toHaveLength(1);
    expect(withClass(elements, "mark", "default")).toHaveLength(9);
    expect(withClass(elements, "mark", "candidate")).toHaveLength(9);
  });

  test("the confirmed winner first, then every screened candidate", () => {
    const rows = withClass(elements, "row").filter(({ tag }) => tag === "div");
    const kinds = rows.map(({ attributes }) => attributes.get("class"));
    expect(kinds).toEqual([
      "row head",
      "row confirmed",
      ...new Array<string>(5).fill("row screened"),
      "row axis",
    ]);
  });

  test("a lane for every CPU of both arms, and the long job in one piece under the winner", () => {
    expect(withClass(elements, "lane")).toHaveLength(4);
    const titles = elements.filter(({ tag, path }) => tag === "title" && path.at(-1) === "path");
    const long = titles.filter(({ text }) => text.startsWith("long,"));
    expect(long.some(({ text }) => /337.µs to 1\.48.s/.test(text))).toBe(true);
  });

  test("a panel of waits for every entry, a bar for every bucket in use", () => {
    expect(withClass(elements, "panel")).toHaveLength(2);
    const used = input.traces.flatMap(({ trace }) =>
      trace.waits.flatMap(({ buckets }) => buckets.filter((waits) => waits > 0)),
    );
    const bars = withClass(elements, "bar").filter(({ path }) => path.includes("div"));
    const inPanels = bars.filter(({ path }) => path.at(-1) === "svg" && !path.includes("span"));
    expect(inPanels).toHaveLength(used.length);
  });

  test("every drawing has a name or belongs to one, every figure a caption and a table", () => {
    const figures = elements.filter(({ tag }) => tag === "figure");
    expect(figures).toHaveLength(5);
    expect(elements.filter(({ tag }) => tag === "figcaption")).toHaveLength(5);
    expect(textOf(elements, "summary")).toHaveLength(4);
    for (const image of elements.filter(({ attributes }) => attributes.get("role") === "img")) {
      expect(image.attributes.get("aria-label")).not.toBe("");
    }
  });
});

describe("labels do not overlap", () => {
  /** Advance of a digit at 13 px in the widest of the fonts, px. */
  const advance = 8.3;

  /** Texts of one drawing that stand in one row, as intervals in px. */
  function overlaps(texts: readonly Element[], width: number, hidden: (text: Element) => boolean) {
    const rows = new Map<string, [number, number, string][]>();
    for (const text of texts) {
      if (hidden(text)) continue;
      const { attributes } = text;
      const x = attributes.get("x") ?? "0";
      const at = x.endsWith("%") ? (Number.parseFloat(x) / 100) * width : Number(x);
      const size = text.text.length * advance;
      const anchor = attributes.get("text-anchor") ?? "start";
      const left = anchor === "middle" ? at - size / 2 : anchor === "end" ? at - size : at;
      const row = rows.get(attributes.get("y") ?? "") ?? [];
      row.push([left, left + size, text.text]);
      rows.set(attributes.get("y") ?? "", row);
    }
    return [...rows.values()].flatMap((row) => {
      row.sort(([a], [b]) => a - b);
      return row.filter(
        ([left], index) => left < (row[index - 1]?.[1] ?? Number.NEGATIVE_INFINITY),
      );
    });
  }

  /** Texts grouped by the drawing that they belong to. */
  function drawings(): Element[][] {
    const groups: Element[][] = [];
    for (const element of elements) {
      if (element.tag === "svg" && !element.path.includes("svg")) groups.push([]);
      if (element.tag === "text") groups.at(-1)?.push(element);
    }
    return groups.filter((group) => group.length > 1);
  }

  test.each([
    // Phone: 400 px less the margins of page and plot; what is `wide` is not shown there.
    ["on a phone", 264, (text: Element) => (text.attributes.get("class") ?? "").includes("wide")],
    ["on a desk", 640, () => false],
  ])("%s", (_where, width, hidden) => {
    expect(drawings().length).toBeGreaterThan(4);
    for (const drawing of drawings()) expect(overlaps(drawing, width, hidden)).toEqual([]);
  });
});

describe("little data and much", () => {
  const { result } = input;
  const nothing = { ...result, best: null, profile: null, baseline: null };

  test("no winner, no profile, no traces, no candidates", () => {
    const page = renderReport({
      result: { ...nothing, decision: "inconclusive", candidates: [], reason: "" },
      traces: [],
    });
    expect(textOf(readMarkup(page), "h1")).toEqual([
      "No scheduler proved better for two-kinds-of-jobs beyond doubt, so the kernel’s default stays.",
    ]);
  });

  test("the default stays, with the reason and the screening runs of the best", () => {
    const reason = "Nothing was better beyond doubt.";
    const page = readMarkup(
      renderReport({
        result: {
          ...nothing,
          decision: "keep-default",
          candidates: result.candidates.slice(2),
          reason,
        },
        traces: [],
      }),
    );
    expect(textOf(page, "h1")).toEqual([
      "The kernel’s default scheduler stays for two-kinds-of-jobs.",
    ]);
    expect(textOf(page, "p")).toContain(reason);
    expect(withClass(page, "pair")).toHaveLength(5);
  });

  test("200 pairs, 64 entries on 64 CPUs, all segments that fit: at most 2 MB", () => {
    const random = seeded(3);
    const entries = Array.from({ length: 64 }, (_, index) => `entry-${index}`);
    const tasks = Array.from({ length: 640 }, (_, index) => ({
      entry: index % 64,
      cpuUs: 20_000 + random() * 200_000,
    }));
    const cut = (policyName: "fair" | "longest-first") => {
      const trace = shareOut({ entries, tasks, cpus: 64, policy: policyName }, random);
      return { ...trace, timeline: trace.timeline.slice(0, 20_000), dropped: 4321 };
    };
    const first = profile.entries[0];
    if (first === undefined) throw new Error("the fixture has entries");
    const page = renderReport({
      result: {
        ...result,
        profile: { ...profile, entries: entries.map((name) => ({ ...first, name })) },
        best: {
          policy: policy("longest-first"),
          measurement: measurement(5, { pairs: 200, voidPair: 7 }),
        },
      },
      traces: [
        { label: "default", trace: cut("fair") },
        { label: "longest-first", trace: cut("longest-first") },
      ],
    });
    expect(Buffer.byteLength(page)).toBeLessThan(2 * 1024 * 1024);
    const read = readMarkup(page);
    expect(withClass(read, "pair")).toHaveLength(200);
    expect(withClass(read, "lane")).toHaveLength(128);
    expect(withClass(read, "panel")).toHaveLength(12);
    expect(read.some(({ text }) => text.includes("8 642 segments".replace(" ", "\u202f")))).toBe(
      true,
    );
  });

  test("one task on one CPU, numbers that are no numbers, equal runs", () => {
    const one = measurement(4, { pairs: 1 });
    const objective = {
      ...one.objective,
      improvementPercent: Number.NaN,
      confidenceInterval: [-1000, 1000] as [number, number],
    };
    const trace = {
      entries: ["only"],
      waits: [{ entry: "only", buckets: [1] }],
      timeline: [[0, 5, 1, 0, 10] as [number, number, number, number, number]],
      dropped: 0,
      makespanMs: 0,
    };
    const page = renderMeasurement({ ...one, objective }, [{ label: "default", trace }]);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
    expect(withClass(readMarkup(page), "lane")).toHaveLength(1);
  });

  test("a measurement alone: better, no difference, noise floor", () => {
    const h1 = (...args: Parameters<typeof renderMeasurement>) =>
      textOf(readMarkup(renderMeasurement(...args)), "h1")[0];
    expect(h1(measurement(7), traces(1))).toMatch(/^longest-first finishes .* sooner than/);
    expect(h1(measurement(9, { ratio: 1.004 }), [])).toMatch(/^No difference beyond doubt/);
    expect(h1({ ...measurement(12, { ratio: 1 }), policy: null }, [])).toMatch(/^Against itself/);
    const broken = measurement(7);
    const guardrails = broken.guardrails.map((guardrail) => ({ ...guardrail, held: false }));
    expect(h1({ ...broken, guardrails }, [])).toMatch(/, but breaks a guardrail\.$/);
  });
});
