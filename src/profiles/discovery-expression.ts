// Parses one expression of a value template: a field, what is calculated with it, and one comparison. Nothing is run.
import { LIMITS } from "../core/limits.ts";
import { DISCOVERY_LIMITS } from "./discovery-limits.ts";
import { isIdentityName } from "./identity.ts";

/** A field of a message: JSON pointer, whether the message is JSON, value·scale + offset, and the text when it is absent. */
export type Field = {
  readonly at: string;
  readonly isJson: boolean;
  readonly scale: number;
  readonly offset: number;
  readonly fallback: string | null;
};

/** When the first word is chosen: the field's lower-case text is one of `is`, or its number is greater or smaller. */
export type Test = { readonly is: readonly string[] } | { readonly above: number } | { readonly below: number };

/** The test of one field; `isNegated`: it must fail. */
export type Choice = { readonly field: Field; readonly test: Test; readonly isNegated: boolean };

export type Expression =
  | { readonly kind: "field"; readonly field: Field }
  | ({ readonly kind: "choice"; readonly yes: string; readonly no: string } & Choice);

type Operand =
  | { readonly kind: "field"; readonly field: Field }
  | { readonly kind: "word"; readonly value: string | number };

/** No sensor tells numbers apart that are closer than this; it makes "at least" out of "more than". */
export const HAIR = 1e-6;
/** Filters that change a value's type or looks only; texts are compared without regard to case anyway. */
const PLAIN_FILTERS: ReadonlySet<string> = new Set(
  "int float round lower upper trim string is_defined bool".split(" "),
);
/** What Jinja takes for false, as lower-case text; the word false too, which its author meant. */
const FALSE_TEXTS = ["false", "0", ""];

/** Recursive descent; a method gives null when the template is beyond it, and `why` says so. */
export class ExpressionParser {
  readonly #tokens: readonly string[];
  #next = 0;
  why = "its template is not one of the simple kinds";

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  isAtEnd(): boolean {
    return this.#next === this.#tokens.length;
  }

  expression(): Expression | null {
    const first = this.#sum();
    if (first === null) return null;
    if (!this.#take("if")) return first.kind === "field" ? first : this.#refuse("its template says the same always");
    const choice = this.condition();
    if (choice === null || !this.#take("else")) return null;
    const second = this.#sum();
    if (first.kind !== "word" || second?.kind !== "word")
      return this.#refuse("its template chooses between other things than words");
    return { kind: "choice", ...choice, yes: String(first.value), no: String(second.value) };
  }

  /** One comparison of a field with a constant, or the field alone, perhaps with `not` before it. */
  condition(): Choice | null {
    const isNot = this.#take("not");
    const left = this.#sum();
    if (left?.kind !== "field") return left === null ? null : this.#refuse("its template compares no value");
    const { field } = left;
    if (field.scale !== 1 || field.offset !== 0) return this.#refuse("its template calculates before it compares");
    const sign = ["==", "!=", ">=", "<=", ">", "<", "in"].find((each) => this.#take(each));
    if (sign === undefined) return { field, test: { is: FALSE_TEXTS }, isNegated: !isNot };
    if (sign === "in") {
      const words = this.#list();
      return words === null ? null : { field, test: { is: words }, isNegated: isNot };
    }
    const right = this.#sum();
    if (right?.kind !== "word") return this.#refuse("its template compares two values");
    if (sign === "==" || sign === "!=")
      return { field, test: { is: [textOfWord(right.value)] }, isNegated: isNot !== (sign === "!=") };
    if (typeof right.value !== "number") return this.#refuse("its template compares with something that is no number");
    const than = right.value + (sign === ">=" ? -HAIR : sign === "<=" ? HAIR : 0);
    return { field, test: sign.startsWith(">") ? { above: than } : { below: than }, isNegated: isNot };
  }

  #list(): readonly string[] | null {
    const closing = this.#take("[") ? "]" : this.#take("(") ? ")" : null;
    if (closing === null) return null;
    const words: string[] = [];
    do {
      const word = this.#product();
      if (word?.kind !== "word") return null;
      words.push(textOfWord(word.value));
    } while (this.#take(","));
    return this.#take(closing) && words.length <= 32 ? words : null;
  }

  #sum(): Operand | null {
    let left = this.#product();
    for (;;) {
      const sign = ["+", "-"].find((each) => this.#take(each));
      if (left === null || sign === undefined) return left;
      left = this.#combine(left, sign, this.#product());
    }
  }

  #product(): Operand | null {
    let left = this.#filtered();
    for (;;) {
      const sign = ["*", "/"].find((each) => this.#take(each));
      if (left === null || sign === undefined) return left;
      left = this.#combine(left, sign, this.#filtered());
    }
  }

  /** value·scale + offset stays so under any of the four with a constant, except constant / value. */
  #combine(left: Operand, sign: string, right: Operand | null): Operand | null {
    if (right === null) return null;
    const swaps = left.kind === "word" && right.kind === "field" && sign !== "/";
    const [of, by] = swaps ? [right, left] : [left, right];
    if (of.kind !== "field" || by.kind !== "word" || typeof by.value !== "number")
      return this.#refuse("its template calculates with more than one value");
    const { scale, offset } = of.field;
    const factor = sign === "*" ? by.value : sign === "/" ? 1 / by.value : swaps && sign === "-" ? -1 : 1;
    const plus = sign === "+" || (swaps && sign === "-") ? by.value : sign === "-" ? -by.value : 0;
    const field = { ...of.field, scale: tidy(scale * factor), offset: tidy(offset * factor + plus) };
    const isSound = Number.isFinite(field.scale) && Number.isFinite(field.offset) && field.scale !== 0;
    return isSound ? { kind: "field", field } : this.#refuse("its template divides or multiplies by nothing");
  }

  #filtered(): Operand | null {
    let operand = this.#atom();
    while (operand !== null && this.#take("|")) {
      const name = this.#tokens[this.#next++] ?? "";
      const given = this.#take("(") ? this.#arguments() : [];
      if (given === null) return null;
      if (name === "default" || name === "d") {
        const [fallback] = given;
        if (operand.kind === "field" && fallback !== undefined)
          operand = { kind: "field", field: { ...operand.field, fallback: textOfWord(fallback) } };
      } else if (!PLAIN_FILTERS.has(name)) return this.#refuse(`its template uses ${name.slice(0, 40)}`);
    }
    return operand;
  }

  #arguments(): readonly (string | number)[] | null {
    const given: (string | number)[] = [];
    while (!this.#take(")")) {
      const operand = this.#product();
      if (operand?.kind !== "word") return null;
      given.push(operand.value);
      this.#take(",");
    }
    return given;
  }

  #atom(): Operand | null {
    const token = this.#tokens[this.#next++];
    if (token === undefined) return null;
    if (token === "(") {
      const inner = this.#sum();
      return inner !== null && this.#take(")") ? inner : null;
    }
    if ((token === "float" || token === "int") && this.#take("(")) {
      const inner = this.#sum();
      if (inner !== null && this.#take(",")) this.#sum();
      return inner !== null && this.#take(")") ? inner : null;
    }
    if (token === "-") return this.#negative(this.#atom());
    if (/^\d/.test(token)) return { kind: "word", value: Number(token) };
    if (/^['"]/.test(token)) return { kind: "word", value: token.slice(1, -1) };
    if (/^(true|false|none)$/i.test(token)) return { kind: "word", value: token.toLowerCase() };
    if (token === "value") return { kind: "field", field: fieldAt([], false) };
    if (token === "value_json") return this.#jsonField();
    return this.#refuse(`its template uses ${token.slice(0, 40)}`);
  }

  #negative(operand: Operand | null): Operand | null {
    return operand?.kind === "word" && typeof operand.value === "number"
      ? { kind: "word", value: -operand.value }
      : null;
  }

  #jsonField(): Operand | null {
    const names: string[] = [];
    for (;;) {
      if (this.#take(".")) {
        const name = this.#tokens[this.#next++] ?? "";
        if (!/^\w+$/.test(name) || this.#tokens[this.#next] === "(")
          return this.#refuse("its template calls a function");
        names.push(name);
      } else if (this.#take("[")) {
        const key = this.#product();
        if (key?.kind !== "word" || !this.#take("]")) return null;
        names.push(String(key.value));
      } else break;
    }
    if (pointerTo(names) === null)
      return this.#refuse("its template reads a name or an address, or what no pointer reaches");
    return { kind: "field", field: fieldAt(names, true) };
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#next] !== token) return false;
    this.#next += 1;
    return true;
  }

  #refuse(why: string): null {
    this.why = why;
    return null;
  }
}
/** A JSON pointer to the names, or null where a profile could not say it. */
export function pointerTo(names: readonly string[]): string | null {
  if (names.some((name) => name === "" || name.includes("*") || isIdentityName(name))) return null;
  const pointer = names.map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  return pointer.length > DISCOVERY_LIMITS.pointerChars || names.length >= LIMITS.jsonDepth - 1 ? null : pointer;
}

/** Words, numbers, quoted texts and signs; a template beyond the bound or with other signs has a token that fits nowhere. */
function tokensOf(text: string): readonly string[] {
  const tokens = text.match(/[A-Za-z_]\w*|\d+(?:\.\d+)?|'[^'\\]*'|"[^"\\]*"|[=!<>]=|\S/g) ?? [];
  return tokens.length > DISCOVERY_LIMITS.templateTokens ? ["too many words"] : tokens;
}

/** A field without any calculation; the pointer was checked. */
export function fieldAt(names: readonly string[], isJson: boolean): Field {
  return { at: pointerTo(names) ?? "", isJson, scale: 1, offset: 0, fallback: null };
}

function textOfWord(value: string | number): string {
  return String(value).trim().toLowerCase();
}

/** 255/99 in 12 digits: a profile is read by people. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
