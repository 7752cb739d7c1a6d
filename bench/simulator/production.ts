// The BPF parts of production schedulers (crates of the scx project, fetched by cargo) through the reader
// and the translator, and a short run of those that need no userspace set-up. Nothing of them is kept.
// `sh bin/node bench/simulator/production.ts [DIRECTORY]`: needs cargo, clang-19 and bpftool; the
// directory keeps the compiled objects between runs.

import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { openLab } from "../../src/lab/lab.ts";
import { runChecked } from "../../src/simulator/checks/checked-run.ts";
import { opsFlags } from "../../src/simulator/core/policy-ops.ts";
import { translate } from "../../src/simulator/machine/translate.ts";
import type { BpfObject } from "../../src/simulator/object/bpf-object.ts";
import { btfKinds } from "../../src/simulator/object/btf.ts";
import { kernelBtf } from "../../src/simulator/object/kernel-btf.ts";
import { readBpfObject } from "../../src/simulator/object/read-object.ts";
import { createPolicy } from "../../src/simulator/runtime/create-policy.ts";
import { suiteSize } from "../../src/simulator/scenario/family.ts";
import { families, familySeed } from "../../src/simulator/scenario/suite-families.ts";

const wanted = [
  ...["bpfland", "flash", "cosmos", "beerland", "tickless", "rusty", "lavd", "p2dq", "layered"],
  ...["pandemonium", "cake", "flow"],
];
const directory = process.argv[2] ?? mkdtempSync(join(tmpdir(), "schedcp-production-"));
mkdirSync(directory, { recursive: true });

/** Where cargo unpacked a crate, whatever its version. */
function crate(name: string): string | null {
  const sources = join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "registry/src");
  for (const registry of existsSync(sources) ? readdirSync(sources) : []) {
    const found = readdirSync(join(sources, registry)).filter((each) =>
      new RegExp(`^${name}-\\d`).test(each),
    );
    if (found.length > 0) return join(sources, registry, found.sort().at(-1) ?? "");
  }
  return null;
}

function fetchCrates(): void {
  const missing = [...wanted, "cargo"].filter((name) => crate(`scx_${name}`) === null);
  if (missing.length === 0) return;
  const lines = missing.map((name) => `scx_${name} = "*"`);
  const manifest = [
    '[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"',
    "[dependencies]",
  ];
  mkdirSync(join(directory, "src"), { recursive: true });
  writeFileSync(join(directory, "src/lib.rs"), "");
  writeFileSync(join(directory, "Cargo.toml"), [...manifest, ...lines, ""].join("\n"));
  execFileSync("cargo", ["fetch"], { cwd: directory, stdio: "inherit" });
}

/** As scx_cargo's build does it: every source by clang, then one object of them. */
function build(name: string, headers: string): string {
  const output = join(directory, `scx_${name}.bpf.o`);
  if (existsSync(output)) return output;
  const source = crate(`scx_${name}`);
  const shared = crate("scx_cargo");
  if (source === null || shared === null) throw new Error("not fetched");
  const script = readFileSync(join(source, "build.rs"), "utf8").replace(/^\s*\/\/.*$/gm, "");
  const files = [...new Set(script.match(/src\/bpf\/[\w/]*\.bpf\.c/g) ?? [])];
  const objects = files.map((file) => {
    const object = join(directory, `${name}-${file.replaceAll("/", "_")}.o`);
    const include = [source, join(source, "src/bpf"), headers, join(shared, "bpf_h")];
    execFileSync(
      "clang-19",
      [
        ...["-g", "-O2", "-target", "bpf", "-mcpu=v4", "-Wno-everything", "-D__TARGET_ARCH_x86"],
        ...["-D__SCX_TARGET_ARCH_x86", "-fms-extensions", `-I${join(shared, "bpf_h/bpf-compat")}`],
        ...include.map((path) => `-I${path}`),
        ...[
          "-idirafter",
          "/usr/include",
          "-idirafter",
          "/usr/include/x86_64-linux-gnu",
          "-c",
          join(source, file),
          "-o",
          object,
        ],
      ],
      { stdio: "pipe" },
    );
    return object;
  });
  execFileSync("bpftool", ["gen", "object", output, ...objects], { stdio: "pipe" });
  return output;
}

/** Their headers take the kernel's constants from variables that a loader fills: `__SCX_DSQ_LOCAL`. */
function constants(object: BpfObject): Record<string, string> {
  const { kernelBtf: kernel } = object;
  const values = new Map<string, bigint>();
  for (let id = 1; id <= kernel.typeCount; id++) {
    const kind = kernel.kind(id);
    if (kind !== btfKinds.enum && kind !== btfKinds.enum64) continue;
    for (let index = 0; index < kernel.length(id); index++) {
      const { name, value } = kernel.enumerator(id, index);
      if (name.startsWith("SCX_")) values.set(name, BigInt.asUintN(64, value));
    }
  }
  const found: Record<string, string> = {};
  for (const name of object.globals.keys()) {
    const value = name.startsWith("__SCX_") ? values.get(name.slice(2)) : undefined;
    if (value !== undefined) found[name] = String(value);
  }
  return found;
}

/** The flags that their own loaders set, beside ENQ_EXITING: the rest of the default start. */
const { enqExiting, enqLast, enqMigrationDisabled, allowQueuedWakeup, builtinIdlePerNode } =
  opsFlags;
const common = enqExiting | enqLast | enqMigrationDisabled | allowQueuedWakeup;
const loaderFlags: Record<string, number> = {
  bpfland: common | builtinIdlePerNode,
  flash: common | builtinIdlePerNode,
  beerland: common | builtinIdlePerNode,
};

/** How runs of the suite's families ended. */
function run(name: string, objectBytes: Uint8Array, object: BpfObject): string {
  const flags = loaderFlags[name];
  const endings = new Map<string, number>();
  for (const [index, family] of families.entries()) {
    const scenario = family.make(familySeed(1, index), suiteSize);
    let ending: string;
    try {
      const knobs = constants(object);
      const result = runChecked(scenario, ({ topology, cgroups }) =>
        createPolicy({
          ...{ objectBytes, kernelBtf: object.kernelBtf, knobs, topology, cgroups },
          ...(flags === undefined ? {} : { imposed: { flags } }),
        }),
      );
      const errors = result.violations.filter(({ severity }) => severity === "error");
      ending = result.inconclusive ?? errors[0]?.message ?? "fine";
    } catch (error) {
      ending = error instanceof Error ? error.message : String(error);
    }
    const key = ending.slice(0, 110);
    endings.set(key, (endings.get(key) ?? 0) + 1);
  }
  return [...endings].map(([ending, count]) => `${count} × ${ending}`).join("\n    ");
}

fetchCrates();
const lab = await openLab({ mayBuild: false });
const { btf } = await lab.kernelTypes(() => undefined);
const headers = join(await lab.vmlinuxHeader(() => undefined), "..");
await lab.close();
const kernel = kernelBtf(btf);
let translated = 0;
for (const name of wanted) {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(readFileSync(build(name, headers)));
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    console.log(`scx_${name}: not built: ${/error: .*/.exec(words)?.[0] ?? words.slice(-200)}`);
    continue;
  }
  const started = performance.now();
  const object = readBpfObject(bytes, kernel);
  const read = performance.now();
  const { sites, bytes: wasm } = translate(object, { helpers: new Map(), kfuncs: new Map() });
  const done = performance.now();
  translated++;
  console.log(
    `scx_${name}: ${sites.at(-1)} instructions, ${wasm.length} bytes of WebAssembly; ` +
      `read ${(read - started).toFixed(0)} ms, translated ${(done - read).toFixed(0)} ms`,
  );
  console.log(`    ${run(name, bytes, object)}`);
}
console.log(`${translated} translate; compiled objects are in ${directory}`);
process.exit(translated >= 6 ? 0 : 1);
