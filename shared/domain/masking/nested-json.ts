import type { JsonValue } from '../json.ts';

/** A text that is JSON: a list, an object or a text, with space around it. */
export function nestedJson(text: string): JsonValue | undefined {
  if (!beginning.test(text) || !/[\]}"]\s{0,20}$/.test(text.slice(-24))) return undefined;
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** What follows the first bracket is told by it; expressions of templates, as `[concat(…)]`, are no JSON. */
const beginning = /^\s{0,20}(?:"|\[\s*(?:["[\]{\d-]|true\b|false\b|null\b)|\{\s*["}])/;
