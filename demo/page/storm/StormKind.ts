/** What the clients of a storm do: set fields, or count in one. */
export type StormKind = "counter" | "update";
