/** How long a text is: in code points, as JSON Schema counts. */

/** Whether the text has at most `max` of them. */
export function hasAtMost(text: string, max: number): boolean {
  // A code point is one or two of JavaScript's units.
  return text.length <= max || (text.length <= 2 * max && [...text].length <= max);
}
