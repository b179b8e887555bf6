/** What the clients of a storm do: set fields, count in one, or store the measures of devices in one asset. */
export type StormKind = "counter" | "measure" | "update";
