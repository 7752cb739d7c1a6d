import { expect, test } from "vitest";
import { parseCandidates } from "./apt.ts";
import { backportsSource, backportsSuite, parseAptSources } from "./apt-sources.ts";
import { parseDistribution } from "./distribution.ts";

const bookworm = parseDistribution("ID=debian\nVERSION_CODENAME=bookworm\n");

const deb822 = `# made by the installer
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm-backports
Components: main
`;

test("deb822: every suite of an enabled source of binary packages", () => {
  const sources = parseAptSources("/etc/apt/sources.list.d/debian.sources", deb822);
  expect(sources.map(({ suite }) => suite)).toEqual([
    "bookworm",
    "bookworm-updates",
    "bookworm-security",
  ]);
  expect(sources[0]).toEqual({
    uri: "http://mirror.example/debian",
    suite: "bookworm",
    components: ["main", "contrib"],
    signedBy: "/usr/share/keyrings/debian-archive-keyring.gpg",
  });
});

test("deb822: a key that is part of the file is not taken for a path", () => {
  const text = `Types: deb
URIs: http://mirror.example/debian
Suites: bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBF
`;
  expect(parseAptSources("a.sources", text)[0]?.signedBy).toBe("");
});

test("one a line: options, comments and source packages", () => {
  const text = `deb [arch=amd64 signed-by=/k.gpg] https://mirror.example/debian bookworm main # ours
deb-src https://mirror.example/debian bookworm main
# deb https://mirror.example/debian bookworm-backports main
`;
  expect(parseAptSources("/etc/apt/sources.list", text)).toEqual([
    {
      uri: "https://mirror.example/debian",
      suite: "bookworm",
      components: ["main"],
      signedBy: "/k.gpg",
    },
  ]);
});

test("the backports come from the machine's own mirror, checked with its keyring", () => {
  const suite = backportsSuite(bookworm) ?? "";
  const text = backportsSource(suite, bookworm, parseAptSources("a.sources", deb822)) ?? "";
  expect(parseAptSources("b.sources", text)).toEqual([
    {
      uri: "http://mirror.example/debian",
      suite: "bookworm-backports",
      components: ["main"],
      signedBy: "/usr/share/keyrings/debian-archive-keyring.gpg",
    },
  ]);
});

test("a machine that has the backports gets no second source", () => {
  const sources = parseAptSources(
    "/etc/apt/sources.list",
    "deb http://m.example/debian bookworm main\ndeb http://m.example/debian bookworm-backports main\n",
  );
  expect(backportsSource("bookworm-backports", bookworm, sources)).toBeNull();
});

test("no other release gets backports", () => {
  const trixie = parseDistribution("ID=debian\nVERSION_CODENAME=trixie\n");
  const derivative = parseDistribution("ID=devuan\nID_LIKE=debian\nVERSION_CODENAME=bookworm\n");
  expect(backportsSuite(trixie)).toBeNull();
  expect(backportsSuite(derivative)).toBeNull();
});

test("candidates: what apt would install, and nothing where it has nothing", () => {
  const policy = `qemu-system-x86:
  Installed: (none)
  Candidate: 1:8.2.2+ds-0ubuntu1
  Version table:
     1:8.2.2+ds-0ubuntu1 500
bpftool:
  Installed: (none)
  Candidate: (none)
`;
  expect([...parseCandidates(policy)]).toEqual([["qemu-system-x86", "1:8.2.2+ds-0ubuntu1"]]);
});
