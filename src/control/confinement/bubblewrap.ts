// The command line that runs one program inside bubblewrap: no network, no host file but the program with
// its libraries and what the caller binds, nothing writable, an environment of the caller's words only. As
// root, an unprivileged user inside. There is no unconfined way. Pure. Called by compiler-sandbox.ts and
// judge-sandbox.ts.

import {
  type Binding,
  type ConfinedProgram,
  type Confiner,
  unprivilegedUser,
} from "./toolchain.ts";

export interface Confinement {
  tools: Confiner;
  program: ConfinedProgram;
  args: readonly string[];
  /** Read-only, beside the program's own. */
  bindings: readonly Binding[];
  /** Bytes from an open file, shown read-only at `path`. */
  data?: { fd: number; path: string };
  /** Where bubblewrap tells how the program ended. */
  statusFd?: number;
  environment: Readonly<Record<string, string>>;
  /** prlimit's own options, such as `--cpu=20`. */
  limits: readonly string[];
}

/** Program and arguments, to be started with an empty environment. */
export function confinedCommand(confinement: Confinement): [string, string[]] {
  const { tools, program, args, bindings, data, statusFd, limits } = confinement;
  const { setpriv } = tools;
  const shown = [...program.bindings, ...(setpriv?.bindings ?? []), ...bindings];
  const targets = [
    ...shown.map(({ target }) => target),
    ...(data === undefined ? [] : [data.path]),
  ];
  const command = [
    ...[...limits, "--core=0", "--"],
    tools.bwrap,
    ...["--unshare-net", "--unshare-ipc", "--unshare-pid", "--unshare-uts", ...rights(setpriv)],
    ...["--die-with-parent", "--new-session", "--clearenv"],
    ...(statusFd === undefined ? [] : ["--json-status-fd", String(statusFd)]),
    ...environment(confinement),
    ...directories(targets),
    ...unique(shown).flatMap(({ source, target }) => ["--ro-bind", source, target]),
    ...(data === undefined
      ? []
      : ["--perms", "0444", "--ro-bind-data", String(data.fd), data.path]),
    ...["--remount-ro", "/", "--chdir", "/"],
    "--",
    ...dropped(setpriv),
    program.path,
    ...args,
  ];
  return [tools.prlimit, command];
}

/** Root needs no user namespace (some kernels restrict them) and gives up its rights by setpriv. */
function rights(setpriv: ConfinedProgram | null): string[] {
  return setpriv === null
    ? ["--unshare-user", "--cap-drop", "ALL"]
    : ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"];
}

function dropped(setpriv: ConfinedProgram | null): string[] {
  if (setpriv === null) return [];
  const user = [`--reuid=${unprivilegedUser}`, `--regid=${unprivilegedUser}`];
  return [setpriv.path, ...user, "--clear-groups", "--"];
}

function environment({ tools, program, environment: words }: Confinement): string[] {
  const libraries = new Set([
    ...program.libraryDirectories,
    ...(tools.setpriv?.libraryDirectories ?? []),
  ]);
  const all = { LC_ALL: "C", LD_LIBRARY_PATH: [...libraries].join(":"), ...words };
  return Object.entries(all).flatMap(([name, value]) => ["--setenv", name, value]);
}

/** Made explicitly: those that bubblewrap makes by itself can be entered by root only. */
function directories(targets: readonly string[]): string[] {
  const found = new Set<string>();
  for (const target of targets) {
    const parts = target.split("/").slice(1, -1);
    for (let depth = 1; depth <= parts.length; depth++) {
      found.add(`/${parts.slice(0, depth).join("/")}`);
    }
  }
  return [...found].flatMap((directory) => ["--dir", directory]);
}

function unique(bindings: readonly Binding[]): Binding[] {
  return [...new Map(bindings.map((binding) => [binding.target, binding])).values()];
}
