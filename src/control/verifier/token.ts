// Mints and reads deployment tokens. A token is made from a verdict that passed, and from nothing else;
// minting is the verifier's last step. Called by verifier.ts; reading, by whoever shows or checks one.

import { z } from "zod";
import { SchedcpError } from "../../contract/errors.ts";
import {
  type DeploymentToken,
  type TokenClaims,
  tokenClaimsSchema,
  tokenType,
} from "../../contract/token.ts";
import type { SigningKey } from "./signing-key.ts";

/** Long enough for whoever asked to deploy it; verifying again is free (the verdict's cache). */
export const tokenLifetimeSeconds = 3600;
/** Of a token's text: its claims are bounded by what a policy's parameters are. */
const tokenCharsMax = 32 * 1024;

/** A public key (JWK) that tokens may be signed by. */
export type TrustedKey = Pick<SigningKey, "kty" | "crv" | "kid" | "x">;

export async function mintToken(claims: TokenClaims, key: SigningKey): Promise<DeploymentToken> {
  const { CompactSign } = await import("jose/jws/compact/sign");
  const payload = Buffer.from(JSON.stringify(tokenClaimsSchema.parse(claims)));
  const jws = await new CompactSign(payload)
    .setProtectedHeader({ alg: "EdDSA", typ: tokenType, kid: key.kid })
    .sign({ ...key });
  return jws as DeploymentToken;
}

/**
 * The claims, where the signature is of a trusted key and `now` (ms) lies within the token's time. Says
 * nothing of whether the token was used before. Throws `policy-invalid`.
 */
export async function readToken(
  token: string,
  trusted: readonly TrustedKey[],
  now: number,
): Promise<TokenClaims> {
  if (token.length > tokenCharsMax) throw refused("it is too long");
  const { compactVerify } = await import("jose/jws/compact/verify");
  const keyOf = ({ kid }: { kid?: string }) => {
    const key = trusted.find((each) => each.kid === kid);
    if (key === undefined) throw refused("no key that is trusted here has signed it");
    const { kty, crv, x } = key;
    return { kty, crv, x };
  };
  let payload: Uint8Array;
  try {
    const options = { algorithms: ["EdDSA"] };
    const verified = await compactVerify(token, keyOf, options);
    if (verified.protectedHeader.typ !== tokenType) throw refused("it is another kind of token");
    payload = verified.payload;
  } catch (error) {
    if (error instanceof SchedcpError) throw error;
    throw refused("its signature does not hold", error);
  }
  const claims = parseClaims(payload);
  if (now < claims.issued * 1000 - clockSkewMs) throw refused("it is not valid yet");
  if (now >= claims.expires * 1000) throw refused("it has expired");
  return claims;
}

/** Two machines' clocks differ. */
const clockSkewMs = 30_000;

function parseClaims(payload: Uint8Array): TokenClaims {
  try {
    return tokenClaimsSchema.parse(JSON.parse(new TextDecoder().decode(payload)));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    throw refused("its claims are of another version", error);
  }
}

function refused(reason: string, cause?: unknown): SchedcpError {
  return new SchedcpError("policy-invalid", `the deployment token is refused: ${reason}`, {
    hint: "Verify the policy again: a pass comes with a fresh token.",
    cause,
  });
}
