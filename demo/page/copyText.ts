/**
 * Copies what an element shows.
 *
 * @returns whether it is copied
 */
export async function copyText(shown: HTMLElement): Promise<boolean> {
  // Browsers have it on localhost and over HTTPS alone.
  if (navigator.clipboard as Clipboard | undefined) {
    try {
      await navigator.clipboard.writeText(shown.textContent ?? "");
      return true;
    } catch {
      // The reader has not allowed it.
    }
  }
  const range = document.createRange();
  range.selectNodeContents(shown);
  getSelection()?.removeAllRanges();
  getSelection()?.addRange(range);

  // What it is deprecated for, above, is not there.
  return document.execCommand("copy");
}
