import { format } from "node:util";

import {
  ForbiddenError,
  type KuzzleError,
  type KuzzleRequest,
  type Plugin,
  UnauthorizedError,
} from "kuzzle";

import { pluginError } from "../errors";
import { ANONYMOUS, isOfServerCode, trigger } from "../kuzzle/application";

/** A Kuzzle user, as the context of a request holds it. */
export type User = NonNullable<ReturnType<KuzzleRequest["getUser"]>>;

/**
 * Checks that a request has a user. Only one of server code may have none: then it runs as the
 * application itself, as native `document:update` does.
 *
 * @throws plugin.document-update.user_required
 */
export function requireUser({ context, input }: KuzzleRequest): void {
  if (!context.user && !isOfServerCode(context)) {
    const { action, controller } = input;
    throw pluginError("user_required", String(controller), String(action));
  }
}

/**
 * Returns the user whose right on native `document:update` is to be checked.
 *
 * As natively, a request of server code is checked only if it asks for that: with `app.sdk.as(user, {
 * checkRights: true })`. Nothing that a client sends counts as such a request.
 *
 * @param checksClients whether requests of clients are checked
 */
export function userToCheck(
  { context, input }: KuzzleRequest,
  checksClients: boolean,
): User | null {
  const isChecked = isOfServerCode(context)
    ? Boolean(input.args["__checkRights__"])
    : checksClients;

  return isChecked ? context.user : null;
}

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

/** Tells whether a user may execute a request. */
export type RightCheck = (
  request: KuzzleRequest,
  user: User,
) => Promise<boolean>;

/**
 * Makes a function that checks rights. If Kuzzle has just read the user's profiles for its own check of
 * the request, they are used again instead of being read a second time.
 */
export function nativeRightCheck(profilesRead: ProfilesRead): RightCheck {
  return async (request, user) => {
    const profiles = profilesRead.of(user);
    if (
      profiles === undefined ||
      request.input.args["targets"] !== undefined ||
      // Kuzzle has not checked any right of such a request.
      isOfServerCode(request.context)
    ) {
      return user.isActionAllowed(request);
    }
    for (const profile of profiles) {
      if (await profile.isActionAllowed(request)) {
        return true;
      }
    }

    return false;
  };
}

/**
 * Runs an action if the user has the right to the native request. As in Kuzzle, the right is checked
 * before any event of the action is fired.
 *
 * @param user null to check nothing
 * @returns the outcome of the action; or the request with the error security.rights.unauthorized (status
 * 401) for the anonymous user, security.rights.forbidden (403) for any other
 */
export async function withNativeRight(
  request: KuzzleRequest,
  user: User | null,
  isAllowed: RightCheck,
  action: (request: KuzzleRequest) => Promise<KuzzleRequest>,
): Promise<KuzzleRequest> {
  if (user === null || (await isAllowed(request, user))) {
    return action(request);
  }

  request.setError(missingRight(request, user));
  await trigger("request:onUnauthorized", request);

  return request;
}

// Built here because Kuzzle does not export its `kerror`, which builds these errors.
function missingRight(request: KuzzleRequest, { _id }: User): KuzzleError {
  const { action, controller } = request.input;
  const props = [String(controller), String(action), _id];
  const error =
    _id === ANONYMOUS
      ? new UnauthorizedError(
          // Kuzzle passes the user as well, but the message has no placeholder for it: it is appended.
          format(
            'Unauthorized: authentication required to execute the action "%s:%s".',
            ...props,
          ),
          "security.rights.unauthorized",
          0x07030001,
        )
      : new ForbiddenError(
          format(
            'Insufficient permissions to execute the action "%s:%s" (User "%s").',
            ...props,
          ),
          "security.rights.forbidden",
          0x07030002,
        );
  error.props = props;

  return error;
}
