/**
 * Waits for a promise for a limited time. What becomes of it later is ignored.
 *
 * @param ms the limit
 * @param late makes the result in place of one that is late, or throws
 */
export function inTime<TResult, TLate>(
  promise: Promise<TResult>,
  ms: number,
  late: () => TLate,
): Promise<TResult | TLate> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });

  return Promise.race([promise, limit.then(late)]).finally(() =>
    clearTimeout(timer),
  );
}
