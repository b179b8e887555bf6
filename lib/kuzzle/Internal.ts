/** Pause before a check that got no answer is run again, in ms. */
const PAUSE = 500;

/** Thrown by a check that got no answer from a service, which says nothing of Kuzzle. */
export class Unanswered extends Error {}

/**
 * A part of Kuzzle beyond its documented API. It is used only after its check has passed; otherwise the
 * plugin falls back to something slower that does without.
 */
export abstract class Internal {
  /** Name for the warning that is logged if the check fails. */
  abstract readonly name: string;
  /** Consequence of doing without, for the same warning. */
  abstract readonly cost: string;
  #isTrusted = false;

  get isTrusted(): boolean {
    return this.#isTrusted;
  }

  /** Called if a problem is found later than the check. */
  distrust(): void {
    this.#isTrusted = false;
  }

  /**
   * Runs the check, before Kuzzle serves requests. Never rejects. A check that got no answer from a
   * service is run again until it gets one; meanwhile, what needs it is refused.
   *
   * @param onLate is given the text for the warning if a check fails that is run again
   * @returns a text for the warning if the check fails
   */
  async verify(
    onLate: (told: string) => void = () => {},
  ): Promise<string | undefined> {
    let reason = "";
    try {
      this.#isTrusted = await this.check();
    } catch (error) {
      if (error instanceof Unanswered) {
        setTimeout(() => void this.#verifyAgain(onLate), PAUSE).unref();
        return undefined;
      }
      this.#isTrusted = false;
      reason = `: ${String(error)}`;
    }

    return this.#isTrusted
      ? undefined
      : `${this.name}${reason} (without it, ${this.cost})`;
  }

  async #verifyAgain(onLate: (told: string) => void): Promise<void> {
    const told = await this.verify(onLate);
    if (told !== undefined) {
      onLate(told);
    }
  }

  /** Checks that Kuzzle is as expected. Throwing counts as failing. */
  protected abstract check(): boolean | Promise<boolean>;
}
