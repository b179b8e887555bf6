import type { EmbeddedSDK } from "kuzzle";

import { FunnelOrder } from "./FunnelOrder";
import { Impersonation } from "./Impersonation";
import type { Internal } from "./Internal";
import { KoncordeFilters } from "./KoncordeFilters";
import { Listeners } from "./Listeners";
import { ProfilesRead } from "./ProfilesRead";
import { ReadSeam } from "./ReadSeam";
import { Specifications } from "./Specifications";
import { StorageSeam, type UntaggedUpdate } from "./StorageSeam";
import { type UntaggedRead, ValidationSeam } from "./ValidationSeam";

/** Handlers for reads and writes of updates without a tag: those that Kuzzle makes without the plugin. */
export interface UntaggedWrites {
  readonly read?: UntaggedRead;
  readonly update?: UntaggedUpdate;
}

/** All uses of Kuzzle beyond its documented API. */
export class KuzzleInside {
  readonly listeners = new Listeners();
  readonly specifications = new Specifications();
  readonly impersonation: Impersonation;
  readonly readSeam = new ReadSeam();
  readonly validationSeam: ValidationSeam;
  readonly storageSeam: StorageSeam;
  readonly koncordeFilters = new KoncordeFilters();
  readonly profilesRead = new ProfilesRead();
  readonly funnelOrder = new FunnelOrder();

  constructor(sdk: EmbeddedSDK, untagged: UntaggedWrites = {}) {
    this.impersonation = new Impersonation(sdk);
    this.validationSeam = new ValidationSeam(
      this.impersonation,
      this.readSeam,
      untagged.read,
    );
    this.storageSeam = new StorageSeam(untagged.update);
  }

  /**
   * Runs all checks.
   *
   * @param optional those that not every configuration needs
   * @param warn logs one warning for all checks that fail
   */
  async verify(
    optional: readonly Internal[],
    warn: (message: string) => void,
  ): Promise<void> {
    const internals = [
      this.listeners,
      this.specifications,
      this.impersonation,
      this.readSeam,
      this.validationSeam,
      this.storageSeam,
      this.koncordeFilters,
      ...optional,
    ];
    // One after another, in this order: some depend on the result of an earlier one.
    const missing = [];
    for (const internal of internals) {
      const told = await internal.verify();
      if (told !== undefined) {
        missing.push(told);
      }
    }
    if (missing.length > 0) {
      warn(
        `This Kuzzle is not as expected, and the plugin does without: ${missing.join("; ")}.`,
      );
    }
  }
}
