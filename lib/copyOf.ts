import { throughJson } from "./throughJson";

/** Copies a value as JSON has it. What JSON cannot have stays what it is. */
export function copyOf<TValue>(value: TValue): TValue {
  try {
    return throughJson(value);
  } catch {
    return value;
  }
}
