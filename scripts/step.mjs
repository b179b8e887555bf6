/**
 * Tells of a long piece of work: when it begins, every 30 s that it still goes on, and when it ends.
 *
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const begun = Date.now();
  const tell = (/** @type {string} */ mark) =>
    console.log(
      `${mark} ${title} (${Math.round((Date.now() - begun) / 1000)} s)`,
    );
  console.log(`… ${title}`);
  const reminder = setInterval(tell, 30_000, "…");

  try {
    const result = await work();
    tell("✔");
    return result;
  } catch (error) {
    tell("✖");
    throw error;
  } finally {
    clearInterval(reminder);
  }
}
