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

/** What reads and stores the updates that Kuzzle makes beside those of the plugin. */
export interface UntaggedWrites {
  readonly read?: UntaggedRead;
  readonly update?: UntaggedUpdate;
}

/** All that the plugin knows of Kuzzle beyond its documentation. */
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
   * Checks that Kuzzle is as expected.
   *
   * @param optional what is not needed by every configuration
   * @param warn is told, once, what is not and what it costs
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
    // In this order, one after another: some need what another has shown.
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
