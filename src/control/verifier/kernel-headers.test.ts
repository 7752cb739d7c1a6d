import { describe, expect, test } from "vitest";
import { beginsWithKernelTypes } from "./kernel-headers.ts";

describe("the precompiled kernel types stand in front of a source", () => {
  test.each([
    '#include "vmlinux.h"\n',
    "#include <scx/common.bpf.h>\nchar x;\n",
    "/* A policy.\n * #define X\n */\n\n// more\n#  include <scx/common.bpf.h>\n",
    "// SPDX\r\n#include <scx/common.bpf.h>\r\n",
  ])("that includes them first: %j", (source) => {
    expect(beginsWithKernelTypes(source)).toBe(true);
  });

  test.each([
    "",
    "char x;\n#include <scx/common.bpf.h>\n",
    '#define BPF_NO_PRESERVE_ACCESS_INDEX\n#include "vmlinux.h"\n',
    "#include <bpf/bpf_helpers.h>\n#include <scx/common.bpf.h>\n",
    "#pragma clang attribute push(x)\n#include <scx/common.bpf.h>\n",
    "/* unclosed\n#include <scx/common.bpf.h>\n",
    '#include "/etc/passwd"\n',
  ])("and of no other: %j", (source) => {
    expect(beginsWithKernelTypes(source)).toBe(false);
  });
});
