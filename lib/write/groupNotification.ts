import type { JSONObject } from "kuzzle";

interface Notification {
  protocol: string;
  result: JSONObject;
  volatile: JSONObject | null;
}

/** Entry of the volatile of a bulk write that holds the one of each of its updates. */
const OF_EACH = "volatileOfEachUpdate";

/**
 * Returns a volatile by which the notifications of a group's bulk write are known. What pipes look for
 * in the volatile of an update is there, too.
 */
export function volatileOfGroup(ofEach: JSONObject | null): JSONObject {
  return { ...ofEach, [OF_EACH]: ofEach };
}

/**
 * Has subscribers told nothing more of an update in a group than of one by itself: a bulk write also
 * tells the version and status of a document.
 *
 * @returns the notification, for the pipe of `notify:document` that this is
 */
export function restoreNotification<TNotification extends Notification>(
  notification: TNotification,
): Promise<TNotification> {
  const { protocol, result, volatile } = notification;

  // A client may send an entry of this name, but never a bulk write of the embedded SDK.
  if (
    protocol === "funnel" &&
    "status" in result &&
    volatile &&
    OF_EACH in volatile
  ) {
    // Copies: they are shared with the answers, and with other notifications.
    const ofEach = volatile[OF_EACH] as JSONObject | null;
    notification.volatile = ofEach && { ...ofEach };
    const { _id, _source, _updatedFields } = result;
    notification.result = { _id, _source, _updatedFields };
  }

  return Promise.resolve(notification);
}
