// The lines that a person reads or types to set a device up: sentences as sentences, what is typed as it is typed.

/** `read`: a sentence. `type`: lines to type exactly, in one piece. `fill`: fields of a form, each with what goes into it. */
export type SetUpPart =
  | { readonly kind: "read" | "type"; readonly text: string }
  | { readonly kind: "fill"; readonly fields: readonly Field[] };

export type Field = { readonly label: string; readonly value: string };

/**
 * Profiles write all three in one list. Who begins with a capital is a sentence where it ends with a full stop or a colon,
 * and a field where it is a short label, a colon and a value ("Port: 1883"). Every other line is typed. Fields in a row, and
 * lines to type in a row, belong together.
 */
export function setUpParts(lines: readonly string[]): readonly SetUpPart[] {
  const parts: SetUpPart[] = [];
  for (const text of lines) {
    const last = parts.at(-1);
    const field = fieldOf(text);
    if (field !== null)
      if (last?.kind === "fill") parts.splice(-1, 1, { kind: "fill", fields: [...last.fields, field] });
      else parts.push({ kind: "fill", fields: [field] });
    else if (/^\p{Lu}.*([.:]$|: )/u.test(text)) parts.push({ kind: "read", text });
    else if (last?.kind === "type") parts.splice(-1, 1, { kind: "type", text: `${last.text}\n${text}` });
    else parts.push({ kind: "type", text });
  }
  return parts;
}

/** A label is short, and a value no sentence. */
function fieldOf(text: string): Field | null {
  const { label, value } = /^(?<label>\p{Lu}[^:.;]{0,39}): (?<value>\S.*)$/u.exec(text)?.groups ?? {};
  return label === undefined || value === undefined || /[.:]$/.test(value) ? null : { label, value };
}
