// The operator's models that the redactor child holds ready: each loaded when a picture first needs it, looked after for changes
// with each further one, and given up when too many others were used since.
import { openOwnModel, type OwnDetector, type OwnRole } from "./own-model.ts";
import { ModelChanged, type NamedModel, readModelFiles, signatureOf } from "./own-model-files.ts";
import { PRIVACY_LIMITS } from "./privacy-limits.ts";

type Held = { readonly detector: OwnDetector; readonly signature: string };

export class OwnModels implements AsyncDisposable {
  readonly #threads: number;
  /** The least recently used first. */
  readonly #held = new Map<string, Held>();
  /** By model, the digest of the card that was first seen: for the life of this process there is no other. */
  readonly #cards = new Map<string, string>();

  constructor(threads: number) {
    this.#threads = threads;
  }

  /**
   * The detector of this model, which stays this object's. One call at a time. Throws ModelChanged when its files are not those
   * that were agreed, and what `openOwnModel` throws.
   */
  async detectorOf(role: OwnRole, model: NamedModel): Promise<OwnDetector> {
    const key = `${role} ${model.sha256} ${model.file}`;
    const held = this.#held.get(key);
    const isAsBefore = held !== undefined && held.signature === (await signatureOf(model.file));
    const ready = isAsBefore ? held : await this.#load(key, { role, model, held });
    this.#held.delete(key);
    this.#held.set(key, ready);
    await this.#giveUpOldest();
    return ready.detector;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const held = [...this.#held.values()];
    this.#held.clear();
    for (const { detector } of held) await detector[Symbol.asyncDispose]();
  }

  async #load(key: string, by: { role: OwnRole; model: NamedModel; held: Held | undefined }): Promise<Held> {
    const files = await readModelFiles(by.model);
    const card = this.#cards.get(key);
    if (card !== undefined && card !== files.cardSha256)
      throw new ModelChanged("the file beside the model has changed since the start: restart the gateway to use it");
    if (card === undefined && this.#cards.size >= PRIVACY_LIMITS.ownModelsKnown)
      throw new RangeError("more models than any policy names");
    // Touched, or written anew with the same bytes: what is held is still that.
    if (by.held !== undefined) return { ...by.held, signature: files.signature };
    const detector = await openOwnModel(by.role, { files, sha256: by.model.sha256, threads: this.#threads });
    this.#cards.set(key, files.cardSha256);
    return { detector, signature: files.signature };
  }

  async #giveUpOldest(): Promise<void> {
    for (const [key, { detector }] of this.#held) {
      if (this.#held.size <= PRIVACY_LIMITS.ownModelsHeld) return;
      this.#held.delete(key);
      await detector[Symbol.asyncDispose]();
    }
  }
}
