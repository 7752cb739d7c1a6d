import { describe, expect, test } from "vitest";
import { simulationReport } from "../../test/report/simulation-fixture.ts";
import { simulationText } from "./simulation-text.ts";
import { plainStyle } from "./terminal-text.ts";

const text = simulationText(simulationReport(), ["chart of x: a.html"], plainStyle);

describe("a simulation in a terminal", () => {
  test("begins with the verdict, and says that it is simulated", () => {
    expect(text.split("\n")[0]).toBe("✗ reject  longest-first attained_ms=450  simulated");
  });

  test("puts the policy beside the default, with a change where there is one", () => {
    const rows = text.split("\n").map((line) => line.trim().split(/ {2,}/));
    expect(rows).toContainEqual(["makespan", "3.25\u00a0s", "2.27\u00a0s", "+43\u00a0%"]);
    expect(rows).toContainEqual(["wait, longest", "3.22\u00a0s", "42.0\u00a0ms", "×76.7"]);
    expect(rows).toContainEqual(["fairness", "0.910", "0.910", "same"]);
  });

  test("names what is not modelled, how to see it again, and how far it can be off", () => {
    const words = text.replace(/\s+/g, " ");
    expect(words).toContain("not simulated, so this can't pass: kfunc scx_bpf_new");
    expect(words).toContain("--scenario report.json");
    expect(words).toContain("Off the real kernel by at most 9.4 %");
    expect(words).toContain("still has to pass in the lab");
    expect(words).toContain("chart of x: a.html");
  });

  test("lists the scenarios of the suite, at most forty", () => {
    const report = simulationReport();
    const [scenario] = report.scenarios;
    if (scenario === undefined) throw new Error("the fixture has a scenario");
    const scenarios = Array.from({ length: 50 }, (_, index) => ({
      ...scenario,
      name: `s${index}`,
    }));
    const suite = simulationText(
      { ...report, subject: "suite", name: null, scenarios },
      [],
      plainStyle,
    );
    expect(suite).toContain("s39");
    expect(suite).not.toContain("s40");
    expect(suite).toContain("and 10 more");
  });

  test("no line is too wide, and nothing from outside reaches the terminal raw", () => {
    const evil = simulationText(simulationReport("\u001b[31m\u202e"), ["\u0007"], plainStyle);
    expect(evil).not.toMatch(/[\u0007\u001b\u202e]/);
    for (const line of text.split("\n")) expect([...line].length).toBeLessThanOrEqual(80);
  });
});
