import type { Distribution } from "./Scenario";

/** Its multiples fall evenly all over, however many they are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Says which document is a worker's next one, by number. */
export type Chooser = (worker: number, step: number) => number;

/** Makes the choice of documents, the same one each time it is made. */
export function chooser(
  { count, kind }: Distribution,
  inFlight: number,
): Chooser {
  switch (kind) {
    case "independent": {
      const own = Math.floor(count / inFlight);
      if (own === 0) {
        throw new Error(`${count} documents for ${inFlight} in flight`);
      }
      return (worker, step) =>
        worker + inFlight * Math.floor(((step * GOLDEN) % 1) * own);
    }
    case "pairs": {
      const pairs = Math.ceil(inFlight / 2);
      return (worker, step) => (Math.floor(worker / 2) + step * pairs) % count;
    }
    case "zipf":
      return zipf(count);
  }
}

function zipf(count: number): Chooser {
  const shares: number[] = [];
  let sum = 0;
  for (let rank = 1; rank <= count; rank++) {
    sum += 1 / rank;
    shares.push(sum);
  }
  const random = randomNumbers();

  return () => {
    const drawn = random() * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Number(shares[middle]) < drawn) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  };
}

/** The generator "mulberry32": every turn draws the same numbers. */
function randomNumbers(): () => number {
  let state = 1;

  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
