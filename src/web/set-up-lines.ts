// The lines that a person reads or types to set a device up: sentences as sentences, what is typed as it is typed.

/** `read`: a sentence. `type`: lines to type exactly, in one piece. */
export type SetUpPart =
  | { readonly kind: "read"; readonly text: string }
  | { readonly kind: "type"; readonly text: string };

/**
 * Profiles write both in one list. A sentence begins with a capital, and ends with a full stop or a colon or has one
 * inside ("Or enter its topic by hand: porch"); every other line is typed, and such lines in a row belong together.
 */
export function setUpParts(lines: readonly string[]): readonly SetUpPart[] {
  const parts: SetUpPart[] = [];
  for (const text of lines) {
    const last = parts.at(-1);
    if (/^\p{Lu}.*([.:]$|: )/u.test(text)) parts.push({ kind: "read", text });
    else if (last?.kind === "type") parts.splice(-1, 1, { kind: "type", text: `${last.text}\n${text}` });
    else parts.push({ kind: "type", text });
  }
  return parts;
}
