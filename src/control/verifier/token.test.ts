// Tokens with real keys and signatures: what was minted is read, and nothing else is.

import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { generateSecret, SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { TokenClaims } from "../../contract/token.ts";
import { labSigningKey, type SigningKey } from "./signing-key.ts";
import { mintToken, readToken } from "./token.ts";

const now = 1_800_000_000_000;
const digest = "ab".repeat(32);
const claims: TokenClaims = {
  version: 1,
  id: "0123456789abcdef",
  issued: now / 1000,
  expires: now / 1000 + 60,
  policy: { name: "fifo", sourceSha256: digest, objectSha256: digest },
  parameters: { slice_us: 5000, "hint.long": 900 },
  scope: { kind: "lab" },
  kernels: ["7.2.12"],
  imposed: { timeoutMs: 30_000, partial: false },
  evidence: { document: digest },
  warnings: ["static/weight-ignored"],
};

let directory: string;
let key: SigningKey;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "keys-"));
  vi.stubEnv("SCHEDCP_DATA_DIR", directory);
  key = await labSigningKey();
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

describe("the lab's key", () => {
  const path = () => join(directory, "keys/lab-signing-key.json");

  test("is made once, for its owner alone, however many ask at once", async () => {
    rmSync(path());
    const keys = await Promise.all([labSigningKey(), labSigningKey(), labSigningKey()]);
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(1);
    expect(await labSigningKey()).toEqual(keys[0]);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  test("is made where a killed process left its draft, which goes; a fresh draft stays", async () => {
    rmSync(path());
    const [left, written] = [`${path()}.left`, `${path()}.written`];
    for (const draft of [left, written]) writeFileSync(draft, "{", { mode: 0o600 });
    const anHourAgo = Date.now() / 1000 - 3600;
    utimesSync(left, anHourAgo, anHourAgo);
    await labSigningKey();
    expect([left, written, path()].map((file) => existsSync(file))).toEqual([false, true, true]);
  });

  test("is refused where others may read it, or where it is none", async () => {
    const text = readFileSync(path());
    rmSync(path());
    writeFileSync(path(), text, { mode: 0o644 });
    await expect(labSigningKey()).rejects.toThrow(/others may read it/);
    rmSync(path());
    writeFileSync(path(), "{}", { mode: 0o600 });
    await expect(labSigningKey()).rejects.toThrow(/it is no key/);
  });
});

describe("a token", () => {
  test("is read as it was minted", async () => {
    expect(await readToken(await mintToken(claims, key), [key], now)).toEqual(claims);
  });

  test("with any one character changed is refused", async () => {
    const token = await mintToken(claims, key);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    const at = fc.nat(token.length - 2);
    await fc.assert(
      fc.asyncProperty(at, fc.constantFrom(...alphabet), async (index, character) => {
        fc.pre(token[index] !== character);
        const changed = token.slice(0, index) + character + token.slice(index + 1);
        await expect(readToken(changed, [key], now)).rejects.toMatchObject({
          code: "policy-invalid",
        });
      }),
    );
  });

  test("of another key, of no key, or too long is refused", async () => {
    const token = await mintToken(claims, key);
    rmSync(join(directory, "keys"), { recursive: true });
    const other = await labSigningKey();
    await expect(readToken(token, [other], now)).rejects.toThrow(/no key that is trusted/);
    await expect(readToken(token, [], now)).rejects.toThrow(/no key that is trusted/);
    // The other's bytes under this one's name.
    const posing = { ...other, kid: key.kid };
    await expect(readToken(token, [posing], now)).rejects.toThrow(/signature/);
    await expect(readToken("a".repeat(40_000), [key], now)).rejects.toThrow(/too long/);
  });

  test("before its time or after it is refused", async () => {
    const token = await mintToken(claims, key);
    await expect(readToken(token, [key], now - 60_000)).rejects.toThrow(/not valid yet/);
    await expect(readToken(token, [key], now + 60_000)).rejects.toThrow(/expired/);
  });

  test("of another algorithm or type is refused", async () => {
    const header = { alg: "HS256", typ: "schedcp-deployment+jws", kid: key.kid };
    const forged = await new SignJWT({ ...claims })
      .setProtectedHeader(header)
      .sign(await generateSecret("HS256"));
    await expect(readToken(forged, [key], now)).rejects.toThrow(/signature/);
    const text = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
    const unsigned = `${text({ ...header, alg: "none" })}.${text(claims)}.`;
    await expect(readToken(unsigned, [key], now)).rejects.toThrow(/signature/);
    const { CompactSign } = await import("jose");
    const kindless = await new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg: "EdDSA", kid: key.kid })
      .sign({ ...key });
    await expect(readToken(kindless, [key], now)).rejects.toThrow(/another kind/);
  });

  test("with claims that are not of the form is neither minted nor read", async () => {
    const odd = { ...claims, expires: 1.5 };
    await expect(mintToken(odd, key)).rejects.toThrow();
    const { CompactSign } = await import("jose");
    const signed = await new CompactSign(Buffer.from(JSON.stringify(odd)))
      .setProtectedHeader({ alg: "EdDSA", typ: "schedcp-deployment+jws", kid: key.kid })
      .sign({ ...key });
    await expect(readToken(signed, [key], now)).rejects.toThrow(/another version/);
  });
});
