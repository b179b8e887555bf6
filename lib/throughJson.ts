/**
 * Copies a value by writing it as JSON and reading it again.
 *
 * @throws where it cannot be written: too deep, circular, or with a `toJSON` that throws
 */
export function throughJson<TValue>(value: TValue): TValue {
  return JSON.parse(JSON.stringify(value)) as TValue;
}
