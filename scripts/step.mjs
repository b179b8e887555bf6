const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const REFRESH_MS = 100;
const REMINDER_MS = 15_000;

/**
 * Shows the progress of a long step: what is being done, how far it is, and for how long.
 *
 * On a terminal one line is updated in place; elsewhere a line is printed when the step begins, every 15
 * s, and when it ends.
 *
 * @template T
 * @param {string} title
 * @param {(progress: (detail: string) => void) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const started = Date.now();
  const { isTTY } = process.stdout;
  const width = process.stdout.columns ?? 80;
  let detail = "";
  let frame = 0;

  const seconds = () => `${((Date.now() - started) / 1000).toFixed(0)} s`;
  const line = (/** @type {string} */ mark, withDetail = true) =>
    `${mark} ${title} (${seconds()})${withDetail && detail ? ` · ${detail}` : ""}`;
  const draw = () => {
    const text = line(FRAMES[frame++ % FRAMES.length] ?? "");
    process.stdout.write(`\r\x1b[K${text.slice(0, width - 1)}`);
  };
  const end = (/** @type {string} */ mark) =>
    process.stdout.write(`${isTTY ? "\r\x1b[K" : ""}${line(mark, false)}\n`);

  if (!isTTY) {
    console.log(`… ${title}`);
  }
  const timer = isTTY
    ? setInterval(draw, REFRESH_MS)
    : setInterval(() => console.log(line("…")), REMINDER_MS);

  try {
    const result = await work((text) => {
      detail = text;
    });
    end("✔");
    return result;
  } catch (error) {
    end("✖");
    throw error;
  } finally {
    clearInterval(timer);
  }
}
