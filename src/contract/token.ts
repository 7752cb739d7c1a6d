// The deployment token: the verifier's signed permission to deploy exactly one policy, once. A JWS in
// compact form, Ed25519 (RFC 7515, RFC 8037); its payload is the claims below as JSON. Who signs and
// where the key is, is the signer's business; a node trusts the keys of its own trust directory only.

import { z } from "zod";
import { imposedSchema } from "./node-protocol.ts";
import { parametersSchema } from "./policy.ts";
import { nameSchema } from "./workload.ts";

/** `typ` of the protected header: no other JWS that this key may ever sign is taken for a token. */
export const tokenType = "schedcp-deployment+jws";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** Where it is good. A lab guest, or real nodes of one name or class. */
export const tokenScopeSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("lab") }),
  z.strictObject({
    kind: z.literal("node"),
    /** A node's name, or a class of nodes that are alike. */
    node: nameSchema,
    /** Digest of the kernel's types (BTF): verification ran on this very kernel. */
    btfSha256: sha256Schema,
    buildId: z.string().regex(/^[0-9a-f]{8,128}$/),
    /** How many nodes, and which share of a node's tasks, it may be tried on first. */
    blastRadius: z.strictObject({ nodesMax: z.number().int().min(1), partial: z.boolean() }),
  }),
]);

export const tokenClaimsSchema = z.strictObject({
  version: z.literal(1),
  /** One token permits one deployment. */
  id: z.string().min(16).max(64),
  /** Seconds since 1970. */
  issued: z.number().int(),
  expires: z.number().int(),
  policy: z.strictObject({
    name: nameSchema,
    sourceSha256: sha256Schema,
    objectSha256: sha256Schema,
  }),
  /** Exact; what is not named keeps the value that the object has. */
  parameters: parametersSchema,
  scope: tokenScopeSchema,
  /** Kernel releases that it was verified for. */
  kernels: z.array(z.string().max(64)).min(1).max(16),
  /** What the node imposes on it, whatever its author wrote. */
  imposed: imposedSchema,
  /** Digests of what the verdict rests on; `document` is of the whole evidence. */
  evidence: z.record(z.string().max(32), sha256Schema),
  /** Rules that warned: the owner of a node sees them before it is deployed. */
  warnings: z.array(z.string().max(64)).max(64),
});
export type TokenClaims = z.infer<typeof tokenClaimsSchema>;

/** Made by a signer only. */
export type DeploymentToken = string & { readonly __brand: "DeploymentToken" };
