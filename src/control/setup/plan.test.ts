import { expect, test } from "vitest";
import { choosePackages, packagesToAskFor, planInstallation, planSources } from "./plan.ts";

const bookworm = new Map([
  ["clang-19", "1:19.1.7-3~deb12u1"],
  ["llvm-19", "1:19.1.7-3~deb12u1"],
  ["qemu-system-x86", "1:7.2+dfsg-7+deb12u12"],
  ["libbpf-dev", "1:1.1.0-1"],
  ["libelf-dev", "0.188-2.1"],
  ["zlib1g-dev", "1:1.2.13.dfsg-1"],
]);

test("a package that is too old is not chosen, and what is offered is named", () => {
  const { packages, unmet } = choosePackages(["clang", "qemu", "libbpf"], bookworm);
  expect(packages).toEqual(["clang-19", "llvm-19"]);
  expect(unmet).toEqual([
    { need: "qemu", offered: "qemu-system-x86 1:7.2+dfsg-7+deb12u12" },
    { need: "libbpf", offered: "libbpf-dev 1:1.1.0-1" },
  ]);
});

test("with the backports' candidates everything is met", () => {
  const candidates = new Map([
    ...bookworm,
    ["qemu-system-x86", "1:10.0.2+ds-2+deb13u1~bpo12+1"],
    ["libbpf-dev", "1:1.4.6-1~bpo12+1"],
  ]);
  const { packages, unmet } = choosePackages(["qemu", "libbpf"], candidates);
  expect(unmet).toEqual([]);
  expect(packages).toEqual(["qemu-system-x86", "libbpf-dev", "libelf-dev", "zlib1g-dev"]);
});

test("the next best alternative is taken whole, or not at all", () => {
  const candidates = new Map([
    ["linux-tools-common", "6.8.0-50.51"],
    ["linux-tools-generic", "6.8.0-50.51"],
    ["clang-18", "1:18.1.3-1"],
    ["llvm-18", "1:18.1.3-1"],
  ]);
  expect(choosePackages(["bpftool", "clang"], candidates).packages).toEqual([
    "linux-tools-common",
    "linux-tools-generic",
    "clang-18",
    "llvm-18",
  ]);
  candidates.delete("linux-tools-generic");
  expect(choosePackages(["bpftool"], candidates).unmet).toEqual([
    { need: "bpftool", offered: "no bpftool" },
  ]);
});

test("alternatives are asked for together, each once", () => {
  const asked = packagesToAskFor(["cc", "bpftool"]);
  expect(asked).toContain("linux-tools-generic");
  expect(new Set(asked).size).toBe(asked.length);
});

test("backports bring only what is meant to come from there", () => {
  const steps = planInstallation(["clang-19", "qemu-system-x86", "bpftool"], "bookworm-backports");
  const commands = steps.map(({ argv }) => argv.join(" "));
  expect(commands).toHaveLength(3);
  expect(commands[0]).toMatch(/dpkg --configure -a$/);
  expect(commands[1]).toMatch(/install --no-install-recommends clang-19$/);
  expect(commands[2]).toMatch(/-t bookworm-backports qemu-system-x86 bpftool$/);
});

test("without backports there is one installation, and nothing to install is no step", () => {
  expect(planInstallation(["clang-19", "qemu-system-x86"], null)).toHaveLength(2);
  expect(planInstallation([], null)).toEqual([]);
});

test("a source is written before the lists are read", () => {
  const steps = planSources("Types: deb\n");
  expect(steps.map(({ input }) => input)).toEqual(["Types: deb\n", undefined]);
  expect(steps.at(-1)?.argv.at(-1)).toBe("update");
  expect(planSources(null)).toHaveLength(1);
});
