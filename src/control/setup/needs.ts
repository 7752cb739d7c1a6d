// The programs and libraries that SchedCP needs from the system, and the packages that bring them on
// each family of distributions. Pure data: doctor looks for them, setup plans their installation.

import { clangVersions } from "../../lab/clang.ts";
import type { Family } from "./distribution.ts";

export const needNames = [
  "clang",
  "cc",
  "pkg-config",
  "libbpf",
  "bpftool",
  "qemu",
  "bubblewrap",
  "mmdebstrap",
  "mksquashfs",
  "busybox",
  "zstd",
  "xz",
  "subordinate-ids",
] as const;
export type NeedName = (typeof needNames)[number];

/** Package sets, the best first: the first whose packages all exist (and are new enough) is taken. */
type Alternatives = readonly (readonly string[])[];

export interface Need {
  /** What it is for, in a phrase. */
  purpose: string;
  /** Oldest version that works; only for needs whose package has it as its own version. */
  versionMin?: string;
  debian: Alternatives;
  others: Record<Exclude<Family, "debian" | "unknown">, readonly string[]>;
}

const everywhere = (name: string) => ({
  fedora: [name],
  arch: [name],
  suse: [name],
  alpine: [name],
});

export const needs: Record<NeedName, Need> = {
  clang: {
    purpose: "compiles policies to BPF, with the llvm-strip that belongs to it",
    debian: clangVersions.map((version) => [`clang-${version}`, `llvm-${version}`]),
    others: {
      fedora: ["clang", "llvm"],
      arch: ["clang", "llvm"],
      suse: ["clang", "llvm"],
      alpine: ["clang", "llvm"],
    },
  },
  cc: {
    purpose: "compiles the loader",
    debian: [["gcc", "libc6-dev", "make"]],
    others: {
      fedora: ["gcc", "make", "glibc-static"],
      arch: ["gcc", "make"],
      suse: ["gcc", "make", "glibc-devel-static"],
      alpine: ["gcc", "make", "musl-dev"],
    },
  },
  "pkg-config": {
    purpose: "finds libraries for the loader",
    debian: [["pkg-config"]],
    others: {
      fedora: ["pkgconf-pkg-config"],
      arch: ["pkgconf"],
      suse: ["pkgconf-pkg-config"],
      alpine: ["pkgconf"],
    },
  },
  libbpf: {
    purpose: "is what the loader is linked with, statically",
    versionMin: "1.2",
    debian: [["libbpf-dev", "libelf-dev", "zlib1g-dev"]],
    others: {
      fedora: [
        "libbpf-devel",
        "libbpf-static",
        "elfutils-libelf-devel-static",
        "zlib-ng-compat-static",
      ],
      arch: ["libbpf", "libelf", "zlib"],
      suse: ["libbpf-devel-static", "libelf-devel-static", "zlib-devel-static"],
      alpine: ["libbpf-dev", "elfutils-dev", "libelf-static", "zlib-static"],
    },
  },
  bpftool: {
    purpose: "reads the types of the lab's kernel",
    debian: [["bpftool"], ["linux-tools-common", "linux-tools-generic"]],
    others: { fedora: ["bpftool"], arch: ["bpf"], suse: ["bpftool"], alpine: ["bpftool"] },
  },
  qemu: {
    purpose: "runs the lab's virtual machines",
    versionMin: "8.2",
    debian: [["qemu-system-x86"]],
    others: {
      fedora: ["qemu-system-x86-core"],
      arch: ["qemu-system-x86"],
      suse: ["qemu-x86"],
      alpine: ["qemu-system-x86_64"],
    },
  },
  bubblewrap: {
    purpose: "confines the compiler and QEMU",
    debian: [["bubblewrap"]],
    others: everywhere("bubblewrap"),
  },
  mmdebstrap: {
    purpose: "makes the lab's guest image",
    debian: [["mmdebstrap", "debian-archive-keyring"]],
    others: {
      fedora: ["mmdebstrap", "apt", "debian-keyring"],
      arch: ["mmdebstrap", "apt", "debian-archive-keyring"],
      suse: ["mmdebstrap (from its source)", "apt"],
      alpine: ["mmdebstrap", "apt", "debian-archive-keyring"],
    },
  },
  mksquashfs: {
    purpose: "packs the lab's guest image",
    debian: [["squashfs-tools"]],
    others: { ...everywhere("squashfs-tools"), suse: ["squashfs"] },
  },
  busybox: {
    purpose: "starts the guest, as a static build",
    debian: [["busybox-static"]],
    others: {
      fedora: ["busybox"],
      arch: ["busybox"],
      suse: ["busybox-static"],
      alpine: ["busybox-static"],
    },
  },
  zstd: { purpose: "packs and unpacks", debian: [["zstd"]], others: everywhere("zstd") },
  xz: { purpose: "unpacks kernel modules", debian: [["xz-utils"]], others: everywhere("xz") },
  "subordinate-ids": {
    purpose: "lets an ordinary user make the guest image",
    debian: [["uidmap"]],
    others: {
      fedora: ["shadow-utils"],
      arch: ["shadow"],
      suse: ["shadow"],
      alpine: ["shadow-subids"],
    },
  },
};

/** Packages for these needs on a distribution without apt, each once. */
export function packagesOf(names: readonly NeedName[], family: Family): string[] {
  const lists = names.map((name) => {
    const need = needs[name];
    if (family === "debian" || family === "unknown") return need.debian[0] ?? [];
    return need.others[family];
  });
  return [...new Set(lists.flat())];
}
