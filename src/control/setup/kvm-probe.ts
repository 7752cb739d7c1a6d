// Tries KVM with the lab's own guest, where the lab has one already: doctor makes no image.

import { Cache } from "../../lab/cache.ts";

export async function probeKvmInLab(
  cacheDirectory: string,
): Promise<{ works: boolean; reason: string } | null> {
  const [{ cachedImage }, { ensureSupport }, { probeKvm }] = await Promise.all([
    import("../../lab/image.ts"),
    import("../../lab/support.ts"),
    import("../../lab/accelerator.ts"),
  ]);
  const cache = new Cache(cacheDirectory);
  const image = await cachedImage(cache);
  if (image === null) return null;
  const support = await ensureSupport(cache, image);
  return probeKvm(cache, image.kernel, support.initialRamDisk);
}
