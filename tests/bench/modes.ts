/** What the plugin can be told to do with the updates of a collection. */
export const MODES = ["default", "fold", "group", "foldgroup"] as const;

export type Mode = (typeof MODES)[number];

/** The modes under measure: `BENCH_MODES=default` leaves the others, and their keys, out. */
export const modes: ReadonlySet<Mode> = new Set(
  (process.env["BENCH_MODES"] || MODES.join()).split(",").map((name) => {
    const mode = MODES.find((each) => each === name);
    if (mode === undefined) {
      throw new Error(`BENCH_MODES names ${name}: ${MODES.join()}`);
    }

    return mode;
  }),
);

/** First part of the name of the collections in a mode. */
export const collectionOf = (mode: Mode): string =>
  mode === "default" ? "bench" : mode;

/** The plugin's configuration: a collection's name decides on its mode. */
export function modeConfiguration(): Record<string, unknown> {
  const folds = modes.has("fold") || modes.has("foldgroup");
  const groups = modes.has("group") || modes.has("foldgroup");

  const maxWait = process.env["BENCH_MAX_WAIT"];

  return {
    ...(folds && maxWait && { lane: { maxWait: Number(maxWait) } }),
    ...(folds && { contention: { "*/fold*": "fold" } }),
    ...(groups && { groupCommit: ["*/group*", "*/foldgroup*"] }),
  };
}
