import { expect, test } from "vitest";
import type { Environment } from "../../src/contract/measurement.ts";
import { explainFailure } from "../../src/control/setup/root-executor.ts";
import { type SetupOptions, setup } from "../../src/control/setup/setup.ts";
import { completeDebian, failing, madeUpMachine } from "./made-up-machine.ts";

const environment: Environment = {
  node: "lab",
  kernel: "7.2",
  cpus: 2,
  memoryMib: 1024,
  accelerator: "tcg",
  emulated: true,
  imageSha256: "",
};
const options: Omit<SetupOptions, "machine"> = {
  for: "lab",
  yes: true,
  confirm: null,
  prepareLab: async () => environment,
};
const { files } = completeDebian;

test("where all is there nothing is run as root, and that is said", async () => {
  const said: string[] = [];
  const machine = madeUpMachine(completeDebian);
  const report = await setup({
    ...options,
    machine,
    progress: ({ message }) => said.push(message),
  });
  expect(report).toMatchObject({ installed: [], nothingToDo: true, environment });
  expect(said).toEqual(["nothing to do"]);
  expect(machine.ran.filter((line) => /apt|sudo|dpkg/.test(line))).toEqual([]);
});

test("what the lab had to make is not nothing", async () => {
  const report = await setup({
    ...options,
    machine: madeUpMachine(completeDebian),
    async prepareLab({ progress }) {
      progress({ step: "image", message: "packing" });
      return environment;
    },
  });
  expect(report.nothingToDo).toBe(false);
});

test("other distributions get the list, and nothing is run", async () => {
  const machine = madeUpMachine({
    files: { "/etc/os-release": 'PRETTY_NAME="Fedora Linux 43"\nID=fedora\n' },
  });
  await expect(setup({ ...options, machine })).rejects.toMatchObject({
    code: "missing-setup",
    exitCode: 3,
    hint: expect.stringMatching(/sudo dnf install clang .*qemu-system-x86-core/),
  });
  expect(machine.ran).toEqual([]);
});

test("an ordinary user without sudo gets the commands, and nothing is changed", async () => {
  const machine = madeUpMachine({ files, userId: 1000 });
  await expect(setup({ ...options, machine })).rejects.toMatchObject({
    code: "missing-setup",
    hint: expect.stringMatching(
      /bookworm-backports[\s\S]*apt-get[\s\S]* install .*qemu-system-x86/,
    ),
  });
});

test("sudo that wants a password which nobody can type is refused, not waited for", async () => {
  const programs = { sudo: failing("sudo: a password is required") };
  const machine = madeUpMachine({ files, programs, userId: 1000 });
  await expect(setup({ ...options, machine })).rejects.toMatchObject({
    message: expect.stringContaining("sudo asks for a password"),
  });
  expect(machine.ran).toEqual(["/usr/bin/sudo -n true"]);
});

test("without a yes it asks; nobody to ask is a usage error, and no means no", async () => {
  const machine = madeUpMachine({ files, userId: 1000 });
  const asking = { ...options, machine, yes: false };
  await expect(setup(asking)).rejects.toMatchObject({ code: "usage" });
  const questions: string[] = [];
  const confirm = async (question: string) => {
    questions.push(question);
    return false;
  };
  await expect(setup({ ...asking, confirm })).rejects.toMatchObject({
    message: "nothing was installed",
  });
  expect(questions).toEqual(["Install them?"]);
});

test("an architecture without a lab image is refused before anything is installed", async () => {
  const machine = madeUpMachine({ files, architecture: "arm64" });
  await expect(setup({ ...options, machine })).rejects.toMatchObject({ code: "missing-setup" });
  expect(machine.ran).toEqual([]);
});

test.each([
  ["E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7", "busy"],
  ["dpkg: error: dpkg frontend lock was locked by another process with pid 7", "busy"],
  ["Err:1 http://m bookworm InRelease\n  Temporary failure resolving 'm'", "offline"],
  ["E: You don't have enough free space in /var/cache/apt/archives/.", "no-space"],
  ["E: Sub-process /usr/bin/dpkg returned an error code (1)", "missing-setup"],
])("%s is explained as %s", (output, code) => {
  const step = { title: "installing gcc", argv: ["apt-get", "install", "gcc"], timeoutMs: 1 };
  const error = explainFailure(step, { code: 100, output });
  expect(error.code).toBe(code);
  expect(error.hint).not.toBe("");
});
