// Understands the simple value templates of Home Assistant, as data: where a value stands and what is done to it.
//
// Decision: no template engine runs on what a device sends. A tokenizer and a parser of a dozen forms turn a template into
// a pointer, a factor or a choice of two words; whatever is beyond that is named, and a person writes a profile.
import { DISCOVERY_LIMITS } from "./discovery-limits.ts";
import { ExpressionParser, type Field, fieldAt, type Test } from "./discovery-expression.ts";

export type Template =
  | { readonly kind: "field"; readonly field: Field }
  | {
      readonly kind: "choice";
      readonly field: Field;
      readonly test: Test;
      readonly isNegated: boolean;
      readonly yes: string;
      readonly no: string;
    }
  | { readonly kind: "not-simple"; readonly why: string };

/** Reads a template; null or empty is the message as it is. Never throws. */
export function readTemplate(text: string | null): Template {
  if (text === null || text.trim() === "") return { kind: "field", field: fieldAt([], false) };
  if (text.length > DISCOVERY_LIMITS.templateChars) return notSimple("its template is too long");
  const statement = readStatement(text);
  if (statement !== null) return statement;
  const inside = /^\s*\{\{-?([^{}]*?)-?\}\}\s*$/.exec(text)?.[1];
  if (inside === undefined) return notSimple("its template is more than one expression");
  const parser = new ExpressionParser(inside);
  const template = parser.expression();
  return template === null || !parser.isAtEnd() ? notSimple(parser.why) : template;
}

/** `{% if … %}A{% else %}B{% endif %}`; null when the template has no statement at all. */
function readStatement(text: string): Template | null {
  const [before, ...tags] = text.split("{%").map((piece) => piece.split("%}"));
  if (tags.length === 0) return null;
  const [head, middle, end] = tags;
  const isWhole = tags.length === 3 && tags.every((tag) => tag.length === 2) && before?.join("").trim() === "";
  const condition = /^-?\s*if\s(.*?)-?$/s.exec(head?.[0] ?? "")?.[1];
  const [yes = "", no = ""] = [head?.[1]?.trim(), middle?.[1]?.trim()];
  const isElse = /^-?\s*else\s*-?$/.test(middle?.[0] ?? "") && /^-?\s*endif\s*-?$/.test(end?.[0] ?? "");
  if (!isWhole || condition === undefined || !isElse || end?.[1]?.trim() !== "" || /[{}]/.test(yes + no))
    return notSimple("its template has statements other than one choice of two words");
  const parser = new ExpressionParser(condition);
  const choice = parser.condition();
  if (choice === null || !parser.isAtEnd()) return notSimple(parser.why);
  return { kind: "choice", ...choice, yes, no };
}

function notSimple(why: string): Template {
  return { kind: "not-simple", why };
}
