/** What of the plugin is under measure. */
export const MODES = [
  "default",
  "intercepting",
  "separate",
  "fold",
  "conditional",
  "guarded",
  "prepared",
] as const;

export type Mode = (typeof MODES)[number];

/** `BENCH_MODES=default` leaves the others, and their keys, out: for code that knows no such keys. */
export const modes: ReadonlySet<Mode> = new Set(
  (process.env["BENCH_MODES"] || MODES.join()).split(",").map((name) => {
    const mode = MODES.find((each) => each === name);
    if (mode === undefined) {
      throw new Error(`BENCH_MODES names ${name}: ${MODES.join()}`);
    }

    return mode;
  }),
);

/** Applications of a run: Kuzzle alone, and with the plugin as it is configured here. */
export const configurations = {
  guarded: { guards: { "*/*": { readOnly: ["legacyId"] } } },
  intercepting: { interceptNative: true },
  native: undefined,
  // A collection's name decides whether it is folded.
  plugin: modes.has("fold") ? { fold: ["*/fold*"] } : {},
  prepared: { prepareJwtKey: true },
  separate: { batchWrites: false },
} as const;

export type ApplicationName = keyof typeof configurations;
