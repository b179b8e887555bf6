import type { KuzzleRequest, Plugin } from "kuzzle";

/** A Kuzzle user, as the context of a request holds it. */
export type User = NonNullable<ReturnType<KuzzleRequest["getUser"]>>;

/** A profile, which holds rights. */
export type Profile = Pick<User, "isActionAllowed">;

/** Event by which Kuzzle reads the profiles of users. Hooks on it run after the profiles have been read. */
const EVENT = "core:security:profile:mGet";

/**
 * Caches the profiles that Kuzzle reads to check a request: reading them again takes several round trips
 * to Redis. What Kuzzle tells in another form is not cached, and read again.
 *
 * They are looked up by the array of profile ids: Kuzzle passes the very array that the request's user
 * has.
 *
 * @see https://github.com/kuzzleio/kuzzle/blob/2.56.0/lib/model/security/user.ts `isActionAllowed`
 */
export class ProfilesRead {
  readonly #read = new WeakMap<readonly string[], readonly Profile[]>();

  /** Hooks for the plugin to register. */
  readonly hooks: Required<Plugin>["hooks"] = {
    [EVENT]: ({ args, response }: { args?: unknown[]; response?: unknown }) => {
      const ids = args?.[0];
      if (Array.isArray(ids) && isProfiles(response)) {
        this.#read.set(ids as string[], response);
      }
    },
  };

  /** Returns the profiles of a user for whom Kuzzle has just checked a right, otherwise undefined. */
  of(user: User): readonly Profile[] | undefined {
    return this.#read.get(user.profileIds);
  }
}

function isProfiles(found: unknown): found is readonly Profile[] {
  return (
    Array.isArray(found) &&
    found.every(
      (profile) =>
        typeof (profile as Profile | null)?.isActionAllowed === "function",
    )
  );
}
