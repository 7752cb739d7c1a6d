import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SchedcpError } from "../../contract/errors.ts";
import type { Parameters } from "../../contract/policy.ts";
import { openPolicyLibrary, type PolicyLibrary } from "./policy-library.ts";

let library: PolicyLibrary;
let scratch: string;

beforeAll(async () => {
  library = await openPolicyLibrary();
  scratch = await mkdtemp(join(tmpdir(), "policy-library-"));
});

afterAll(() => rm(scratch, { recursive: true }));

function thrown(work: () => unknown): SchedcpError {
  try {
    work();
  } catch (error) {
    if (error instanceof SchedcpError) return error;
    throw error;
  }
  throw new Error("it threw nothing");
}

describe("the seed policies", () => {
  test("are all there", () => {
    expect(library.names()).toEqual([
      "fifo",
      "interactive-first",
      "llc-steal",
      "long-slices",
      "longest-first",
      "shortest-first",
      "weighted-vtime",
    ]);
  });

  test.each([
    ["longest job first", "longest-first"],
    ["lowest makespan for a batch of unequal jobs", "longest-first"],
    ["latency of request-response server", "interactive-first"],
    ["fair by nice weight", "weighted-vtime"],
    ["cache topology", "llc-steal"],
    ["fewer context switches", "long-slices"],
    ["fifo", "fifo"],
  ])("%s finds %s first", (query, name) => {
    expect(library.search(query)[0]?.name).toBe(name);
  });

  test("an empty query lists all, an unknown word none", () => {
    expect(library.search(" ").map((policy) => policy.name)).toEqual(library.names());
    expect(library.search("zebra")).toEqual([]);
    expect(library.search("the scheduler")).toEqual([]);
  });

  test("an unknown name is answered with the nearest", () => {
    const error = thrown(() => library.show("longestfrist"));
    expect(error.code).toBe("not-found");
    expect(error.hint).toContain("longest-first");
    expect(thrown(() => library.show("../../etc/passwd")).code).toBe("not-found");
  });

  test("are shown with their source and README", () => {
    const { metadata, readme, source } = library.show("fifo");
    expect(metadata.knobs.map((knob) => knob.name)).toEqual(["slice_us"]);
    expect(readme).toContain("## Production ready?");
    expect(source).toContain("SCX_OPS_DEFINE");
  });
});

describe("parameters", () => {
  const resolve = (name: string, given: Parameters) =>
    library.resolveParameters(library.show(name).metadata, given);

  test("are complete: what is not given is at its default", () => {
    expect(resolve("fifo", {})).toEqual({ slice_us: 20_000 });
    expect(resolve("longest-first", { attained_ms: 300, "hint.long": 1500 })).toEqual({
      slice_us: 100_000,
      age_limit_ms: 10_000,
      brief_us: 2000,
      attained_ms: 300,
      long_names: "",
      "hint.long": 1500,
    });
  });

  test.each<[string, Parameters, RegExp]>([
    ["fifo", { slice_su: 1 }, /Did you mean slice_us/],
    ["fifo", { constructor: 1 }, /Its knobs are slice_us/],
    ["fifo", { slice_us: 1 }, /from 1000 to 1000000/],
    ["fifo", { slice_us: 2_000_000 }, /from 1000 to 1000000/],
    ["fifo", { slice_us: "20000" }, /an integer/],
    ["fifo", { slice_us: true }, /an integer/],
    ["fifo", { "hint.long": 3 }, /Leave it out/],
    ["longest-first", { "hint.Long Job": 3 }, /hint\.<entry>/],
    ["longest-first", { "hint.": 3 }, /hint\.<entry>/],
    ["longest-first", { "hint.long": -1 }, /whole milliseconds/],
    ["longest-first", { "hint.long": true }, /whole milliseconds/],
    ["longest-first", { long_names: "x".repeat(64) }, /ASCII/],
    ["longest-first", { long_names: "gz\nip" }, /ASCII/],
  ])("%s refuses %j", (name, given, hint) => {
    const error = thrown(() => resolve(name, given));
    expect(error.code).toBe("parameter-invalid");
    expect(error.hint).toMatch(hint);
  });
});

describe("a folder that is wrong", () => {
  const folder = async (name: string, yaml: string) => {
    const directory = await mkdtemp(join(scratch, "library-"));
    await mkdir(join(directory, name));
    await writeFile(join(directory, name, "policy.yaml"), yaml);
    await writeFile(join(directory, name, "README.md"), "# x");
    await writeFile(join(directory, name, "policy.bpf.c"), "int x;");
    return directory;
  };
  const good =
    "name: mine\nsummary: s\ndescription: d\ntypicalUse: t\nnotFor: n\nproductionReady: false\n";

  test("its metadata is checked by the schema", async () => {
    expect((await openPolicyLibrary(await folder("mine", good))).names()).toEqual(["mine"]);
    for (const yaml of [
      good.replace("summary: s\n", ""),
      `${good}colour: red\n`,
      `${good}knobs: [{ name: n, type: integer, default: 5, max: 4, description: d }]\n`,
      `${good}: : :`,
      "- a list",
    ]) {
      const error = await openPolicyLibrary(await folder("mine", yaml)).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: "policy-invalid" });
    }
    const other = await openPolicyLibrary(await folder("other", good)).catch((e: unknown) => e);
    expect(other).toMatchObject({ code: "policy-invalid" });
  });

  test("what is missing is named", async () => {
    const directory = await folder("mine", good);
    await rm(join(directory, "mine", "README.md"));
    const error = await openPolicyLibrary(directory).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "file-unreadable", message: /README\.md/ });
  });
});
