/** Asks one handler after another, and returns the first answer; nothing where none has one. */
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
