// A layer: the programs that one workload requires, as a file system laid over the guest image.
// Made by installing the packages into a copy of the image and keeping what changed, so that their
// maintainer scripts have run. Or made of the user's own binary with the libraries it needs.

import {
  access,
  chmod,
  constants,
  copyFile,
  mkdir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { basename, join } from "node:path";
import { SchedcpError } from "../contract/errors.ts";
import type { HostFile, HostProgram, Progress } from "../contract/node.ts";
import { type Cache, digestOf, fileDigest, isCode } from "./cache.ts";
import { asTreeOwner, runCommand } from "./command.ts";
import { archiveUnreachable, type GuestImage, offline } from "./image.ts";

const layerVersion = 3;

export interface Layer {
  /** Squashfs file. */
  path: string;
  sha256: string;
}

export async function ensurePackageLayer(
  cache: Cache,
  image: GuestImage,
  packages: readonly string[],
  progress: Progress,
  signal?: AbortSignal,
): Promise<Layer> {
  const sorted = [...new Set(packages)].sort();
  const key = digestOf(["layer", String(layerVersion), image.lock.sha256, ...sorted]);
  const directory = await cache.entry(
    "layers",
    key,
    async (target) => {
      progress({ step: "image", message: `adding to the guest: ${sorted.join(", ")}` });
      await installPackages(target, image, sorted, signal);
      await recordDigest(target);
    },
    signal,
  );
  return readLayer(directory);
}

async function readLayer(directory: string): Promise<Layer> {
  const sha256 = (await readFile(join(directory, "sha256"), "utf8")).trim();
  return { path: join(directory, "layer.squashfs"), sha256 };
}

async function recordDigest(directory: string): Promise<void> {
  const sha256 = await fileDigest(join(directory, "layer.squashfs"));
  await writeFile(join(directory, "sha256"), `${sha256}\n`);
}

/**
 * Runs in mmdebstrap's own name spaces with the image unpacked as the tree. Changed files are those
 * whose inode changed after the marker (dpkg keeps the packages' own modification times).
 */
async function installPackages(
  directory: string,
  image: GuestImage,
  packages: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const hook = [
    "set -e",
    'marker=$(mktemp); touch "$marker"; sleep 0.05',
    'mkdir -p "$1"/var/cache/apt/archives/partial "$1"/var/lib/apt/lists/partial',
    'chroot "$1" apt-get -o Acquire::Languages=none -o APT::Update::Error-Mode=any update',
    `chroot "$1" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${packages.join(" ")}`,
    'rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*',
    'cp "$1"/var/lib/dpkg/status "$SCHEDCP_TARGET/dpkg-status"',
    'cd "$1" && find . -xdev \\( -path ./proc -o -path ./sys -o -path ./dev -o -path ./tmp -o -path ./run -o -path ./boot -o -path ./usr/share/doc -o -path ./usr/share/man -o -path ./usr/share/locale -o -path ./usr/include/boost \\) -prune -o -cnewer "$marker" ! -type d -print0 | tar --null --no-recursion -T - -cf "$SCHEDCP_TARGET/layer.tar"',
    'rm -f "$marker"',
  ].join("\n");
  await runCommand(
    ...asTreeOwner("mmdebstrap", [
      "--mode=root",
      "--variant=custom",
      "--skip=update,setup,cleanup",
      `--setup-hook=unsquashfs -f -d "$1" -n "$SCHEDCP_BASE" >/dev/null`,
      `--customize-hook=${hook}`,
      image.lock.suite,
      "/dev/null",
    ]),
    {
      signal,
      timeoutMs: 20 * 60_000,
      environment: { ...process.env, SCHEDCP_TARGET: directory, SCHEDCP_BASE: image.root },
    },
  ).catch((error: unknown) => {
    const words = error instanceof SchedcpError ? String(error.details?.stderr) : "";
    if (archiveUnreachable.test(words)) throw offline("to add programs to the guest", error);
    const absent = /Unable to locate package (\S+)/.exec(words)?.[1];
    if (absent === undefined) throw error;
    throw new SchedcpError(
      "missing-program",
      `Debian ${image.lock.suite} has no package ${absent}`,
      {
        hint: "Name a program that the suite has in the workload's `requires`.",
        cause: error,
      },
    );
  });
  await packTar(directory, signal);
}

async function packTar(directory: string, signal: AbortSignal | undefined): Promise<void> {
  const pack =
    'exec mksquashfs - "$1/layer.squashfs" -tar -comp zstd -Xcompression-level 3 -noappend -no-progress < "$1/layer.tar"';
  await runCommand("sh", ["-c", pack, "sh", directory], { signal });
  await rm(join(directory, "layer.tar"), { force: true });
}

/** The user's own programs from this host, each with the shared libraries that `ldd` names. */
export async function hostProgram(path: string, signal?: AbortSignal): Promise<HostProgram> {
  const libraries = await librariesOf(path, signal);
  return {
    name: basename(path),
    file: await hostFile(path),
    libraries: await Promise.all(libraries.map(hostFile)),
  };
}

async function hostFile(path: string): Promise<HostFile> {
  return { path, sha256: await fileDigest(path) };
}

/**
 * Programs of this host with their libraries. They keep to a directory of their own, behind a wrapper, so
 * that the guest's libraries stay as they are.
 */
export async function ensureProgramLayer(
  cache: Cache,
  programs: readonly HostProgram[],
  signal?: AbortSignal,
): Promise<Layer> {
  const sorted = [...programs].sort((a, b) => (a.name < b.name ? -1 : 1));
  const parts: string[] = ["programs", String(layerVersion)];
  for (const { name, file, libraries } of sorted) {
    parts.push(name, file.sha256, String(libraries.length));
    for (const library of libraries) parts.push(basename(library.path), library.sha256);
  }
  const directory = await cache.entry(
    "layers",
    digestOf(parts),
    async (target) => {
      const tree = join(target, "tree");
      for (const program of sorted) await placeProgram(tree, program);
      const options = ["-all-root", "-noappend", "-no-progress", "-comp", "zstd"];
      await runCommand("mksquashfs", [tree, join(target, "layer.squashfs"), ...options], {
        signal,
      });
      await rm(tree, { recursive: true });
      await recordDigest(target);
    },
    signal,
  );
  return readLayer(directory);
}

async function placeProgram(tree: string, program: HostProgram): Promise<void> {
  const { name, file, libraries } = program;
  const home = `/usr/local/lib/schedcp/${name}`;
  await mkdir(join(tree, home), { recursive: true });
  await mkdir(join(tree, "usr/local/bin"), { recursive: true });
  await copyAsNamed(file, join(tree, home, name));
  for (const library of libraries) {
    await copyAsNamed(library, join(tree, home, basename(library.path)));
  }
  const linker = libraries.find(({ path }) => /\/ld-[^/]*\.so/.test(path));
  const command =
    linker === undefined
      ? `${home}/${name}`
      : `${home}/${basename(linker.path)} --argv0 ${name} --library-path ${home} ${home}/${name}`;
  const wrapper = `#!/bin/sh\nexec ${command} "$@"\n`;
  await writeFile(join(tree, "usr/local/bin", name), wrapper, { mode: 0o755 });
}

/** The copy is what is looked at: the file itself may change at any moment. */
async function copyAsNamed({ path, sha256 }: HostFile, target: string): Promise<void> {
  await copyFile(path, target);
  await chmod(target, 0o755);
  if ((await fileDigest(target)) === sha256) return;
  throw new SchedcpError("file-unreadable", `${path} changed while it was looked at`, {
    hint: "Run it again when the file is no longer being written.",
    details: { path, expected: sha256 },
  });
}

/** Paths of the libraries and of the dynamic linker; none for a static program. */
async function librariesOf(binary: string, signal: AbortSignal | undefined): Promise<string[]> {
  const head = (await readFile(binary)).subarray(0, 4);
  if (head.toString("latin1") !== "\x7fELF") {
    throw new SchedcpError("not-supported", `${binary} is a script, not a program`, {
      hint: "Require its interpreter instead, and write the script's text into the workload's `setup`.",
    });
  }
  const { stdout } = await runCommand("ldd", [binary], { signal }).catch((error: unknown) => {
    const words = error instanceof SchedcpError ? String(error.details?.stderr) : "";
    if (/not a dynamic executable|statically linked/.test(words)) return { stdout: "" };
    throw error;
  });
  return stdout.split("\n").flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

/** The first of `programs` names' files on this host's PATH; null where it has none. */
export async function findOnHost(program: string): Promise<string | null> {
  for (const directory of (process.env.PATH ?? "").split(":").filter(Boolean)) {
    const path = join(directory, program);
    try {
      await access(path, constants.X_OK);
      if ((await stat(path)).isFile()) return path;
    } catch (error) {
      const absent = ["ENOENT", "ENOTDIR", "EACCES"].some((code) => isCode(error, code));
      if (!absent) throw error;
    }
  }
  return null;
}
