import type { RequestKeyLimits } from "../change/RequestKeys";
import type { CompleteConfiguration } from "./configuration";

/**
 * A running request with a key renews its lease. When it has not done so for this long, in ms, it is
 * considered dead.
 */
const LEASE = 30_000;
/**
 * Upper bound, in ms, of the last try of a request that is not stuck; the time for which it may wait and
 * retry comes on top. That try asks storage up to four times (read the document, validate it, wait for
 * another write of the document, and store it), and Elasticsearch's client tries each of these four
 * times for 30 s.
 */
const LONGEST_TRY = 4 * 4 * 30_000;

/** Returns the time limits of request keys. */
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
