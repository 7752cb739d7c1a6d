import { expect, test } from "vitest";
import type { DeploymentRequest } from "./deployment.ts";
import { loaderError, loaderHeader } from "./loader-header.ts";

const request: DeploymentRequest = {
  name: "longest-first",
  object: new Uint8Array(5),
  sha256: "",
  knobs: { slice_us: 5000, strict: true, name: "gz", empty: "", low: -3 },
  hints: [{ cgroupId: 4294967297n, cpuMs: 1200 }],
  imposed: { timeoutMs: 4000, partial: false },
};

test("the header says all that the loader imposes, one line each", () => {
  expect(loaderHeader(request, "longest_first")).toEqual([
    "object-bytes 5",
    "name longest_first",
    "timeout-ms 4000",
    "partial 0",
    "knob slice_us i 5000",
    "knob strict b 1",
    "knob name s 677a",
    "knob empty s",
    "knob low i -3",
    "hint 4294967297 1200",
  ]);
});

test("a knob's name can't add lines to the header", () => {
  const knobs = { "a i 1\nname root": 1 };
  expect(() => loaderHeader({ ...request, knobs }, "x")).toThrow(/no C identifier/);
});

test("more than the limits allow is refused", () => {
  const knobs = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`k${index}`, 1]));
  expect(() => loaderHeader({ ...request, knobs }, "x")).toThrow(/65 knobs/);
});

test.each([
  ["open", "load-rejected"],
  ["load", "load-rejected"],
  ["hint", "load-rejected"],
  ["knob", "parameter-invalid"],
  ["attach", "load-failed"],
])("a refusal at stage %s is %s", (stage, code) => {
  const event = { event: "error" as const, stage, code: "EINVAL", message: "m", log: "tail" };
  const error = loaderError(event, false, null);
  expect(error.code).toBe(code);
  expect(error.details).toMatchObject({ stage, errno: "EINVAL", log: "tail" });
});

test("a loader that just ends is told with the kernel's reason; an abort is an interruption", () => {
  const exit = { kind: 1024, reason: "runtime error", message: "init failed", log: [] };
  const error = loaderError(null, false, exit);
  expect(error.code).toBe("load-failed");
  expect(error.details).toEqual({ exitReason: "runtime error", exitMessage: "init failed" });
  expect(loaderError(null, true, null).code).toBe("interrupted");
});
