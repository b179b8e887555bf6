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

  /** Checks once, when Kuzzle is up and before it serves updates. It never rejects. */
  async verify(): Promise<boolean> {
    try {
      this.#isTrusted = await this.check();
    } catch {
      this.#isTrusted = false;
    }

    return this.#isTrusted;
  }

  /** Tells whether Kuzzle is as expected; an exception means that it is not. */
  protected abstract check(): boolean | Promise<boolean>;
}
