/** Calls handlers one after another until one returns something. */
export function firstAnswer<TAsked, TAnswer>(
  handlers: Iterable<(asked: TAsked) => TAnswer | undefined>,
  asked: TAsked,
): TAnswer | undefined {
  for (const handle of handlers) {
    const answer = handle(asked);
    if (answer !== undefined) {
      return answer;
    }
  }

  return undefined;
}
