import type { JSONObject } from "kuzzle";

interface Notification {
  protocol: string;
  volatile: JSONObject | null;
}

/** Entry of a delegated request's volatile that holds its caller's. */
const CALLERS_VOLATILE = "callersVolatile";

/**
 * Returns a volatile that takes the caller's past the embedded SDK, which adds `sdkInstanceId` and
 * `sdkName` to that of every request.
 */
export function carryVolatile(callers: JSONObject | null): JSONObject {
  return { ...callers, [CALLERS_VOLATILE]: callers };
}

/**
 * Has subscribers told of the volatile that the caller sent, as natively.
 *
 * @returns the notification, for the pipe of `notify:document` that this is
 */
export function restoreVolatile<TNotification extends Notification>(
  notification: TNotification,
): Promise<TNotification> {
  const { protocol, volatile } = notification;

  // A client may send an entry of this name; the embedded SDK alone has this protocol.
  if (protocol === "funnel" && volatile && CALLERS_VOLATILE in volatile) {
    notification.volatile = volatile[CALLERS_VOLATILE] as JSONObject | null;
  }

  return Promise.resolve(notification);
}
