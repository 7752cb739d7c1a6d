// What SchedCP itself puts into a guest: the node daemon (as plain JavaScript: the guest's Node
// strips no types), the native programs, the probe, busybox and the init script, packed as one layer;
// and the initial RAM disk that stacks the layers. Both keyed by content, so a change makes new ones.

import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Cache, digestOf, fileDigest, isCode } from "./cache.ts";
import { missingProgram, runCommand } from "./command.ts";
import { packCpio } from "./cpio.ts";
import type { GuestImage } from "./image.ts";
import { buildNative } from "./native-build.ts";

const sourceRoot = fileURLToPath(new URL("..", import.meta.url));
const packageRoot = fileURLToPath(new URL("../..", import.meta.url));

export interface Support {
  /** Squashfs layer and its digest. */
  path: string;
  sha256: string;
  /** Directory of the native programs, for use on the host. */
  native: string;
  initialRamDisk: string;
}

export async function ensureSupport(
  cache: Cache,
  image: GuestImage,
  signal?: AbortSignal,
): Promise<Support> {
  const application = await daemonFiles();
  const natives = await ensureNative(cache, image, signal);
  const busybox = await readBusybox();
  const init = await readFile(new URL("guest-init.sh", import.meta.url));
  const key = digestOf([
    "support",
    image.lock.sha256,
    natives.key,
    init,
    busybox,
    initialInit,
    await zodVersion(),
    ...[...application].flat(),
  ]);
  const directory = await cache.entry(
    "support",
    key,
    async (target) => {
      const tree = join(target, "tree");
      const home = join(tree, "usr/lib/schedcp");
      for (const [path, text] of application) {
        await mkdir(dirname(join(home, "app", path)), { recursive: true });
        await writeFile(join(home, "app", path), text);
      }
      await writeFile(join(home, "app", "package.json"), '{"type":"module"}\n');
      await cp(zodDirectory(), join(home, "app/node_modules/zod"), {
        recursive: true,
        filter: (path) =>
          !/\.(ts|cts|mts|cjs|map)$|\/src(\/|$)/.test(relative(zodDirectory(), path)),
      });
      await cp(natives.directory, home, { recursive: true });
      await writeFile(join(home, "busybox"), busybox, { mode: 0o755 });
      await writeFile(join(home, "init"), init, { mode: 0o755 });
      const layer = join(target, "support.squashfs");
      const options = ["-all-root", "-comp", "zstd", "-Xcompression-level", "3", "-no-progress"];
      await runCommand("mksquashfs", [tree, layer, "-noappend", ...options], { signal });
      await rm(tree, { recursive: true });
      await writeFile(join(target, "initrd"), await initialRamDisk(image, busybox));
      await writeFile(join(target, "sha256"), await fileDigest(layer));
    },
    signal,
  );
  return {
    path: join(directory, "support.squashfs"),
    sha256: (await readFile(join(directory, "sha256"), "utf8")).trim(),
    native: natives.directory,
    initialRamDisk: join(directory, "initrd"),
  };
}

/** The loader, runner, probe and the probe's object, built for this image's kernel. */
async function ensureNative(cache: Cache, image: GuestImage, signal?: AbortSignal) {
  const sourceDirectory = join(packageRoot, "native");
  const probesDirectory = join(packageRoot, "bpf/probes");
  const parts: (string | Uint8Array)[] = ["native", image.lock.sha256];
  for (const directory of [sourceDirectory, probesDirectory]) {
    const names = (await readdir(directory)).filter((name) => /\.(c|h)$|^Makefile$/.test(name));
    for (const name of names.sort()) parts.push(name, await readFile(join(directory, name)));
  }
  const key = digestOf(parts);
  const directory = await cache.entry("native", key, (outputDirectory) =>
    buildNative({
      sourceDirectory,
      probesDirectory,
      vmlinuxHeader: image.vmlinuxHeader,
      outputDirectory,
      ...(signal === undefined ? {} : { signal }),
    }),
  );
  return { key, directory };
}

/** Path under the application's root → JavaScript, for the daemon and the contract it speaks. */
async function daemonFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const room of ["contract", "daemon"]) {
    const names = await readdir(join(sourceRoot, room), { recursive: true });
    for (const name of names.sort()) {
      if (/\.test\.[tj]s$|\.d\.ts$/.test(name) || !/\.[tj]s$/.test(name)) continue;
      const text = await readFile(join(sourceRoot, room, name), "utf8");
      const code = name.endsWith(".ts") ? stripTypeScriptTypes(text) : text;
      const target = join(room, name).replace(/\.ts$/, ".js");
      files.set(target, code.replace(/(from\s+"\.[^"]*)\.ts"/g, '$1.js"'));
    }
  }
  return files;
}

function zodDirectory(): string {
  return dirname(fileURLToPath(import.meta.resolve("zod/package.json")));
}

async function zodVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(
    await readFile(join(zodDirectory(), "package.json"), "utf8"),
  );
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "";
}

async function readBusybox(): Promise<Buffer> {
  for (const path of ["/usr/bin/busybox", "/bin/busybox"]) {
    try {
      const bytes = await readFile(path);
      if (isStatic(bytes)) return bytes;
    } catch (error) {
      if (!isCode(error, "ENOENT")) throw error;
    }
  }
  throw missingProgram("busybox");
}

/** Whether an ELF64 program names no dynamic linker (no program header of type PT_INTERP). */
function isStatic(elf: Buffer): boolean {
  const start = Number(elf.readBigUInt64LE(32));
  const size = elf.readUInt16LE(54);
  const count = elf.readUInt16LE(56);
  return Array.from({ length: count }, (_, i) => elf.readUInt32LE(start + i * size)).every(
    (type) => type !== 3,
  );
}

/** Stacks the drives: vda is the image, vdb SchedCP's own layer, vdc… the workload's. */
const initialInit = `#!/bin/busybox sh
B=/bin/busybox
$B mount -t devtmpfs dev /dev
for m in /modules/*.ko; do [ -e "$m" ] && $B insmod "$m"; done
lower=
for d in /dev/vd?; do
	n=\${d#/dev/}
	$B mkdir -p /layers/$n
	$B mount -t squashfs -o ro $d /layers/$n || { echo "schedcp: cannot mount $d"; $B poweroff -f; }
	lower=/layers/$n\${lower:+:$lower}
done
$B mount -t tmpfs -o mode=0755,size=30% rw /rw
$B mkdir /rw/upper /rw/work
$B mount -t overlay -o lowerdir=$lower,upperdir=/rw/upper,workdir=/rw/work root /new
exec $B switch_root /new /usr/lib/schedcp/init
`;

async function initialRamDisk(image: GuestImage, busybox: Buffer): Promise<Buffer> {
  const directories = ["bin", "dev", "layers", "modules", "new", "rw"];
  const modules = await Promise.all(
    image.modules.map(async (path) => ({
      path: `modules/${path.slice(path.lastIndexOf("/") + 1)}`,
      mode: 0o100644,
      data: await readFile(path),
    })),
  );
  return packCpio([
    ...directories.map((path) => ({ path, mode: 0o040755, data: Buffer.alloc(0) })),
    { path: "init", mode: 0o100755, data: Buffer.from(initialInit) },
    { path: "bin/busybox", mode: 0o100755, data: busybox },
    ...modules,
  ]);
}
