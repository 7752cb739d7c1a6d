// A machine for tests: files and programs as a table. A program's answer is its standard output, or
// a whole outcome; one that is not in the table is not installed.

import type { Machine, ProgramOutput } from "../../src/control/setup/machine.ts";

export interface MadeUpMachine extends Machine {
  /** Command lines that were run, in order. */
  readonly ran: string[];
  readonly files: Map<string, string>;
  readonly programs: Map<string, Answer>;
}

type Answer = string | ProgramOutput | ((args: readonly string[]) => string | ProgramOutput);

export interface MadeUp {
  userId?: number;
  architecture?: string;
  freeGib?: number;
  /** Why nothing can be written. */
  diskFault?: string;
  files?: Record<string, string>;
  programs?: Record<string, Answer>;
}

export function madeUpMachine(made: MadeUp = {}): MadeUpMachine {
  const files = new Map(Object.entries(made.files ?? {}));
  const programs = new Map(Object.entries(made.programs ?? {}));
  const ran: string[] = [];
  return {
    ran,
    files,
    programs,
    userId: made.userId ?? 0,
    userName: "someone",
    architecture: made.architecture ?? "x64",
    environment: {},
    async readText(path) {
      return files.get(path) ?? null;
    },
    async list(path) {
      const inside = [...files.keys()].filter((name) => name.startsWith(`${path}/`));
      return [...new Set(inside.map((name) => name.slice(path.length + 1).split("/")[0] ?? ""))];
    },
    async find(program) {
      return programs.has(program) ? `/usr/bin/${program}` : null;
    },
    async run(program, args) {
      ran.push([program, ...args].join(" "));
      const answer = programs.get(program.slice(program.lastIndexOf("/") + 1)) ?? "";
      const outcome = typeof answer === "function" ? answer(args) : answer;
      return typeof outcome === "string" ? { code: 0, stdout: outcome, stderr: "" } : outcome;
    },
    async freeBytes() {
      if (made.diskFault !== undefined) return { fault: made.diskFault };
      return (made.freeGib ?? 100) * 1024 ** 3;
    },
  };
}

export const failing = (stderr: string): ProgramOutput => ({ code: 1, stdout: "", stderr });

/** A Debian 12 on which everything that the lab needs is there. */
export const completeDebian: Required<Pick<MadeUp, "files" | "programs">> = {
  files: {
    "/etc/os-release": 'PRETTY_NAME="Debian 12"\nID=debian\nVERSION_CODENAME=bookworm\n',
    "/etc/apt/sources.list": "deb http://mirror.example/debian bookworm main\n",
    "/proc/sys/kernel/osrelease": "6.1.0-1\n",
  },
  programs: {
    "clang-19": "Debian clang version 19.1.7 (3~deb12u1)",
    "llvm-strip-19": "",
    cc: (args) =>
      args.includes("-dM")
        ? "#define LIBBPF_MAJOR_VERSION 1\n#define LIBBPF_MINOR_VERSION 4\n"
        : "/usr/lib/library.a",
    "pkg-config": "1.8.1",
    bpftool: "bpftool v7.5.0",
    "qemu-system-x86_64": "QEMU emulator version 10.0.2",
    bwrap: "",
    mmdebstrap: "mmdebstrap 1.3.5",
    mksquashfs: "mksquashfs version 4.5.1",
    busybox: "",
    ldd: failing("not a dynamic executable"),
    zstd: "v1.5.4",
    xz: "xz (XZ Utils) 5.4.1",
  },
};
