// The verifier's key for the lab: Ed25519, made on first use, readable by its owner alone. What it signs
// is good in the lab only; a real node's trust directory has keys of the verifier's own account
// (deployment). Called by token.ts's callers; nobody else reads the file.

import { randomUUID } from "node:crypto";
import { link, readdir, readFile, stat, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { SchedcpError } from "../../contract/errors.ts";
import { isCode } from "../../lab/cache.ts";
import { ensureDataDirectory } from "../repository/store-file.ts";

const signingKeySchema = z.strictObject({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  /** RFC 7638: the thumbprint, which names the key in a token's header. */
  kid: z.string().length(43),
  x: z.string().length(43),
  d: z.string().length(43),
});
export type SigningKey = z.infer<typeof signingKeySchema>;

const fileName = "lab-signing-key.json";
/** A draft so old was left by a process that was killed; writing one takes milliseconds. */
const draftMsMax = 60_000;

/** Throws `file-unreadable` where the file is not a key, or others may read it. */
export async function labSigningKey(): Promise<SigningKey> {
  const path = join(ensureDataDirectory("keys"), fileName);
  return (await read(path)) ?? (await make(path));
}

async function read(path: string): Promise<SigningKey | null> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) throw unusable(path, "others may read it");
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    if (error instanceof SchedcpError) throw error;
    throw unusable(path, "it can't be read", error);
  }
  try {
    return signingKeySchema.parse(JSON.parse(text));
  } catch (error) {
    throw unusable(path, "it is no key", error);
  }
}

/** Whole or not at all, and one key only, however many processes want the first one at once. */
async function make(path: string): Promise<SigningKey> {
  const { calculateJwkThumbprint, exportJWK, generateKeyPair } = await import("jose");
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const jwk = await exportJWK(privateKey);
  const key = signingKeySchema.parse({ ...jwk, kid: await calculateJwkThumbprint(jwk) });
  await sweepDrafts(path);
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, `${JSON.stringify(key)}\n`, { mode: 0o600, flush: true });
  try {
    await link(draft, path);
    return key;
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
    const others = await read(path);
    if (others === null) throw unusable(path, "it went away while it was read");
    return others;
  } finally {
    await unlink(draft);
  }
}

async function sweepDrafts(path: string): Promise<void> {
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const draft = join(dirname(path), name);
    try {
      if (Date.now() - (await stat(draft)).mtimeMs > draftMsMax) await unlink(draft);
    } catch (error) {
      // Its owner took it away meanwhile.
      if (!isCode(error, "ENOENT")) throw error;
    }
  }
}

function unusable(path: string, reason: string, cause?: unknown): SchedcpError {
  return new SchedcpError("file-unreadable", `the signing key ${path} can't be used: ${reason}`, {
    hint: `Remove it (a new one is made), or mend it: chmod 600 ${path}. Tokens of a removed key are void.`,
    cause,
  });
}
