import { format } from "node:util";

import {
  ForbiddenError,
  type KuzzleError,
  type KuzzleRequest,
  UnauthorizedError,
} from "kuzzle";

import { pluginError } from "../errors";
import { trigger } from "../kuzzle/application";
import { ANONYMOUS, EMBEDDED_PROTOCOL } from "../kuzzle/Impersonation";
import type { ProfilesRead, User } from "../kuzzle/ProfilesRead";

/**
 * Returns the user on whose behalf a request runs.
 *
 * @throws plugin.document-update.user_required if there is none: the plugin never falls back to the
 * unlimited rights of the embedded SDK
 */
export function callerOf(request: KuzzleRequest): User {
  const user = request.getUser();

  if (user === null) {
    const { action, controller } = request.input;
    throw pluginError("user_required", String(controller), String(action));
  }

  return user;
}

/** Tells whether a request comes from server code. Those of the embedded SDK have a protocol name of their own. */
export function isOfServerCode({ context }: KuzzleRequest): boolean {
  return context.connection.protocol === EMBEDDED_PROTOCOL;
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
 * Runs an action if the user has the right to the native request. As in Kuzzle, the right is checked
 * before any event of the action is fired.
 *
 * @returns the outcome of the action; or the request with the error security.rights.unauthorized (status
 * 401) for the anonymous user, security.rights.forbidden (403) for any other
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
