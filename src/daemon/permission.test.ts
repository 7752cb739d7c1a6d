import { expect, test } from "vitest";
import { permitDisturbances, permitLoad } from "./permission.ts";

test("a lab guest permits without a token, by its kernel's command line", () => {
  expect(permitLoad({}, "console=ttyS0 quiet schedcp.lab=1\n")).toEqual({
    permitted: true,
    by: "lab",
  });
});

test.each(["console=ttyS0 quiet", "schedcp.lab=0", "schedcp.lab=10", "xschedcp.lab=1", ""])(
  "any other node refuses, with or without a token: %s",
  (commandLine) => {
    for (const request of [{}, { token: "a.b.c" }]) {
      const permission = permitLoad(request, commandLine);
      expect(permission).toMatchObject({ permitted: false, error: { code: "not-supported" } });
      if (!permission.permitted) expect(permission.error.hint).toContain("deployment service");
    }
  },
);

test("only a lab guest is disturbed", () => {
  expect(permitDisturbances("quiet schedcp.lab=1")).toEqual({ permitted: true, by: "lab" });
  for (const commandLine of ["quiet", "schedcp.lab=10", ""]) {
    expect(permitDisturbances(commandLine)).toMatchObject({
      permitted: false,
      error: { code: "not-supported" },
    });
  }
});
