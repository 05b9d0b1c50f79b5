// A form sent twice makes one thing: two quick presses of its button carry the same random word.
import { randomBytes } from "node:crypto";
import { LIMITS } from "../core/limits.ts";

export class Once {
  readonly #made = new Map<string, Promise<string>>();

  /** A word for a new form. */
  word(): string {
    return randomBytes(9).toString("base64url");
  }

  /** What `make` gave for this word, making it at most once; after a failure it may be tried again. Without a word it is made. */
  async run(word: string, make: () => Promise<string>): Promise<string> {
    if (word === "") return await make();
    const known = this.#made.get(word);
    if (known !== undefined) return await known;
    const making = make();
    this.#made.set(word, making);
    const oldest = this.#made.keys().next().value;
    if (this.#made.size > LIMITS.pairingLinks && oldest !== undefined) this.#made.delete(oldest);
    try {
      return await making;
    } catch (thrown) {
      this.#made.delete(word);
      throw thrown;
    }
  }
}
