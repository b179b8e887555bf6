// 64 devices that measure one asset, and send their payloads at once: what they send, and what the asset
// must have in the end.

import type { DocumentModificationStep } from "kuzzle-plugin-document-update/client";

/** The controller of the server code that takes the payloads. */
export const DEVICES = "devices";

/** A measure, of which the newest one wins. */
export interface Measure {
  /** When it was measured: of two, the greater one is the newer. */
  readonly at: number;
  readonly value: number;
}

/** Measures by their names. */
export type Measures = Readonly<Record<string, Measure>>;

/** Coprime to the number of devices: payloads do not arrive in the order in which they were measured. */
const SHUFFLE = 37;

/**
 * Measures that a device sends in a wave: two that no other sends, and one that all of them send.
 *
 * @param devices how many send at once
 */
export function payloadOf(
  device: number,
  wave: number,
  devices: number,
): Measures {
  const at = 1 + wave * devices + ((device * SHUFFLE) % devices);
  const measure = { at, value: at % 100 };

  return {
    [`humidity${device}`]: measure,
    [`temperature${device}`]: measure,
    position: measure,
  };
}

/** Steps that store measures, each only if the asset's is not as new. */
export function stepsOf(measures: Measures): DocumentModificationStep[] {
  return Object.entries(measures).map(([name, measure]) => ({
    changes: { measures: { [name]: measure } },
    condition: {
      not: { range: { [`measures.${name}.at`]: { gte: measure.at } } },
    },
  }));
}

/** Notes which measures were sent, to hold those of the asset against them. */
export class MeasureLedger {
  readonly #newest = new Map<string, number>();

  note(sent: Measures): void {
    for (const [name, { at }] of Object.entries(sent)) {
      this.#newest.set(name, Math.max(at, this.#newest.get(name) ?? 0));
    }
  }

  /** Counts the measures of an asset that are older than the newest one that was sent, or missing. */
  stale(stored: Measures = {}): number {
    return [...this.#newest].filter(
      ([name, at]) => !(Number(stored[name]?.at) >= at),
    ).length;
  }
}
