// Looks for the programs and libraries of needs.ts: each is run, not only found, where a run tells
// more than the file. Called by doctor and by setup; changes nothing.

import { clangNames, clangVersionMin } from "../../lab/clang.ts";
import { backportsSuite, takenFromBackports } from "./apt-sources.ts";
import { type Check, missing, ok } from "./check.ts";
import { type Distribution, installCommand } from "./distribution.ts";
import type { Machine } from "./machine.ts";
import { type NeedName, needNames, needs, packagesOf } from "./needs.ts";
import { findVersion, isAtLeast } from "./version.ts";

type Looked = { found: string; good: boolean; remedy?: string };
type Look = (machine: Machine) => Promise<Looked>;

/** The needs that have to be there for the lab, each as a check; all looked for at once. */
export async function checkTools(machine: Machine, distribution: Distribution): Promise<Check[]> {
  return Promise.all(
    needNames
      .filter((name) => name !== "subordinate-ids" || machine.userId !== 0)
      .map(async (name) => {
        const { found, good, remedy } = await looks[name](machine);
        if (good) return ok(name, found);
        return missing(name, found, remedy ?? remedyFor(name, distribution));
      }),
  );
}

function remedyFor(name: NeedName, distribution: Distribution): string {
  const packages = packagesOf([name], distribution.family);
  const command = installCommand(distribution.family, packages);
  if (distribution.family !== "debian") return command;
  const backports = backportsSuite(distribution);
  const newer = backports !== null && packages.some((item) => takenFromBackports.has(item));
  const target = newer ? ` (with -t ${backports}, once that is among apt's sources)` : "";
  return `schedcp setup, or by hand: ${command}${target}`;
}

const absent = (name: NeedName): Looked => ({
  found: `not found (it ${needs[name].purpose})`,
  good: false,
});

/** A program that is good once it answers `args`, if its version is new enough. */
function program(name: NeedName, command: string, args: readonly string[]): Look {
  return async (machine) => {
    const path = await machine.find(command);
    if (path === null) return absent(name);
    const { code, stdout, stderr } = await machine.run(path, args);
    if (code !== 0) return { found: `${path} does not run: ${firstLine(stderr)}`, good: false };
    const version = findVersion(`${stdout}\n${stderr}`);
    const minimum = needs[name].versionMin;
    if (minimum === undefined || version === null) {
      return { found: version === null ? path : `${path} ${version}`, good: minimum === undefined };
    }
    const good = isAtLeast(version, minimum);
    return { found: `${path} ${version}${good ? "" : `, and ${minimum} is needed`}`, good };
  };
}

const firstLine = (text: string): string => (text.trim().split("\n")[0] ?? "").slice(0, 200);

/** A clang counts with the llvm-strip beside it only: an old one may be there for other reasons. */
async function lookForClang(machine: Machine): Promise<Looked> {
  let useless: string | null = null;
  for (const { clang, llvmStrip } of clangNames) {
    const path = await machine.find(clang);
    if (path === null) continue;
    const { code, stdout } = await machine.run(path, ["--version"]);
    const version = code === 0 ? findVersion(stdout) : null;
    if (version === null) continue;
    if (!isAtLeast(version, String(clangVersionMin))) {
      useless ??= `${path} ${version}, and ${clangVersionMin} is needed`;
    } else if ((await machine.find(llvmStrip)) === null) {
      useless ??= `${path} ${version} without ${llvmStrip}`;
    } else {
      return { found: `${path} ${version}`, good: true };
    }
  }
  return useless === null ? absent("clang") : { found: useless, good: false };
}

/** The compiler itself says where the static libraries and the header are. */
async function lookForLibbpf(machine: Machine): Promise<Looked> {
  const cc = await machine.find("cc");
  if (cc === null) return { found: "not looked for: there is no C compiler yet", good: false };
  const lacking: string[] = [];
  for (const library of ["libbpf.a", "libelf.a", "libz.a"]) {
    const { stdout } = await machine.run(cc, [`-print-file-name=${library}`]);
    if (!stdout.startsWith("/")) lacking.push(library);
  }
  if (lacking.length > 0) return { found: `not found: ${lacking.join(", ")}`, good: false };
  const header = ["-E", "-dM", "-include", "bpf/libbpf_version.h", "-x", "c", "/dev/null"];
  const { code, stdout } = await machine.run(cc, header);
  const major = /LIBBPF_MAJOR_VERSION (\d+)/.exec(stdout)?.[1];
  const minor = /LIBBPF_MINOR_VERSION (\d+)/.exec(stdout)?.[1];
  if (code !== 0 || major === undefined || minor === undefined) {
    return { found: "its headers were not found", good: false };
  }
  const minimum = needs.libbpf.versionMin ?? "0";
  const good = isAtLeast(`${major}.${minor}`, minimum);
  return { found: `${major}.${minor}${good ? "" : `, and ${minimum} is needed`}`, good };
}

/** A confined process has to start for real: containers and AppArmor often forbid it. */
async function lookForBubblewrap(machine: Machine): Promise<Looked> {
  const path = await machine.find("bwrap");
  if (path === null) return absent("bubblewrap");
  const links = ["--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"];
  const { code, stderr } = await machine.run(path, [
    ...["--unshare-all", "--die-with-parent", "--ro-bind", "/usr", "/usr", ...links],
    ...["--proc", "/proc", "--dev", "/dev", "/usr/bin/true"],
  ]);
  if (code === 0) return { found: `${path}, and it confined a process`, good: true };
  return {
    found: `${path} cannot confine a process: ${firstLine(stderr)}`,
    good: false,
    remedy:
      "Let this user make user namespaces (sysctl kernel.unprivileged_userns_clone=1; on Ubuntu an AppArmor profile for bwrap, or sysctl kernel.apparmor_restrict_unprivileged_userns=0). In a container: run it with --privileged.",
  };
}

/** The lab needs a static one: it runs before any library is there. */
async function lookForBusybox(machine: Machine): Promise<Looked> {
  const path = await machine.find("busybox");
  if (path === null) return absent("busybox");
  const { code, stdout } = await machine.run("ldd", [path]);
  if (code === 0 && stdout.includes("=>")) {
    return { found: `${path} is not a static build`, good: false };
  }
  return { found: path, good: true };
}

async function lookForSubordinateIds(machine: Machine): Promise<Looked> {
  for (const command of ["newuidmap", "newgidmap"]) {
    if ((await machine.find(command)) === null) return absent("subordinate-ids");
  }
  for (const path of ["/etc/subuid", "/etc/subgid"]) {
    const lines = ((await machine.readText(path)) ?? "").split("\n");
    const names = [machine.userName, String(machine.userId)];
    if (!lines.some((line) => names.includes(line.split(":")[0] ?? ""))) {
      return {
        found: `${path} has no range for ${machine.userName}`,
        good: false,
        remedy: `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${machine.userName}`,
      };
    }
  }
  return { found: "newuidmap, and ranges for this user", good: true };
}

const looks: Record<NeedName, Look> = {
  clang: lookForClang,
  cc: program("cc", "cc", ["--version"]),
  "pkg-config": program("pkg-config", "pkg-config", ["--version"]),
  libbpf: lookForLibbpf,
  bpftool: program("bpftool", "bpftool", ["version"]),
  qemu: program("qemu", "qemu-system-x86_64", ["--version"]),
  bubblewrap: lookForBubblewrap,
  mmdebstrap: program("mmdebstrap", "mmdebstrap", ["--version"]),
  mksquashfs: program("mksquashfs", "mksquashfs", ["-version"]),
  busybox: lookForBusybox,
  zstd: program("zstd", "zstd", ["--version"]),
  xz: program("xz", "xz", ["--version"]),
  "subordinate-ids": lookForSubordinateIds,
};
