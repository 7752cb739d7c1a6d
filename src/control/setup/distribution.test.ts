import fc from "fast-check";
import { expect, test } from "vitest";
import { type Family, installCommand, parseDistribution } from "./distribution.ts";
import { needNames, packagesOf } from "./needs.ts";
import { findVersion, isAtLeast, upstreamVersion } from "./version.ts";

test.each<[string, Family]>([
  ['PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_CODENAME=bookworm', "debian"],
  ["ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble", "debian"],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"', "debian"],
  ["ID=fedora\nVERSION_ID=42", "fedora"],
  ['ID="rocky"\nID_LIKE="rhel centos fedora"', "fedora"],
  ["ID=arch", "arch"],
  ["ID=cachyos\nID_LIKE=arch", "arch"],
  ['ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"', "suse"],
  ["ID=alpine", "alpine"],
  ["ID=nixos", "unknown"],
])("%s is of the family %s", (text, family) => {
  expect(parseDistribution(text).family).toBe(family);
});

test("without os-release nothing is guessed", () => {
  expect(parseDistribution(null)).toEqual({
    id: "unknown",
    name: "unknown",
    family: "unknown",
    codename: "",
  });
});

test.each<Family>(["debian", "fedora", "arch", "suse", "alpine", "unknown"])(
  "%s has packages for every need, each named once",
  (family) => {
    for (const name of needNames) expect(packagesOf([name], family)).not.toEqual([]);
    const packages = packagesOf(needNames, family);
    expect(new Set(packages).size).toBe(packages.length);
    expect(installCommand(family, packages)).toContain(packages.join(" "));
  },
);

test.each([
  ["QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2+deb13u1~bpo12+1)", "10.0.2"],
  ["bpftool v7.5.0\nusing libbpf v1.5", "7.5.0"],
  ["Debian clang version 19.1.7 (3~deb12u1)", "19.1.7"],
  ["*** Zstandard CLI (64-bit) v1.5.4, by Yann Collet ***", "1.5.4"],
])("in %s the version is %s", (text, version) => {
  expect(findVersion(text)).toBe(version);
});

test("a Debian version's upstream part decides", () => {
  expect(upstreamVersion("1:10.0.2+ds-2+deb13u1~bpo12+1")).toBe("10.0.2+ds");
  expect(isAtLeast(upstreamVersion("1:8.2.2+ds-0ubuntu1"), "8.2")).toBe(true);
  expect(isAtLeast(upstreamVersion("1:7.2+dfsg-7+deb12u12"), "8.2")).toBe(false);
  expect(isAtLeast(upstreamVersion("1:1.10.0-1"), "1.2")).toBe(true);
});

test("versions are totally ordered", () => {
  const version = fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }).map((n) => n.join("."));
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect(isAtLeast(a, a)).toBe(true);
      expect(isAtLeast(a, b) || isAtLeast(b, a)).toBe(true);
    }),
  );
});
