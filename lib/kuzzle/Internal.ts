/**
 * Something that the plugin knows of Kuzzle beyond its documentation. It is not relied on before its
 * check has passed: what uses it has a slower way that does without.
 */
export abstract class Internal {
  /** What must be as expected, for the warning when it is not. */
  abstract readonly name: string;
  /** What it costs to do without. */
  abstract readonly cost: string;
  #isTrusted = false;

  get isTrusted(): boolean {
    return this.#isTrusted;
  }

  /** For what is seen to be amiss later. */
  distrust(): void {
    this.#isTrusted = false;
  }

  /**
   * Checks once, when Kuzzle is up and before it serves updates. It never rejects.
   *
   * @returns what is to be told where Kuzzle is not as expected
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

  /** Tells whether Kuzzle is as expected; an exception means that it is not. */
  protected abstract check(): boolean | Promise<boolean>;
}
