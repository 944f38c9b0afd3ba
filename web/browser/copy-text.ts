/**
 * Copies text to the clipboard. Browsers offer the modern call only over https, and a class uses plain http. There, the
 * old way still works: put the text into a field, select it and copy it.
 */

/** @returns whether it worked. */
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
  // While a dialog is open, nothing outside it can be selected.
  const place = document.querySelector("dialog[open]") ?? document.body;
  const { activeElement } = document;
  place.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (activeElement instanceof HTMLElement) activeElement.focus();
  return isCopied;
}
