import { format } from "node:util";

import {
  ForbiddenError,
  type KuzzleError,
  type KuzzleRequest,
  UnauthorizedError,
} from "kuzzle";

import { pluginError } from "../errors";
import { trigger } from "./application";

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
  action: (request: KuzzleRequest) => Promise<KuzzleRequest>,
): Promise<KuzzleRequest> {
  if (await user.isActionAllowed(request)) {
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
