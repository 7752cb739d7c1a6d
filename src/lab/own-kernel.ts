// A guest image with the user's own kernel in place of the suite's: the same root file system, the
// kernel unpacked from the given file, its boot modules, where they are not built in, taken from beside it
// (`boot/vmlinuz…` next to `lib/modules`, as in an unpacked package) or from this host. What the kernel
// lacks is said before anything is booted.

import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { SchedcpError } from "../contract/errors.ts";
import { type Cache, digestOf, fileDigest, isCode } from "./cache.ts";
import { runCommand } from "./command.ts";
import { bootModules, type GuestImage, writeVmlinuxHeader } from "./image.ts";
import { kernelRelease, unpackKernel } from "./kernel-image.ts";

/** Modules that a distribution may have split off, needed by those before them in this list. */
const dependencies: Record<string, string[]> = {
  "drivers/block/virtio_blk": ["drivers/virtio/virtio_ring", "drivers/virtio/virtio_pci"],
};

export async function ensureOwnKernel(
  cache: Cache,
  base: GuestImage,
  kernelPath: string,
  signal?: AbortSignal,
): Promise<GuestImage> {
  const packed = await readFile(kernelPath).catch((error: unknown) => {
    if (!["ENOENT", "EACCES", "EISDIR"].some((code) => isCode(error, code))) throw error;
    throw new SchedcpError("file-unreadable", `the kernel ${kernelPath} can't be read`, {
      hint: "Give the path of a readable vmlinuz (as root: they are often readable by root alone).",
      cause: error,
    });
  });
  const elf = unpackKernel(packed);
  const release = kernelRelease(elf);
  const key = digestOf(["own-kernel", "1", base.lock.sha256, elf]);
  const directory = await cache.entry(
    "kernels",
    key,
    async (target) => {
      await writeFile(join(target, "vmlinux"), elf);
      await writeVmlinuxHeader(target, signal);
      await requireSchedExt(join(target, "include/vmlinux.h"), release);
      await mkdir(join(target, "modules"));
      await takeModules(moduleRoots(kernelPath, release), release, join(target, "modules"), signal);
    },
    signal,
  );
  return describe(directory, base, release);
}

async function describe(directory: string, base: GuestImage, kernel: string): Promise<GuestImage> {
  const names = await readFile(join(directory, "modules", "order"), "utf8");
  const modules = names.split("\n").filter(Boolean);
  const image = {
    ...base,
    directory,
    kernel: join(directory, "vmlinux"),
    vmlinuxHeader: join(directory, "include/vmlinux.h"),
    modules: modules.map((name) => join(directory, "modules", name)),
  };
  const files = [image.kernel, ...image.modules];
  const digests = await Promise.all(files.map(fileDigest));
  return {
    ...image,
    lock: { ...base.lock, kernel, sha256: digestOf([base.lock.sha256, ...digests]) },
  };
}

/** The kernel's own types tell what it was built with. */
async function requireSchedExt(header: string, release: string): Promise<void> {
  const text = await readFile(header, "utf8");
  if (text.includes("struct sched_ext_ops {")) return;
  throw new SchedcpError("not-supported", `the kernel ${release} has no sched_ext`, {
    hint: "It needs CONFIG_SCHED_CLASS_EXT=y and CONFIG_DEBUG_INFO_BTF=y (6.12 or newer).",
  });
}

/** Where this release's modules may be, the likeliest first. */
function moduleRoots(kernelPath: string, release: string): string[] {
  const directory = dirname(resolve(kernelPath));
  const beside = basename(directory) === "boot" ? [dirname(directory)] : [];
  return [...beside, "/"].flatMap((root) =>
    ["usr/lib/modules", "lib/modules"].map((path) => join(root, path, release)),
  );
}

/** Without any modules at hand all are taken to be built in, as in a kernel of one's own making. */
async function takeModules(
  roots: readonly string[],
  release: string,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const root = roots.find((path) => existsSync(join(path, "modules.builtin")));
  const builtIn = root === undefined ? "" : await readFile(join(root, "modules.builtin"), "utf8");
  const order: string[] = [];
  for (const module of bootModules.flatMap((name) => [...(dependencies[name] ?? []), name])) {
    if (root === undefined || builtIn.includes(`kernel/${module}.ko`)) continue;
    const packed = ["", ".xz", ".zst", ".gz"]
      .map((suffix) => join(root, "kernel", `${module}.ko${suffix}`))
      .find((path) => existsSync(path));
    if (packed === undefined) throw lacksModule(release, module, root);
    const name = `${order.length}-${module.slice(module.lastIndexOf("/") + 1)}.ko`;
    await runCommand("sh", ["-c", unpackModule, "sh", packed, join(target, name)], { signal });
    order.push(name);
  }
  await writeFile(join(target, "order"), order.join("\n"));
}

function lacksModule(release: string, module: string, root: string): SchedcpError {
  const name = basename(module);
  return new SchedcpError("not-supported", `the kernel ${release} has no ${name}: not in ${root}`, {
    hint: "A guest boots with virtio_blk, squashfs and overlay: build them in, or install the package with the kernel's modules.",
  });
}

const unpackModule = `case $1 in
*.xz) xz -dc "$1" > "$2";;
*.zst) zstd -dcq "$1" > "$2";;
*.gz) gzip -dc "$1" > "$2";;
*) cp "$1" "$2";;
esac`;
