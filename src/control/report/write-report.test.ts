import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { measurement, reportInput, traces } from "../../../test/report/fixture.ts";
import { renderReport } from "./report.ts";
import { writeMeasurementReport, writeReport } from "./write-report.ts";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "report-"));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

test("writes the page and nothing else, over what was there", async () => {
  const path = join(directory, "report.html");
  await writeMeasurementReport(measurement(3), traces(3), path);
  await writeReport(reportInput(), path);
  expect(await readFile(path, "utf8")).toBe(renderReport(reportInput()));
  expect(await readdir(directory)).toEqual(["report.html"]);
});

test("a place that cannot be written is an error with a remedy, and leaves nothing", async () => {
  await expect(
    writeReport(reportInput(), join(directory, "no/such/report.html")),
  ).rejects.toMatchObject({
    code: "file-unreadable",
    hint: expect.stringContaining("directory that exists"),
  });
  await expect(writeReport(reportInput(), join(directory, "report.html/x"))).rejects.toMatchObject({
    code: "file-unreadable",
  });
  // A directory stands where the report should: the rename fails, and the unfinished file goes.
  const inTheWay = await mkdtemp(join(directory, "taken-"));
  await expect(writeReport(reportInput(), inTheWay)).rejects.toMatchObject({
    code: "file-unreadable",
  });
  expect((await readdir(directory)).filter((name) => name.endsWith(".part"))).toEqual([]);
});
