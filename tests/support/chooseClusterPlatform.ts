import type { StartClusterPlatform } from "./Cluster";
import { composeClusterUnmet, startComposeCluster } from "./composeCluster";
import { startNamespaceCluster } from "./namespaceCluster";
import { privateNetworkUnmet } from "./PrivateNetwork";

interface Platform {
  readonly start: StartClusterPlatform;
  /** Tells why this machine cannot run it; nothing where it can. */
  readonly unmet: () => Promise<string | undefined>;
}

/** In order of preference: processes start sooner than containers. */
const platforms = new Map<string, Platform>([
  [
    "namespace",
    { start: startNamespaceCluster, unmet: async () => privateNetworkUnmet() },
  ],
  ["compose", { start: startComposeCluster, unmet: composeClusterUnmet }],
]);

/**
 * Chooses what runs the nodes of a cluster: what CLUSTER_PLATFORM names, else the first that this
 * machine can run.
 *
 * @returns why it can run none, as `unmet`, with a `start` that throws it
 * @throws when there is no such platform
 */
export async function chooseClusterPlatform(
  asked = process.env["CLUSTER_PLATFORM"],
): Promise<{ start: StartClusterPlatform; unmet?: string }> {
  const reasons: string[] = [];
  for (const { start, unmet } of candidates(asked)) {
    const reason = await unmet();
    if (reason === undefined) {
      return { start };
    }
    reasons.push(reason);
  }

  const unmet = reasons.join("; or ");
  return { start: () => Promise.reject(new Error(unmet)), unmet };
}

function candidates(asked: string | undefined): Platform[] {
  if (!asked) {
    return [...platforms.values()];
  }
  const platform = platforms.get(asked);
  if (platform === undefined) {
    const names = [...platforms.keys()].join(" or ");
    throw new Error(`CLUSTER_PLATFORM: expected ${names}, found '${asked}'`);
  }

  return [platform];
}
