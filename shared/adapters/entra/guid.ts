const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text is an id as Entra writes it: a GUID in lower case. Nothing else may become part of an address. */
export function isGuid(text: string): boolean {
  return shape.test(text);
}
