// What distribution this is, from os-release, and how one installs packages on it. Pure.

export type Family = "debian" | "fedora" | "arch" | "suse" | "alpine" | "unknown";

export interface Distribution {
  id: string;
  /** For people: PRETTY_NAME. */
  name: string;
  family: Family;
  /** `bookworm`, `noble`; empty where the distribution has none. */
  codename: string;
}

const families: Record<string, Family> = {
  debian: "debian",
  ubuntu: "debian",
  fedora: "fedora",
  rhel: "fedora",
  centos: "fedora",
  arch: "arch",
  suse: "suse",
  opensuse: "suse",
  "opensuse-tumbleweed": "suse",
  "opensuse-leap": "suse",
  alpine: "alpine",
};

/** `osRelease` is the text of /etc/os-release, or null where there is none. */
export function parseDistribution(osRelease: string | null): Distribution {
  const fields = new Map<string, string>();
  for (const line of (osRelease ?? "").split("\n")) {
    const match = /^([A-Z_]+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(line.trim());
    if (match?.[1] !== undefined) fields.set(match[1], match[2] ?? match[3] ?? match[4] ?? "");
  }
  const id = fields.get("ID") ?? "unknown";
  const relatives = [id, ...(fields.get("ID_LIKE") ?? "").split(/\s+/)];
  return {
    id,
    name: fields.get("PRETTY_NAME") ?? id,
    family: relatives.map((name) => families[name]).find((family) => family) ?? "unknown",
    codename: fields.get("VERSION_CODENAME") ?? "",
  };
}

const installers: Record<Exclude<Family, "unknown">, string> = {
  debian: "sudo apt-get install --no-install-recommends",
  fedora: "sudo dnf install",
  arch: "sudo pacman -S --needed",
  suse: "sudo zypper install",
  alpine: "sudo apk add",
};

/** The command that installs these packages, as a person would type it. */
export function installCommand(family: Family, packages: readonly string[]): string {
  const list = packages.join(" ");
  return family === "unknown"
    ? `install with your package manager: ${list}`
    : `${installers[family]} ${list}`;
}
