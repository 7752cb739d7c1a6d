// Which Debian package brings a program into the guest: what the image has anyway, and the layers
// that are laid over it for a workload that requires more. Names as in Debian testing (forky).
// Called by the lab; knows nothing of how a layer is made.

export interface PackageLayer {
  name: string;
  /** Debian packages, to be installed without recommended ones. */
  packages: string[];
}

export interface ResolvedPrograms {
  /** Each layer once, in the order of its first program. */
  layers: PackageLayer[];
  /** Programs that this table does not know. */
  unknown: string[];
}

/** Package of the image → its programs. The packages are Debian's essential ones and the recipe's. */
const basePrograms: Record<string, string> = {
  bash: "bash",
  bsdutils: "renice script",
  coreutils:
    "[ arch b2sum base32 base64 basename basenc cat chmod chown cksum comm cp csplit cut date dd df dir dirname du echo env expand expr factor false fmt fold groups head id install join link ln ls md5sum mkdir mkfifo mknod mktemp mv nice nl nohup nproc numfmt od paste pathchk pr printenv printf ptx pwd readlink realpath rm rmdir seq sha1sum sha224sum sha256sum sha384sum sha512sum shred shuf sleep sort split stat stdbuf sum sync tac tail tee test timeout touch tr true truncate tsort uname unexpand uniq unlink wc whoami yes",
  dash: "dash sh",
  diffutils: "cmp diff diff3 sdiff",
  findutils: "find xargs",
  grep: "egrep fgrep grep",
  gzip: "gunzip gzip zcat zgrep",
  hostname: "hostname",
  "libc-bin": "getconf iconv",
  mawk: "awk mawk",
  nodejs: "node nodejs",
  "perl-base": "perl",
  procps: "free pgrep pkill ps top uptime vmstat",
  sed: "sed",
  tar: "tar",
  "util-linux": "chrt flock getopt ionice prlimit setsid taskset",
};

/** Layer → its packages and the programs that they bring. */
const layerTable: Record<string, { packages: string[]; programs: string }> = {
  bc: { packages: ["bc"], programs: "bc" },
  binutils: { packages: ["binutils"], programs: "ar as ld nm objcopy objdump readelf strip" },
  bzip2: { packages: ["bzip2"], programs: "bzip2 bunzip2 bzcat" },
  clang: { packages: ["clang", "libc6-dev"], programs: "clang clang++" },
  cmake: { packages: ["cmake"], programs: "cmake ctest" },
  ffmpeg: { packages: ["ffmpeg"], programs: "ffmpeg ffprobe" },
  fio: { packages: ["fio"], programs: "fio" },
  flac: { packages: ["flac"], programs: "flac" },
  "g++": { packages: ["g++"], programs: "g++ c++" },
  gawk: { packages: ["gawk"], programs: "gawk" },
  gcc: { packages: ["gcc", "libc6-dev"], programs: "gcc cc cpp" },
  git: { packages: ["git"], programs: "git" },
  jq: { packages: ["jq"], programs: "jq" },
  lz4: { packages: ["lz4"], programs: "lz4 unlz4" },
  make: { packages: ["make"], programs: "make gmake" },
  memcached: { packages: ["memcached"], programs: "memcached" },
  nginx: { packages: ["nginx-light"], programs: "nginx" },
  ninja: { packages: ["ninja-build"], programs: "ninja" },
  openssl: { packages: ["openssl"], programs: "openssl" },
  pigz: { packages: ["pigz"], programs: "pigz unpigz" },
  python: { packages: ["python3"], programs: "python3" },
  redis: {
    packages: ["redis-server", "redis-tools"],
    programs: "redis-server redis-cli redis-benchmark",
  },
  "rt-app": { packages: ["rt-app"], programs: "rt-app" },
  "rt-tests": {
    packages: ["rt-tests"],
    programs: "hackbench cyclictest pi_stress ptsematest signaltest",
  },
  sqlite: { packages: ["sqlite3"], programs: "sqlite3" },
  "stress-ng": { packages: ["stress-ng"], programs: "stress-ng" },
  sysbench: { packages: ["sysbench"], programs: "sysbench" },
  valkey: {
    packages: ["valkey-server", "valkey-tools"],
    programs: "valkey-server valkey-cli valkey-benchmark",
  },
  vpx: { packages: ["vpx-tools"], programs: "vpxenc vpxdec" },
  wrk: { packages: ["wrk"], programs: "wrk" },
  x264: { packages: ["x264"], programs: "x264" },
  xz: { packages: ["xz-utils"], programs: "xz unxz xzcat" },
  zstd: { packages: ["zstd"], programs: "zstd unzstd zstdcat" },
};

const inBase = new Set(Object.values(basePrograms).flatMap((names) => names.split(" ")));

const layerOf = new Map(
  Object.entries(layerTable).flatMap(([name, { programs }]) =>
    programs.split(" ").map((program) => [program, name] as const),
  ),
);

/** Whether the guest image has the program without any layer. */
export function isBaseProgram(program: string): boolean {
  return inBase.has(program);
}

/** Every program that a layer can bring, for suggestions and the docs. */
export function layerPrograms(): string[] {
  return [...layerOf.keys()].sort();
}

export function resolvePrograms(programs: readonly string[]): ResolvedPrograms {
  const layers = new Map<string, PackageLayer>();
  const unknown = new Set<string>();
  for (const program of programs) {
    if (inBase.has(program)) continue;
    const name = layerOf.get(program);
    const layer = name === undefined ? undefined : layerTable[name];
    if (name === undefined || layer === undefined) unknown.add(program);
    else layers.set(name, { name, packages: [...layer.packages] });
  }
  return { layers: [...layers.values()], unknown: [...unknown] };
}
