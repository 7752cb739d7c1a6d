// Frames of the live view, for a course of events and a clock that the test sets.

import { expect, test } from "vitest";
import { clock, LiveView } from "./live-view.ts";
import { plainStyle, visibleWidth } from "./terminal-text.ts";

test("nothing before the first event, then the step, its bar and the time left", () => {
  const view = new LiveView(0);
  expect(view.frame(0, 80, plainStyle)).toEqual([]);
  view.event({ step: "profile", message: "one run", fraction: 0.5, etaSeconds: 90 }, 0);
  expect(view.frame(30_000, 80, plainStyle)).toEqual([
    "⠋ profile  one run",
    "  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━  50 %  30 s, about 1:00 left",
  ]);
});

test("steps that are done are ticked off with what they took", () => {
  const view = new LiveView(0);
  view.event({ step: "profile", message: "a" }, 0);
  view.event({ step: "verify", message: "b" }, 12_000);
  expect(view.frame(13_000, 80, plainStyle)[0]).toBe("✓ profile 12 s");
});

test("candidates are updated in place, and the last of many are shown", () => {
  const view = new LiveView(0);
  const tell = (label: string, gain: number | null) =>
    view.event(
      { step: "screen", message: "", candidate: { label, improvementPercent: gain, note: "in" } },
      0,
    );
  for (let i = 0; i < 20; i++) tell(`policy-${i}`, i);
  tell("policy-19", null);
  const frame = view.frame(0, 80, plainStyle);
  expect(frame.filter((line) => line.includes("policy-"))).toHaveLength(12);
  expect(frame.at(-1)).toMatch(/policy-19\s+–\s+in/);
});

test("no line is wider than the terminal, and nothing untrusted is drawn raw", () => {
  const view = new LiveView(0);
  view.event({ step: "verify", message: `\u001b[2J${"x".repeat(300)}`, fraction: 2 }, 0);
  for (const line of view.frame(0, 40, plainStyle)) {
    expect(visibleWidth(line)).toBeLessThanOrEqual(40);
    expect(line).not.toContain("\u001b");
  }
});

test.each([
  [7, "7 s"],
  [65, "1:05"],
  [3723, "1:02:03"],
])("%d seconds", (seconds, text) => {
  expect(clock(seconds)).toBe(text);
});
