// What the machine's apt sources say, and the one source that SchedCP may add: the backports of
// Debian 12, from the mirror that the machine uses already. Pure: texts in, text out.

import type { Distribution } from "./distribution.ts";

export interface AptSource {
  uri: string;
  suite: string;
  components: string[];
  /** Path of the keyring; empty where the source names none. */
  signedBy: string;
}

const debianKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
export const backportsPath = "/etc/apt/sources.list.d/schedcp-backports.sources";

/** Sources of binary packages in a file, in deb822 form (`.sources`) or one a line (`.list`). */
export function parseAptSources(path: string, text: string): AptSource[] {
  return path.endsWith(".sources") ? parseDeb822(text) : parseLines(text);
}

function parseDeb822(text: string): AptSource[] {
  const lines = text.split("\n").filter((line) => !line.startsWith("#"));
  return lines
    .join("\n")
    .split(/\n\s*\n/)
    .flatMap((paragraph) => {
      const field = (name: string) => {
        const match = new RegExp(`^${name}:((?:.*)(?:\\n[ \\t].*)*)`, "im").exec(paragraph);
        return (match?.[1] ?? "").trim().split(/\s+/).filter(Boolean);
      };
      if (field("Enabled")[0] === "no" || !field("Types").includes("deb")) return [];
      const key = field("Signed-By").join(" ");
      return field("URIs").flatMap((uri) =>
        field("Suites").map((suite) => ({
          uri,
          suite,
          components: field("Components"),
          // A key in the file itself is not a path.
          signedBy: key.startsWith("/") ? key : "",
        })),
      );
    });
}

function parseLines(text: string): AptSource[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    const [, options = "", uri, suite, components = ""] = match ?? [];
    if (uri === undefined || suite === undefined) return [];
    const signedBy = /(?:^|\s)signed-by=(\/\S+)/.exec(options)?.[1] ?? "";
    return [{ uri, suite, components: components.split(/\s+/).filter(Boolean), signedBy }];
  });
}

/** Packages that Debian 12 takes from its backports. */
export const takenFromBackports: ReadonlySet<string> = new Set([
  "qemu-system-x86",
  "libbpf-dev",
  "bpftool",
]);

/** Debian 12 alone needs them: its own QEMU breaks on the lab's kernel. */
export function backportsSuite(distribution: Distribution): string | null {
  return distribution.id === "debian" && distribution.codename === "bookworm"
    ? "bookworm-backports"
    : null;
}

/** The source file to add for `suite`, or null where the machine has that suite already. */
export function backportsSource(
  suite: string,
  distribution: Distribution,
  sources: readonly AptSource[],
): string | null {
  if (sources.some((source) => source.suite === suite)) return null;
  const own = sources.find(
    (source) => source.suite === distribution.codename && source.components.includes("main"),
  );
  if (own === undefined) return null;
  return [
    "# Added by schedcp setup: a newer QEMU, libbpf and bpftool for its lab.",
    "Types: deb",
    `URIs: ${own.uri}`,
    `Suites: ${suite}`,
    "Components: main",
    `Signed-By: ${own.signedBy || debianKeyring}`,
    "",
  ].join("\n");
}
