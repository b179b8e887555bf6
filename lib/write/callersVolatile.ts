import type { JSONObject } from "kuzzle";

interface Notification {
  protocol: string;
  result: JSONObject;
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
 * Has subscribers told, as natively, of the volatile that the caller sent, and nothing more of the
 * document than of a single update: a bulk write also tells its version and status.
 *
 * @returns the notification, for the pipe of `notify:document` that this is
 */
export function restoreNotification<TNotification extends Notification>(
  notification: TNotification,
): Promise<TNotification> {
  const { protocol, result, volatile } = notification;

  // A client may send an entry of this name; the embedded SDK alone has this protocol.
  if (protocol === "funnel" && volatile && CALLERS_VOLATILE in volatile) {
    notification.volatile = volatile[CALLERS_VOLATILE] as JSONObject | null;
    if ("status" in result) {
      // A copy: the update is answered with this very result.
      const { _id, _source, _updatedFields } = result;
      notification.result = { _id, _source, _updatedFields };
    }
  }

  return Promise.resolve(notification);
}
