import { format } from "node:util";

import {
  ForbiddenError,
  type KuzzleError,
  type KuzzleRequest,
  UnauthorizedError,
} from "kuzzle";

import { pluginError } from "../errors";
import { trigger } from "../kuzzle/application";
import { ANONYMOUS } from "../kuzzle/Impersonation";
import type { ProfilesRead, User } from "../kuzzle/ProfilesRead";

/**
 * Returns the user on whose behalf a request runs.
 *
 * @throws plugin.document-update.user_required when there is none: the plugin never falls back to
 * the embedded SDK's own, unlimited rights
 */
export function callerOf(request: KuzzleRequest): User {
  const user = request.getUser();

  if (user === null) {
    const { action, controller } = request.input;
    throw pluginError("user_required", String(controller), String(action));
  }

  return user;
}

/** Tells a request of the embedded SDK, by the protocol that this has in place of a network. */
export function isOfServerCode({ context }: KuzzleRequest): boolean {
  return context.connection.protocol === "funnel";
}

/** Tells whether a user may execute a request. */
export type RightCheck = (
  request: KuzzleRequest,
  user: User,
) => Promise<boolean>;

/**
 * Makes a check that uses the profiles which Kuzzle has read, a moment before, for its own check of
 * the request, where it has.
 */
export function nativeRightCheck(profilesRead: ProfilesRead): RightCheck {
  return async (request, user) => {
    const profiles = profilesRead.of(user);
    if (
      profiles === undefined ||
      request.input.args["targets"] !== undefined ||
      // Of it, Kuzzle has checked nothing.
      isOfServerCode(request)
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
 * Runs an action if the user may execute the native request, as Kuzzle does before it runs the
 * action's events.
 *
 * @returns the outcome of the action; or the request itself, with the error
 * security.rights.unauthorized (status 401) for an anonymous user, security.rights.forbidden (403)
 * for any other
 */
export async function withNativeRight(
  request: KuzzleRequest,
  user: User,
  isAllowed: RightCheck,
  action: (request: KuzzleRequest) => Promise<KuzzleRequest>,
): Promise<KuzzleRequest> {
  if (await isAllowed(request, user)) {
    return action(request);
  }

  request.setError(missingRight(request, user));
  await trigger("request:onUnauthorized", request);

  return request;
}

// Kuzzle's own `kerror`, which builds these, is not part of what it exports.
function missingRight(request: KuzzleRequest, { _id }: User): KuzzleError {
  const { action, controller } = request.input;
  const props = [String(controller), String(action), _id];
  const error =
    _id === ANONYMOUS
      ? new UnauthorizedError(
          // Kuzzle's format has no place for the user, whose identifier ends up after it.
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
