import type { Difference } from "./differences";

/** A difference from native that cannot be avoided: a row of docs/differences.md. */
export interface KnownDifference {
  readonly where: string;
  readonly native: string;
  readonly plugin: string;
  readonly reason: string;
  /** @param all the other differences of the same case */
  readonly matches: (
    difference: Difference,
    all: readonly Difference[],
  ) => boolean;
}

/** What the delegated request has of its own: it came from the embedded SDK, with its options. */
const DELEGATED =
  /^events\/generic:document:injectMetadata\/request\/(connection|headers|deprecations|token|raw|status|result|input\/(args\/(?!(_id|index|collection|requestId)\b)\w+|jwt|headers|volatile))(\/|$)/;

export const knownDifferences: readonly KnownDifference[] = [
  {
    matches: ({ native, path, plugin }) =>
      path === "answer/body/controller" &&
      native === "document" &&
      plugin === "document-update",
    native: "`document`",
    plugin: "`document-update`",
    reason: "It is another controller.",
    where: "`controller` of the answer, and the HTTP header `content-length`",
  },
  {
    matches: ({ native, path, plugin }) =>
      /^notifications\/\w+\/protocol$/.test(path) &&
      native !== "funnel" &&
      plugin === "funnel",
    native: "the protocol of the client",
    plugin: "`funnel`",
    reason: "The update is sent by the embedded SDK, whose protocol this is.",
    where: "`protocol` of a notification",
  },
  {
    matches: ({ path, plugin }) =>
      (/^notifications\/\w+\/volatile$/.test(path) && isSdkVolatile(plugin)) ||
      /^notifications\/\w+\/volatile\/sdk(InstanceId|Name)$/.test(path),
    native: "as the client sent it",
    plugin:
      "with `sdkInstanceId` and `sdkName`, unless the client sent its own",
    reason: "The embedded SDK adds them to every request that has none.",
    where: "`volatile` of a notification",
  },
  {
    matches: ({ path }) => DELEGATED.test(path),
    native: "the request of the client",
    plugin:
      "the delegated request: same id, user, target, body and options; connection of the embedded SDK, no token, no argument that the action does not know",
    reason:
      "Native `document:update` fires this event itself, with the request that it was given.",
    where: "`request` in the payload of `generic:document:injectMetadata`",
  },
  {
    matches: ({ path }) =>
      /^events\/request:on\w+\/request\/(input|deprecations)/.test(path),
    native: "a `document:update`, with what pipes changed so far",
    plugin: "a `document-update:update`, as the client sent it",
    reason:
      "They tell of the client's own request, which the plugin leaves as it came.",
    where: "request in the events `request:*`",
  },
  {
    matches: ({ native, path, plugin }) =>
      path === "events/length" &&
      sameEvents(plugin, [
        ...asList(native),
        "request:onSuccess",
        "request:onSuccess",
      ]),
    native: "fires none",
    plugin: "fires `request:onSuccess`",
    reason: "To Kuzzle, the plugin's action succeeded.",
    where: "an error from which a pipe of `document:errorUpdate` recovered",
  },
  {
    matches: ({ native, path, plugin }) =>
      path === "events/length" &&
      sameEvents(native, [
        ...asList(plugin),
        "document:errorUpdate",
        "document:errorUpdate",
      ]),
    native: "fires `document:errorUpdate`",
    plugin: "fires `document-update:errorUpdate`",
    reason: "The plugin's action was never reached.",
    where:
      "a request that Kuzzle refuses before its action, such as one of an incompatible SDK",
  },
  {
    matches: (_difference, all) =>
      all.some(
        ({ path, plugin }) =>
          path === "answer/body/error/id" &&
          plugin === "plugin.document-update.invalid_pipe_result",
      ),
    native:
      "an error 500 without an id, from inside Kuzzle; no `document:errorUpdate`",
    plugin:
      "`plugin.document-update.invalid_pipe_result`, which names the event",
    reason:
      "Kuzzle breaks on what the pipe returned; the application's developer deserves better.",
    where: "a pipe on an event `document:*` that returns no request",
  },
];

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function sameEvents(one: unknown, other: readonly unknown[]): boolean {
  return String([...asList(one)].sort()) === String([...other].sort());
}

function isSdkVolatile(value: unknown): boolean {
  return (
    JSON.stringify(Object.keys(value ?? {}).sort()) ===
    '["sdkInstanceId","sdkName"]'
  );
}
