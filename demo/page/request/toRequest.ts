import { controllerOf, type Draft } from "./Draft";

/** Makes the request as it is sent over WebSocket or MQTT. */
export function toRequest(draft: Draft): Record<string, unknown> & {
  readonly action: string;
  readonly controller: string;
} {
  const { _id, action, body, collection, index, jwt, options } = draft;

  return {
    controller: controllerOf(draft),
    action,
    index,
    collection,
    _id,
    body,
    ...options,
    ...(jwt && { jwt }),
  };
}
