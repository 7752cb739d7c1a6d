import { expect, test } from "vitest";
import { SchedcpError } from "../../src/contract/errors.ts";
import { type DoctorOptions, examine } from "../../src/control/setup/doctor.ts";
import { completeDebian, failing, type MadeUp, madeUpMachine } from "./made-up-machine.ts";

const noProbe = async () => null;

async function checkOf(name: string, changes: MadeUp, options: DoctorOptions = {}) {
  const machine = madeUpMachine({
    ...changes,
    files: { ...completeDebian.files, ...changes.files },
    programs: { ...completeDebian.programs, ...changes.programs },
  });
  const report = await examine({ machine, cacheDirectory: "/c", probeKvm: noProbe, ...options });
  const check = report.checks.find((each) => each.name === name);
  if (check === undefined) throw new Error(`no check ${name}`);
  return { ...check, ready: report.ready };
}

test("with everything there the lab is ready, and this old kernel is not", async () => {
  const machine = madeUpMachine(completeDebian);
  const report = await examine({ machine, cacheDirectory: "/c", probeKvm: noProbe });
  expect(report.checks.filter(({ status }) => status === "missing")).toEqual([]);
  expect(report.ready).toEqual({ lab: true, host: false });
});

test("a bare machine: every need is missing and has a remedy", async () => {
  const files = completeDebian.files;
  const report = await examine({
    machine: madeUpMachine({ files, userId: 1000 }),
    cacheDirectory: "/c",
    probeKvm: () => Promise.reject(new Error("nothing to boot with")),
  });
  const missing = report.checks.filter(({ status }) => status === "missing");
  expect(missing).toHaveLength(13);
  for (const check of missing) expect(check.remedy).toMatch(/^schedcp setup, or by hand: sudo apt/);
  expect(report.ready.lab).toBe(false);
});

test("a QEMU that is too old is missing, with the source of a newer one", async () => {
  const old = { programs: { "qemu-system-x86_64": "QEMU emulator version 7.2.15" } };
  const check = await checkOf("qemu", old);
  expect(check).toMatchObject({ status: "missing", ready: { lab: false } });
  expect(check.found).toContain("7.2.15, and 8.2 is needed");
  expect(check.remedy).toContain("-t bookworm-backports");
});

test("an old clang is passed over for a newer one, and said when it is all there is", async () => {
  const newer = { clang: "clang version 18.1.3", "llvm-strip": "" };
  const both = { programs: { "clang-19": failing("broken"), ...newer } };
  expect((await checkOf("clang", both)).found).toContain("/usr/bin/clang 18.1.3");
  const old = { programs: { "clang-19": failing("broken"), clang: "clang version 14.0.6" } };
  expect(await checkOf("clang", old)).toMatchObject({ status: "missing" });
});

test("a clang without the llvm-strip of its version is missing, whatever other one there is", async () => {
  const { "llvm-strip-19": _, ...programs } = completeDebian.programs;
  programs["llvm-strip-14"] = "";
  programs["llvm-strip"] = "";
  const machine = madeUpMachine({ files: completeDebian.files, programs });
  const { checks } = await examine({ machine, cacheDirectory: "/c", probeKvm: noProbe });
  expect(checks.find(({ name }) => name === "clang")).toMatchObject({
    status: "missing",
    found: "/usr/bin/clang-19 19.1.7 without llvm-strip-19",
    remedy: expect.stringContaining("llvm-19"),
  });
});

test("static libraries are asked of the compiler", async () => {
  const programs = { cc: (args: readonly string[]) => (args[0] ?? "").split("=")[1] ?? "12.2.0" };
  const check = await checkOf("libbpf", { programs });
  expect(check.found).toBe("not found: libbpf.a, libelf.a, libz.a");
});

test("a bubblewrap that cannot confine is missing, with a remedy of its own", async () => {
  const denied = { programs: { bwrap: failing("bwrap: setting up uid map: Permission denied") } };
  const check = await checkOf("bubblewrap", denied);
  expect(check).toMatchObject({ status: "missing" });
  expect(check.remedy).toMatch(/user namespaces/);
});

test("a dynamic busybox will not do", async () => {
  const dynamic = { programs: { ldd: "libc.so.6 => /lib/libc.so.6" } };
  expect(await checkOf("busybox", dynamic)).toMatchObject({ status: "missing" });
});

test("an ordinary user needs ranges of ids, root does not", async () => {
  const programs = { newuidmap: "", newgidmap: "" };
  const user = { userId: 1000, programs };
  expect((await checkOf("subordinate-ids", user)).remedy).toContain("usermod --add-subuids");
  const files = { "/etc/subuid": "someone:100000:65536\n", "/etc/subgid": "1000:100000:65536\n" };
  expect(await checkOf("subordinate-ids", { ...user, files })).toMatchObject({ status: "ok" });
  await expect(checkOf("subordinate-ids", { programs })).rejects.toThrow("no check");
});

test("KVM counts only once a guest booted with it", async () => {
  const files = { "/dev/kvm": "" };
  const probe = (works: boolean, reason: string) => async () => ({ works, reason });
  const kvm = (probeKvm: DoctorOptions["probeKvm"]) =>
    checkOf("kvm", { files }, probeKvm === undefined ? {} : { probeKvm });
  expect(await kvm(probe(true, "a guest booted"))).toMatchObject({ status: "ok" });
  expect(await kvm(probe(false, "a guest died"))).toMatchObject({ status: "warning" });
  expect((await kvm(noProbe)).found).toContain("not tried");
  const fault = new SchedcpError("missing-program", "no QEMU", { hint: "install it" });
  expect((await kvm(() => Promise.reject(fault))).found).toContain("could not be tried: no QEMU");
  await expect(kvm(() => Promise.reject(new Error("a fault of ours")))).rejects.toThrow("ours");
  expect((await checkOf("kvm", {})).found).toMatch(/^no \/dev\/kvm/);
});

test("a host with sched_ext, BTF and cgroup v2 is ready itself", async () => {
  const files = {
    "/sys/kernel/sched_ext/state": "disabled\n",
    "/sys/kernel/btf/vmlinux": "",
    "/sys/fs/cgroup/cgroup.controllers": "cpu memory\n",
  };
  expect((await checkOf("sched-ext", { files })).ready.host).toBe(true);
});

test("too little disk is said, with the amount", async () => {
  expect(await checkOf("disk-space", { freeGib: 2 })).toMatchObject({ status: "warning" });
  expect(await checkOf("disk-space", { freeGib: 0.5 })).toMatchObject({
    status: "missing",
    found: "0.5 GiB free for /c",
  });
});

test("a cache directory that can't be used is a finding, not the end of the examination", async () => {
  expect(await checkOf("disk-space", { diskFault: "/c is no directory" })).toMatchObject({
    status: "missing",
    found: "/c can't be used: /c is no directory",
    remedy: expect.stringContaining("SCHEDCP_CACHE_DIR"),
  });
});

test("another architecture is refused, not tried", async () => {
  const check = await checkOf("architecture", { architecture: "arm64" });
  expect(check).toMatchObject({ status: "missing", ready: { lab: false } });
});
