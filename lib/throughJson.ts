/**
 * Copies a value as JSON has it.
 *
 * @throws what JSON cannot have: what is too deep, contains itself, or refuses to be written
 */
export function throughJson<TValue>(value: TValue): TValue {
  return JSON.parse(JSON.stringify(value)) as TValue;
}
