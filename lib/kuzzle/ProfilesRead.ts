import type { KuzzleRequest, Plugin } from "kuzzle";

import { Internal } from "./Internal";

/** A Kuzzle user, as the context of a request holds it. */
export type User = NonNullable<ReturnType<KuzzleRequest["getUser"]>>;

/** A profile of rights. */
export type Profile = Pick<User, "isActionAllowed">;

interface Answer {
  readonly args: readonly [profileIds: readonly string[], ...unknown[]];
  readonly response: readonly Profile[];
}

/** Asks for the profiles of users. Kuzzle fires it, as a hook, once it has been answered. */
const EVENT = "core:security:profile:mGet";

/**
 * Remembers the profiles that Kuzzle has read for its own check of a request: to read them again takes
 * several round trips to Redis.
 *
 * Kuzzle asks for them with the very list of identifiers that the user of the request holds.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/model/security/user.ts `isActionAllowed`
 */
export class ProfilesRead extends Internal {
  readonly name = "the profiles that it reads to check a right";
  readonly cost = "the profiles of the caller are read once more";
  readonly #read = new WeakMap<readonly string[], readonly Profile[]>();

  /** For the plugin to register. */
  readonly hooks: Required<Plugin>["hooks"] = {
    [EVENT]: ({ args, response }: Answer) => {
      this.#read.set(args[0], response);
    },
  };

  /** Returns the profiles of a user of whom Kuzzle has just checked a right; nothing where it has not. */
  of(user: User): readonly Profile[] | undefined {
    return this.isTrusted ? this.#read.get(user.profileIds) : undefined;
  }

  protected async check(): Promise<boolean> {
    const profileIds = ["anonymous"];
    const profiles = await global.kuzzle.ask(EVENT, profileIds);

    return (
      this.#read.get(profileIds) === profiles &&
      (profiles as readonly Profile[]).every(
        ({ isActionAllowed }) => typeof isActionAllowed === "function",
      )
    );
  }
}
