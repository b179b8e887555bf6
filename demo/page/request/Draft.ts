/** Who handles an update: Kuzzle, the plugin's own action, or the plugin in place of Kuzzle. */
export type Way = "intercepted" | "native" | "plugin";

export type Action = "modify" | "update";

/** Options of a request; those that are left out have their defaults. */
export interface DraftOptions {
  readonly dryRun?: true;
  readonly ifVersion?: number;
  readonly refresh?: "wait_for";
  readonly retryOnConflict?: number;
  readonly silent?: true;
  readonly skipUnchanged?: true;
  readonly source?: true;
}

export type OptionName = keyof DraftOptions;

/** An update that the reader of the page composes. */
export interface Draft {
  readonly _id: string;
  readonly action: Action;
  /** As the API takes it. */
  readonly body: unknown;
  readonly collection: string;
  readonly index: string;
  /** Token of the user who sends it, unless it is the anonymous one. */
  readonly jwt: string | undefined;
  readonly options: DraftOptions;
  readonly way: Way;
}

const nativeOptions: readonly OptionName[] = [
  "refresh",
  "retryOnConflict",
  "silent",
  "source",
];

/**
 * Returns the options that a request takes. Native `document:update` ignores the others; under
 * interception a `dryRun` is refused, since Kuzzle itself fires the after events there.
 */
export function optionsOf(way: Way, action: Action): readonly OptionName[] {
  if (action === "modify") {
    return [
      "dryRun",
      "ifVersion",
      "refresh",
      "silent",
      "skipUnchanged",
      "source",
    ];
  }
  switch (way) {
    case "native":
      return nativeOptions;
    case "intercepted":
      return [...nativeOptions, "ifVersion", "skipUnchanged"];
    case "plugin":
      return [...nativeOptions, "dryRun", "ifVersion", "skipUnchanged"];
  }
}

/** Returns the API controller that a request names. */
export function controllerOf({ way }: Pick<Draft, "way">): string {
  return way === "plugin" ? "document-update" : "document";
}
