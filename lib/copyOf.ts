import { throughJson } from "./throughJson";

/** Copies a JSON value. A value that JSON cannot represent is returned as it is. */
export function copyOf<TValue>(value: TValue): TValue {
  try {
    return throughJson(value);
  } catch {
    return value;
  }
}
