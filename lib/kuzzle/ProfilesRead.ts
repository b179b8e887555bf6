import type { KuzzleRequest, Plugin } from "kuzzle";

import { Internal } from "./Internal";

/** A Kuzzle user, as the context of a request holds it. */
export type User = NonNullable<ReturnType<KuzzleRequest["getUser"]>>;

/** A profile, which holds rights. */
export type Profile = Pick<User, "isActionAllowed">;

interface Answer {
  readonly args: readonly [profileIds: readonly string[], ...unknown[]];
  readonly response: readonly Profile[];
}

/** Event by which Kuzzle reads the profiles of users. Hooks on it run after the profiles have been read. */
const EVENT = "core:security:profile:mGet";

/**
 * Caches the profiles that Kuzzle reads to check a request: reading them again takes several round trips
 * to Redis.
 *
 * They are looked up by the array of profile ids: Kuzzle passes the very array that the request's user
 * has.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/model/security/user.ts `isActionAllowed`
 */
export class ProfilesRead extends Internal {
  readonly name = "the profiles that it reads to check a right";
  readonly cost = "the profiles of the caller are read once more";
  readonly #read = new WeakMap<readonly string[], readonly Profile[]>();

  /** Hooks for the plugin to register. */
  readonly hooks: Required<Plugin>["hooks"] = {
    [EVENT]: ({ args, response }: Answer) => {
      this.#read.set(args[0], response);
    },
  };

  /** Returns the profiles of a user for whom Kuzzle has just checked a right, otherwise undefined. */
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
