/**
 * Puts a text into the clipboard. Browsers keep the call for that to https, and a class is served over plain http: there
 * it is done as it was done before, with a text that is selected and copied.
 */

/** @returns whether it is there now. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

function copySelected(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  // Where a dialog is open nothing outside of it can be selected.
  const place = document.querySelector("dialog[open]") ?? document.body;
  const { activeElement } = document;
  place.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (activeElement instanceof HTMLElement) activeElement.focus();
  return isCopied;
}
