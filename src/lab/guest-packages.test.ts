import { expect, test } from "vitest";
import { isBaseProgram, layerPrograms, resolvePrograms } from "./guest-packages.ts";

test("what the image has needs no layer", () => {
  expect(resolvePrograms(["gzip", "seq", "sh", "awk", "node"])).toEqual({
    layers: [],
    unknown: [],
  });
});

test("programs of one layer bring it once, in the order of first need", () => {
  const { layers, unknown } = resolvePrograms(["redis-cli", "gcc", "redis-server", "gzip", "cc"]);
  expect(unknown).toEqual([]);
  expect(layers).toEqual([
    { name: "redis", packages: ["redis-server", "redis-tools"] },
    { name: "gcc", packages: ["gcc", "libc6-dev"] },
  ]);
});

test("unknown programs are named once each, also those named like an object's members", () => {
  const { layers, unknown } = resolvePrograms([
    "my-server",
    "constructor",
    "my-server",
    "__proto__",
  ]);
  expect(layers).toEqual([]);
  expect(unknown).toEqual(["my-server", "constructor", "__proto__"]);
});

test("the table can be changed by nobody who got an answer", () => {
  resolvePrograms(["git"]).layers[0]?.packages.push("evil");
  expect(resolvePrograms(["git"]).layers[0]?.packages).toEqual(["git"]);
});

test("every program is in one place", () => {
  const programs = layerPrograms();
  expect(new Set(programs).size).toBe(programs.length);
  expect(programs.filter(isBaseProgram)).toEqual([]);
});
