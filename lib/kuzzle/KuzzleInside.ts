import type { Internal } from "./Internal";
import { Listeners } from "./Listeners";
import { NativeUpdateSeam } from "./NativeUpdateSeam";
import { ProfilesRead } from "./ProfilesRead";
import { ReadSeam } from "./ReadSeam";
import { Specifications } from "./Specifications";
import { type OnForeignUpdate, StorageSeam } from "./StorageSeam";
import { ValidationSeam } from "./ValidationSeam";

/** All uses of Kuzzle beyond its documented API. */
export class KuzzleInside {
  readonly listeners = new Listeners();
  readonly specifications = new Specifications();
  readonly readSeam = new ReadSeam();
  readonly validationSeam = new ValidationSeam(this.readSeam);
  readonly storageSeam: StorageSeam;
  readonly profilesRead = new ProfilesRead();
  readonly nativeUpdateSeam = new NativeUpdateSeam();

  /** @param onForeign is told of updates that Kuzzle makes without the plugin */
  constructor(onForeign: OnForeignUpdate = () => {}) {
    this.storageSeam = new StorageSeam(onForeign);
  }

  /**
   * Runs all checks.
   *
   * @param needed those that the configuration asks for, beside the ones that every update needs
   * @param warn logs one warning for all checks that fail
   * @returns the names of those that failed
   */
  async verify(
    needed: readonly Internal[],
    warn: (message: string) => void,
  ): Promise<ReadonlySet<Internal>> {
    const internals = [
      this.listeners,
      this.specifications,
      this.readSeam,
      this.validationSeam,
      this.storageSeam,
      ...needed,
    ];
    const warnOf = (...told: string[]) =>
      warn(
        `This Kuzzle is not as expected, and the plugin does without: ${told.join("; ")}.`,
      );
    // One after another, in this order: some depend on the result of an earlier one.
    const missing = new Map<Internal, string>();
    for (const internal of internals) {
      const told = await internal.verify(warnOf);
      if (told !== undefined) {
        missing.set(internal, told);
      }
    }
    if (missing.size > 0) {
      warnOf(...missing.values());
    }

    return new Set(missing.keys());
  }
}
