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
   * Runs the check, once, after Kuzzle has started and before it serves updates. Never rejects.
   *
   * @returns a text for the warning if the check fails
   */
  async verify(): Promise<string | undefined> {
    let reason = "";
    try {
      this.#isTrusted = await this.check();
    } catch (error) {
      this.#isTrusted = false;
      reason = `: ${String(error)}`;
    }

    return this.#isTrusted
      ? undefined
      : `${this.name}${reason} (without it, ${this.cost})`;
  }

  /** Checks that Kuzzle is as expected. Throwing counts as failing. */
  protected abstract check(): boolean | Promise<boolean>;
}
