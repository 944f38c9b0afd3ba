/**
 * What Enter means in a field with several lines.
 */

/**
 * Whether the key belongs to an input method, as for Japanese, Chinese and Korean: Enter then ends a word, not the
 * message. In WebKit the composition has already ended when this key comes, and only its code tells.
 */
export function isComposing({ isComposing, keyCode }: KeyboardEvent): boolean {
  const INPUT_METHOD = 229;
  return isComposing || keyCode === INPUT_METHOD;
}

/** Whether to send. The keyboard on a screen has no Shift+Enter, so there Enter starts a line, and the button sends. */
export function isToSend(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" || isComposing(event)) return false;
  return event.ctrlKey || event.metaKey || !(event.shiftKey || isTouchScreen());
}

export function isTouchScreen(): boolean {
  return matchMedia("(hover: none) and (pointer: coarse)").matches;
}
