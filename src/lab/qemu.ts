// Starts one QEMU, confined: its own name spaces (no network, no other processes, only the files it
// needs), an unprivileged user, a system-call filter, limits. It dies with us, whatever kills us.
// The control channels are inherited descriptors, so nothing of them is in a file system.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readlinkSync, statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import type { Duplex, Readable } from "node:stream";
import { SchedcpError } from "../contract/errors.ts";
import type { Accelerator } from "./accelerator.ts";
import { isCode } from "./cache.ts";
import { missingProgram } from "./command.ts";
import { Console } from "./console.ts";

/** The user that QEMU runs as where we are root: in no one's password file, owner of nothing. */
export const qemuUid = 64_739;

export interface Machine {
  cpus: number;
  memoryMib: number;
  accelerator: Accelerator;
  kernel: string;
  initialRamDisk: string;
  /** Squashfs files, lowest first. */
  drives: string[];
}

export interface QemuOptions {
  machine: Machine;
  /** The directory of a snapshot to start from, or of one to be written. */
  snapshot?: { read: string } | { write: string };
  extraKernelArguments?: string[];
}

export interface Qemu {
  process: ChildProcess;
  qmp: Duplex;
  node: Duplex;
  console: Console;
  /** Resolves when the process and everything in its name spaces is gone. */
  ended: Promise<void>;
  kill(): void;
  /** Host thread ids of the vCPUs. */
  vcpuThreads(): Promise<string[]>;
}

export const program = "qemu-system-x86_64";

export function startQemu(options: QemuOptions): Qemu {
  const child = spawn("bwrap", [...confinement(options), program, ...machineArguments(options)], {
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
    env: {},
  });
  const consoleLog = new Console();
  const stdio = child.stdio as (Readable | Duplex | null)[];
  consoleLog.read(stdio[1] as Readable);
  consoleLog.read(stdio[2] as Readable);
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => resolve());
    child.on("error", () => resolve());
  });
  child.on("error", (error) => {
    const failure = isCode(error, "ENOENT") ? missingProgram("bwrap") : error;
    consoleLog.note(failure.message);
  });
  const kill = () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  };
  process.once("exit", kill);
  void ended.then(() => process.removeListener("exit", kill));
  return {
    process: child,
    qmp: stdio[3] as Duplex,
    node: stdio[4] as Duplex,
    console: consoleLog,
    ended,
    kill,
    vcpuThreads: () => findVcpuThreads(child.pid),
  };
}

/**
 * Where a guest's snapshot is, as QEMU sees it: its memory, and the state of everything else. The memory
 * is a file that the guest which makes the snapshot shares, and that the others map privately: nothing
 * is copied before it is written to, so they start at once and share what they only read.
 */
const snapshotMemory = "/guest/snapshot/memory";
export const snapshotUri = "file:/guest/snapshot/state";
/** For QMP: what is in the memory file is not to be written to the state (or read from it) as well. */
export const snapshotCapabilities = [{ capability: "x-ignore-shared", state: true }];

/** bwrap's arguments, up to the program's name. Files appear under fixed names in /guest. */
function confinement({ machine, snapshot }: QemuOptions): string[] {
  const args = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"];
  args.push("--die-with-parent", "--new-session", "--clearenv", "--setenv", "PATH", "/usr/bin");
  for (const path of ["/usr", "/usr/share", "/etc", "/guest", "/guest/snapshot"]) {
    args.push("--perms", "0755", "--dir", path);
  }
  for (const path of ["/usr/bin", "/usr/lib", "/usr/lib64", ...firmware, "/etc/ld.so.cache"]) {
    args.push("--ro-bind-try", path, path);
  }
  for (const path of ["/bin", "/sbin", "/lib", "/lib64"]) args.push(...linkOrBind(path));
  args.push(
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    "--perms",
    "1777",
    "--size",
    "16777216",
    "--tmpfs",
    "/tmp",
  );
  if (machine.accelerator === "kvm") args.push("--dev-bind", "/dev/kvm", "/dev/kvm");
  args.push("--ro-bind", machine.kernel, "/guest/kernel");
  args.push("--ro-bind", machine.initialRamDisk, "/guest/initrd");
  for (const [index, path] of machine.drives.entries()) {
    args.push("--ro-bind", path, `/guest/drive${index}`);
  }
  if (snapshot !== undefined && "read" in snapshot) {
    args.push("--ro-bind", snapshot.read, "/guest/snapshot");
  } else if (snapshot !== undefined) {
    args.push("--bind", snapshot.write, "/guest/snapshot");
  }
  if (process.getuid?.() !== 0) return [...args, "--unshare-user", ...limits(machine)];
  const gid = machine.accelerator === "kvm" ? statSync("/dev/kvm").gid : qemuUid;
  return [...args, ...dropRoot(gid), ...limits(machine)];
}

/** What QEMU may take beside the guest's memory: translation cache, stacks, libraries, and to spare. */
const addressSpaceOverheadMib = 4096;

/** A QEMU that its guest has taken over can't eat the host. */
function limits(machine: Machine): string[] {
  const addressSpace = (machine.memoryMib + addressSpaceOverheadMib) * 2 ** 20;
  const snapshotFile = (machine.memoryMib + 256) * 2 ** 20;
  return [
    ...["prlimit", `--as=${addressSpace}`, `--fsize=${snapshotFile}`, "--core=0"],
    ...["--nofile=256", "--nproc=4096", "--"],
  ];
}

const firmware = ["/usr/share/qemu", "/usr/share/seabios", "/usr/share/ipxe"];

/** For root, whose name space has no users of its own: become nobody's user before QEMU starts. */
function dropRoot(gid: number): string[] {
  const capabilities = ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"];
  return [
    ...["--cap-drop", "ALL", ...capabilities.flatMap((name) => ["--cap-add", name])],
    ...["setpriv", `--reuid=${qemuUid}`, `--regid=${gid}`, "--clear-groups", "--no-new-privs"],
    ...["--inh-caps=-all", "--bounding-set=-all", "--"],
  ];
}

function linkOrBind(path: string): string[] {
  if (!existsSync(path)) return [];
  try {
    return ["--symlink", readlinkSync(path), path];
  } catch (error) {
    if (isCode(error, "EINVAL")) {
      return ["--ro-bind", path, path];
    }
    throw error;
  }
}

function machineArguments({ machine, snapshot, extraKernelArguments = [] }: QemuOptions): string[] {
  const accelerator = machine.accelerator === "kvm" ? "kvm" : "tcg,thread=multi,tb-size=256";
  const cpu = machine.accelerator === "kvm" ? "host" : "max";
  const args = [
    "-nodefaults",
    "-no-user-config",
    "-no-reboot",
    "-display",
    "none",
    "-name",
    "schedcp-guest,debug-threads=on",
    "-machine",
    `q35,usb=off,hpet=off${snapshot === undefined ? "" : ",memory-backend=memory"}`,
    "-accel",
    accelerator,
    "-cpu",
    cpu,
    "-smp",
    String(machine.cpus),
    "-m",
    `${machine.memoryMib}M`,
    "-sandbox",
    "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
    "-kernel",
    "/guest/kernel",
    "-initrd",
    "/guest/initrd",
    "-append",
    [
      "console=ttyS0",
      "quiet",
      "panic=-1",
      "mitigations=off",
      "schedcp.lab=1",
      "random.trust_cpu=on",
      ...extraKernelArguments,
    ].join(" "),
    "-chardev",
    "stdio,id=console,signal=off",
    "-serial",
    "chardev:console",
    "-chardev",
    "socket,id=qmp,fd=3",
    "-mon",
    "chardev=qmp,mode=control",
    "-device",
    "virtio-serial-pci,max_ports=2",
    "-chardev",
    "socket,id=node,fd=4",
    "-device",
    "virtserialport,chardev=node,name=org.schedcp.node",
    "-object",
    "rng-random,id=rng,filename=/dev/urandom",
    "-device",
    "virtio-rng-pci,rng=rng",
    "-device",
    "vmgenid,guid=auto",
  ];
  for (const index of machine.drives.keys()) {
    const node = `node-name=drive${index},driver=raw,read-only=on,file.driver=file,file.locking=off`;
    args.push("-blockdev", `${node},file.filename=/guest/drive${index}`);
    args.push("-device", `virtio-blk-pci,drive=drive${index}`);
  }
  if (snapshot === undefined) return args;
  const reads = "read" in snapshot;
  const mapping = reads ? "share=off,readonly=on,rom=off" : "share=on";
  const size = `size=${machine.memoryMib}M`;
  args.push(
    "-object",
    `memory-backend-file,id=memory,${size},mem-path=${snapshotMemory},${mapping}`,
  );
  if (reads) args.push("-incoming", "defer");
  return args;
}

/** QEMU is the child of bwrap's inner process; its threads carry the names it gave them. */
async function findVcpuThreads(bwrapPid: number | undefined): Promise<string[]> {
  if (bwrapPid === undefined) return [];
  const pending = [String(bwrapPid)];
  const found: string[] = [];
  for (const pid of pending) {
    for (const thread of await listOrEmpty(`/proc/${pid}/task`)) {
      const directory = `/proc/${pid}/task/${thread}`;
      const name = await readOrEmpty(`${directory}/comm`);
      if (/^CPU \d+\//.test(name)) found.push(`${directory}/schedstat`);
      pending.push(...(await readOrEmpty(`${directory}/children`)).split(" ").filter(Boolean));
    }
  }
  return found;
}

async function listOrEmpty(path: string): Promise<string[]> {
  return readdir(path).catch(absentAs([]));
}

async function readOrEmpty(path: string): Promise<string> {
  return readFile(path, "utf8").catch(absentAs(""));
}

/** A process that ends while it is looked at is no error. */
function absentAs<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (isCode(error, "ENOENT") || isCode(error, "ESRCH")) return value;
    throw error;
  };
}

/** Nanoseconds that these threads were runnable but not running (second field of schedstat). */
export async function runDelayNs(schedstatPaths: readonly string[]): Promise<bigint> {
  let total = 0n;
  for (const path of schedstatPaths) {
    const field = (await readOrEmpty(path)).trim().split(" ")[1];
    if (field !== undefined) total += BigInt(field);
  }
  return total;
}

export function assertQemuRuns(qemu: Qemu): void {
  if (qemu.process.exitCode === null && qemu.process.signalCode === null) return;
  throw new SchedcpError("node-lost", `QEMU ended: ${qemu.console.tail(5).join(" | ")}`, {
    hint: "Run `schedcp doctor`; a confined QEMU 8.2 or newer must be able to start.",
  });
}
