import type { RequestKeyLimits } from "../change/RequestKeys";
import type { CompleteConfiguration } from "./configuration";

/** How long after its last sign a request with a key is taken for dead, in ms. */
const LEASE = 30_000;
/**
 * How long one that is not stuck takes, in ms, beside the time for which it may wait for its turn and
 * be tried: its last try asks storage four times, to read the document, to validate it, and to store
 * it behind another write of it; each time, Elasticsearch's client tries four times for 30 s.
 */
const LONGEST_TRY = 4 * 4 * 30_000;

/** How long the key of a request holds. */
export function requestKeyLimits({
  maxWait,
  requestKeyTtl,
}: CompleteConfiguration): RequestKeyLimits {
  return {
    lease: LEASE,
    longest: 2 * maxWait + LONGEST_TRY,
    ttl: requestKeyTtl,
  };
}
