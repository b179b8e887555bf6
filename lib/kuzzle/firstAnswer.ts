/**
 * Calls handlers one after another until one returns something.
 *
 * They handle updates that are not the plugin's own, which a defect of the plugin must not make fail: a
 * handler that throws is reported, and not called again.
 */
export function firstAnswer<TAsked, TAnswer>(
  handlers: Set<(asked: TAsked) => TAnswer | undefined>,
  asked: TAsked,
): TAnswer | undefined {
  for (const handle of handlers) {
    try {
      const answer = handle(asked);
      if (answer !== undefined) {
        return answer;
      }
    } catch (error) {
      handlers.delete(handle);
      process.emitWarning(
        error instanceof Error ? error : String(error),
        "DocumentUpdateWarning",
      );
    }
  }

  return undefined;
}
