import type { Backend } from "kuzzle";

/** Every event of an update that is stored. */
const EVENTS = [
  "generic:document:beforeUpdate",
  "document:beforeUpdate",
  "generic:document:injectMetadata",
  "document:afterUpdate",
  "generic:document:afterUpdate",
];

/** Pipes that pass on what they get: what an update costs with pipes, whatever they do. */
export class PassingPipes {
  readonly #app: Backend;
  #registered: string[] = [];

  constructor(app: Backend) {
    this.#app = app;
  }

  set(on: boolean): void {
    for (const id of this.#registered) {
      this.#app.pipe.unregister(id);
    }
    this.#registered = on ? EVENTS.map((event) => this.#register(event)) : [];
  }

  #register(event: string): string {
    const pass = (payload: unknown) => Promise.resolve(payload);
    return this.#app.pipe.register(event, pass, { dynamic: true }) as string;
  }
}
