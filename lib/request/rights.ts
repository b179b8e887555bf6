import { format } from "node:util";

import {
  ForbiddenError,
  type KuzzleError,
  type KuzzleRequest,
  UnauthorizedError,
} from "kuzzle";

import { pluginError } from "../errors";
import { trigger } from "./trigger";

/** A Kuzzle user, as the context of a request holds it. */
export type User = NonNullable<ReturnType<KuzzleRequest["getUser"]>>;

/** Kuzzle's identifier of a user who is not logged in. */
const ANONYMOUS = "-1";

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

/**
 * Checks that a user may execute a native request, as Kuzzle does before it runs the action's events.
 *
 * @throws security.rights.unauthorized for an anonymous user, with status 401
 * @throws security.rights.forbidden for any other, with status 403
 */
export async function assertNativeRight(
  request: KuzzleRequest,
  user: User,
): Promise<void> {
  if (await user.isActionAllowed(request)) {
    return;
  }

  const error = missingRight(request, user);
  request.setError(error);
  await trigger("request:onUnauthorized", request);
  throw error;
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
