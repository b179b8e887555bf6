const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** Writes a number without its fraction. */
export function numbers(value: number): string {
  return Number.isFinite(value) ? whole.format(value) : "–";
}

/** Writes a number, small ones with a digit of their fraction. */
export function fine(value: number): string {
  if (!Number.isFinite(value)) {
    return "–";
  }

  return value < 10 ? short.format(value) : whole.format(value);
}
