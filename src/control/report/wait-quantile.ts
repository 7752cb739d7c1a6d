// Quantiles of waits that are known by power-of-two buckets only. Pure.

/**
 * Quantile q (0..1) in µs, interpolated on the logarithm within the bucket; null without waits.
 * Bucket i holds [2^i, 2^(i+1)) µs, bucket 0 also 0.
 */
export function waitQuantileUs(buckets: readonly number[], q: number): number | null {
  const total = buckets.reduce((sum, waits) => sum + waits, 0);
  if (!(total > 0)) return null;
  const wanted = q * total;
  let below = 0;
  for (const [bucket, waits] of buckets.entries()) {
    if (waits > 0 && below + waits >= wanted) {
      return 2 ** (bucket + (wanted - below) / waits);
    }
    below += waits;
  }
  return 2 ** buckets.length;
}
