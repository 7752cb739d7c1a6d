// A kernel that is not the lab's own, for the tests of `--kernel`: the oldest that Debian's backports
// hold with sched_ext in it (Debian switched it on after 6.12). Fetched once, kept in the cache.

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Cache, cacheRoot, digestOf } from "../../src/lab/cache.ts";

/** Where this machine's own packages come from, if it is a Debian; the suite need not be its own. */
function findMirror(): string | null {
  const format = "$(SITE) $(ORIGIN)";
  const { stdout } = spawnSync("apt-get", ["indextargets", "--format", format], {
    encoding: "utf8",
  });
  const line = (stdout ?? "").split("\n").find((each) => each.endsWith(" Debian"));
  return line?.split(" ")[0]?.replace(/\/$/, "") ?? null;
}

interface Package {
  name: string;
  path: string;
  sha256: string;
}

/** Null where this machine is no Debian and so knows of no archive that has the kernel. */
export const debianMirror = findMirror();

/** Path of its vmlinuz, with `lib/modules` beside `boot`, and its release. */
export async function otherKernel(): Promise<{ path: string; release: string }> {
  const mirror = debianMirror;
  const index = `${mirror}/dists/trixie-backports/main/binary-amd64/Packages.xz`;
  const packages = parsePackages(
    execFileSync("xz", ["-dc"], { input: await download(index), maxBuffer: 2 ** 30 }).toString(),
  );
  const kernels = packages
    .flatMap((each) => {
      const match = /^linux-(image|binary)-(\d+)\.(\d+)(\S*-cloud-amd64)$/.exec(each.name);
      if (match === null) return [];
      const [, kind = "", major = "", minor = "", rest = ""] = match;
      const release = `${major}.${minor}${rest}`;
      return [{ ...each, kind, release, order: Number(major) * 1000 + Number(minor) }];
    })
    .filter(({ order }) => order > 6012)
    .sort((one, other) => one.order - other.order);
  // Newer packagings split the kernel: `image` is empty there, and `binary` comes with `modules`.
  const split = new Set(
    kernels.filter(({ kind }) => kind === "binary").map((each) => each.release),
  );
  const kernel = kernels.find(({ kind, release }) => kind === "binary" || !split.has(release));
  if (kernel === undefined) throw new Error(`no kernel with sched_ext in ${index}`);
  const modules = packages.filter(({ name }) => name === `linux-modules-${kernel.release}`);
  const parts = [kernel, ...modules];
  const cache = new Cache(cacheRoot());
  const digests = parts.map(({ sha256 }) => sha256);
  const directory = await cache.entry("test-kernels", digestOf(digests), async (target) => {
    await mkdir(join(target, "tree"));
    for (const part of parts) {
      const bytes = await download(`${mirror}/${part.path}`);
      const digest = createHash("sha256").update(bytes).digest("hex");
      if (digest !== part.sha256) throw new Error(`${part.path} is not what the index names`);
      const file = join(target, "package.deb");
      await writeFile(file, bytes);
      execFileSync("dpkg-deb", ["-x", file, join(target, "tree")]);
    }
  });
  const boot = join(directory, "tree/boot");
  const name = readdirSync(boot).find((each) => each.startsWith("vmlinuz-"));
  if (name === undefined) throw new Error(`no vmlinuz in ${boot}`);
  return { path: join(boot, name), release: kernel.release };
}

async function download(url: string): Promise<Buffer> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(240_000) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

function parsePackages(text: string): Package[] {
  return text.split("\n\n").flatMap((paragraph) => {
    const field = (name: string) => new RegExp(`^${name}: (.+)$`, "m").exec(paragraph)?.[1] ?? "";
    const name = field("Package");
    if (!name.startsWith("linux-")) return [];
    return [{ name, path: field("Filename"), sha256: field("SHA256") }];
  });
}
