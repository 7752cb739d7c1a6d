// The guest image: a small Debian testing system with a real sched_ext kernel, made once with
// mmdebstrap (which checks the suite's signature) and kept in the cache. Beside it lies
// `image.json`, the lock file: every package with version and digest, and the digests of the parts.

import { createReadStream } from "node:fs";
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { SchedcpError } from "../contract/errors.ts";
import type { Progress } from "../contract/node.ts";
import { asCacheError, type Cache, digestOf, fileDigest, isCode, removeTree } from "./cache.ts";
import { asTreeOwner, runCommand } from "./command.ts";
import { kernelRelease, unpackKernel } from "./kernel-image.ts";

/** Changing anything here makes another image. */
export const recipe = {
  version: 5,
  suite: "forky",
  kernelPackage: "linux-image-cloud-amd64",
  packages: ["nodejs", "procps", "kmod"],
} as const;

const lockSchema = z.strictObject({
  suite: z.string(),
  kernel: z.string(),
  staleRelease: z.boolean(),
  /** Over the kernel and the root file system: names the image in evidence and results. */
  sha256: z.string(),
  files: z.record(z.string(), z.string()),
  packages: z.array(z.strictObject({ name: z.string(), version: z.string(), sha256: z.string() })),
});
export type ImageLock = z.infer<typeof lockSchema>;

export interface GuestImage {
  directory: string;
  lock: ImageLock;
  /** ELF kernel, root file system (squashfs) and the kernel's types as a C header. */
  kernel: string;
  root: string;
  vmlinuxHeader: string;
  /** Modules that the initial RAM disk loads, in order; empty where they are built in. */
  modules: string[];
}

export const imageKey = (): string => digestOf([JSON.stringify(recipe)]);

/** The image if it is in the cache already. */
export async function cachedImage(cache: Cache): Promise<GuestImage | null> {
  return readImage(cache.path("images", imageKey()));
}

export async function ensureImage(
  cache: Cache,
  progress: Progress,
  signal?: AbortSignal,
): Promise<GuestImage> {
  const make = (directory: string) => buildImage(directory, progress, signal);
  const directory = await cache.entry("images", imageKey(), make, signal);
  const image = await readImage(directory);
  if (image !== null) return image;
  throw new SchedcpError("missing-setup", `the guest image in ${directory} is incomplete`, {
    hint: `Remove ${directory} and run \`schedcp setup\` again.`,
  });
}

async function readImage(directory: string): Promise<GuestImage | null> {
  let text: string;
  try {
    text = await readFile(join(directory, "image.json"), "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    throw asCacheError(error, directory);
  }
  return describeImage(directory, lockSchema.parse(JSON.parse(text)));
}

function describeImage(directory: string, lock: ImageLock): GuestImage {
  return {
    directory,
    lock,
    kernel: join(directory, "vmlinux"),
    root: join(directory, "root.squashfs"),
    vmlinuxHeader: join(directory, "include", "vmlinux.h"),
    modules: Object.keys(lock.files)
      .filter((name) => name.startsWith("modules/"))
      .sort()
      .map((name) => join(directory, name)),
  };
}

async function buildImage(
  directory: string,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  const step = (message: string) => progress({ step: "image", message });
  step(`installing a Debian ${recipe.suite} system for the guest (about 90 MB to download)`);
  const tree = join(directory, "tree");
  const staleRelease = await bootstrap(tree, directory, step, signal);

  step("unpacking the kernel");
  const modulesRoot = join(tree, "usr/lib/modules");
  const releases = (await readdir(modulesRoot)).sort();
  const release = releases.at(-1);
  if (release === undefined) throw new Error("the suite's kernel package brought no modules");
  const elf = unpackKernel(await readFile(join(modulesRoot, release, "vmlinuz")));
  await writeFile(join(directory, "vmlinux"), elf);
  await takeModules(join(modulesRoot, release), directory, signal);
  await writeVmlinuxHeader(directory, signal);

  step("packing the root file system");
  await packTree(tree, join(directory, "root.squashfs"), signal);
  const packages = await installedPackages(tree, directory);
  await removeTree(tree);
  await rm(join(directory, "lists"), { recursive: true, force: true });
  await writeLock(directory, { kernel: kernelRelease(elf), staleRelease, packages });
}

/** Installs the suite into `tree`. Answers whether its Release file was past its date. */
async function bootstrap(
  tree: string,
  directory: string,
  step: (message: string) => void,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const listsTo = join(directory, "lists");
  await mkdir(listsTo);
  const excluded = ["doc", "man", "locale", "info"].map(
    (name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`,
  );
  // The kernel's own package wants an initial RAM disk generator; its two parts with the bits do not.
  const installKernel = [
    `V=$(chroot "$1" apt-cache depends ${recipe.kernelPackage} | sed -n 's/^ *Depends: linux-image-//p' | head -n 1)`,
    `chroot "$1" apt-get install -y --no-install-recommends "linux-binary-$V" "linux-modules-$V"`,
  ].join(" && ");
  const attempt = async (extra: string[]) => {
    await removeTree(tree);
    await runCommand(
      ...asTreeOwner("mmdebstrap", [
        "--mode=root",
        "--variant=minbase",
        `--include=${recipe.packages.join(",")}`,
        ...excluded,
        ...extra,
        `--customize-hook=${installKernel}`,
        '--customize-hook=cp "$1"/var/lib/apt/lists/*_Packages "$SCHEDCP_LISTS"',
        "--format=directory",
        recipe.suite,
        tree,
        ...(process.env.SCHEDCP_MIRROR ? [process.env.SCHEDCP_MIRROR] : []),
      ]),
      {
        signal,
        environment: { ...process.env, SCHEDCP_LISTS: listsTo },
        timeoutMs: 20 * 60_000,
        onLine: (line) => {
          const text = /^I: ((?:running apt|downloading|extracting|installing).*)/.exec(line)?.[1];
          if (text !== undefined) step(text.replace(/\.+$/, ""));
        },
      },
    );
  };
  try {
    await attempt([]);
    return false;
  } catch (error) {
    const words = error instanceof SchedcpError ? String(error.details?.stderr) : "";
    if (/Release file .* (is expired|is not valid yet)|is expired \(invalid since/.test(words)) {
      step("the suite's Release file is past its date; going on with the signature check alone");
      await attempt(['--aptopt=Acquire::Check-Valid-Until "false"']);
      return true;
    }
    if (archiveUnreachable.test(words)) throw offline("to make the guest image", error);
    throw error;
  }
}

export const archiveUnreachable =
  /Temporary failure resolving|Could not connect|Could not resolve|Network is unreachable|Failed to fetch/;

export function offline(purpose: string, cause: unknown): SchedcpError {
  return new SchedcpError("offline", `the Debian archive can't be reached ${purpose}`, {
    hint: "Check the network (and http_proxy), or set SCHEDCP_MIRROR to a mirror you reach; then run it again.",
    cause,
  });
}

/** In the order in which the initial RAM disk must load them. */
export const bootModules = [
  "drivers/block/virtio_blk",
  "fs/squashfs/squashfs",
  "fs/overlayfs/overlay",
] as const;

async function takeModules(
  modulesDirectory: string,
  directory: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await mkdir(join(directory, "modules"));
  for (const [index, module] of bootModules.entries()) {
    const name = module.slice(module.lastIndexOf("/") + 1);
    const packed = join(modulesDirectory, "kernel", `${module}.ko.xz`);
    const target = join(directory, "modules", `${index}-${name}.ko`);
    await runCommand("sh", ["-c", 'xz -dc "$1" > "$2"', "sh", packed, target], { signal });
  }
}

export async function writeVmlinuxHeader(directory: string, signal: AbortSignal | undefined) {
  await mkdir(join(directory, "include"));
  const args = ["-c", 'bpftool btf dump file "$1" format c > "$2"', "sh"];
  const header = join(directory, "include", "vmlinux.h");
  await runCommand("sh", [...args, join(directory, "vmlinux"), header], { signal });
}

async function packTree(tree: string, target: string, signal: AbortSignal | undefined) {
  const excluded = ["boot", "usr/share/doc", "usr/share/man", "usr/share/locale", "var/cache"];
  await runCommand(
    ...asTreeOwner("mksquashfs", [
      tree,
      target,
      "-comp",
      "zstd",
      "-Xcompression-level",
      "3",
      "-noappend",
      "-no-progress",
      "-wildcards",
      "-e",
      ...excluded,
      "usr/lib/modules/*/vmlinuz",
      "usr/include",
    ]),
    { signal },
  );
}

type LockedPackage = ImageLock["packages"][number];

/** Name and version from dpkg's status, the digest of its .deb from the suite's signed package list. */
async function installedPackages(tree: string, directory: string): Promise<LockedPackage[]> {
  const status = await readFile(join(tree, "var/lib/dpkg/status"), "utf8");
  const wanted = new Map<string, LockedPackage>();
  for (const paragraph of status.split("\n\n")) {
    const name = /^Package: (.+)$/m.exec(paragraph)?.[1];
    const version = /^Version: (.+)$/m.exec(paragraph)?.[1];
    if (name !== undefined && version !== undefined) {
      wanted.set(`${name} ${version}`, { name, version, sha256: "" });
    }
  }
  for (const list of await readdir(join(directory, "lists"))) {
    let name = "";
    let version = "";
    for await (const line of createInterface({
      input: createReadStream(join(directory, "lists", list)),
    })) {
      if (line.startsWith("Package: ")) name = line.slice(9);
      else if (line.startsWith("Version: ")) version = line.slice(9);
      else if (line.startsWith("SHA256: ")) {
        const entry = wanted.get(`${name} ${version}`);
        if (entry !== undefined) entry.sha256 = line.slice(8);
      }
    }
  }
  return [...wanted.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function writeLock(
  directory: string,
  facts: Pick<ImageLock, "kernel" | "staleRelease" | "packages">,
): Promise<void> {
  const files: Record<string, string> = {};
  for (const name of ["vmlinux", "root.squashfs", "include/vmlinux.h"]) {
    files[name] = await fileDigest(join(directory, name));
  }
  for (const name of await readdir(join(directory, "modules"))) {
    files[`modules/${name}`] = await fileDigest(join(directory, "modules", name));
  }
  const lock: ImageLock = {
    suite: recipe.suite,
    ...facts,
    sha256: digestOf(Object.entries(files).flat()),
    files,
  };
  const path = join(directory, "image.json");
  await writeFile(`${path}.new`, `${JSON.stringify(lock, null, 2)}\n`);
  await rename(`${path}.new`, path);
  await chmod(directory, 0o755);
}
