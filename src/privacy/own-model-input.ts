// Feeds a picture to an operator's model: reduced, padded at the right and below, and as numbers in the model's own scale.
import type { Picture } from "./detector.ts";
import { brightenings, curveOf, type Stretch } from "./night.ts";
import type { FaceCard, PersonCard } from "./own-model-card.ts";
import { resizePicture } from "./picture.ts";

type Size = { readonly width: number; readonly height: number };

/** `values`: planes of one channel each, rows from the top. `scaleX`, `scaleY`: from the input's pixels to the picture's. */
export type ModelInput = Size & { readonly values: Float32Array; readonly scaleX: number; readonly scaleY: number };

/**
 * Reduced so that the long side is at most `longSide`, or to fit the model's one size; never enlarged. One input for each way in
 * which the tones are stretched, zeroed when the next is asked for; other copies are zeroed at the end.
 */
export async function* inputsOf(
  picture: Picture,
  card: FaceCard | PersonCard,
  by: { readonly longSide: number; readonly spread: Stretch | undefined },
): AsyncGenerator<ModelInput, void> {
  const { width, height } = reducedSize(picture, card.size ?? { width: by.longSide, height: by.longSide });
  const { stride } = card;
  const padded = card.size ?? {
    width: Math.ceil(width / stride) * stride,
    height: Math.ceil(height / stride) * stride,
  };
  const small = await resizePicture(picture, { width, height });
  try {
    for (const tones of tonesOf(small, card, by.spread)) {
      const values = planesOf(small, card, { padded, tones });
      try {
        yield { values, ...padded, scaleX: picture.width / width, scaleY: picture.height / height };
      } finally {
        values.fill(0);
      }
    }
  } finally {
    small.rgb.fill(0);
  }
}

function tonesOf(
  small: Picture,
  card: FaceCard | PersonCard,
  spread: Stretch | undefined,
): readonly (Stretch | null)[] {
  if (spread !== undefined) return [spread];
  return card.stretch ? brightenings(small.rgb) : [null];
}

function reducedSize({ width, height }: Size, within: Size): Size {
  const factor = Math.min(1, within.width / width, within.height / height);
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

function planesOf(
  { rgb, width, height }: Picture,
  card: FaceCard | PersonCard,
  { padded, tones }: { readonly padded: Size; readonly tones: Stretch | null },
): Float32Array {
  const shades = tones === null ? null : curveOf(tones);
  const plane = padded.width * padded.height;
  const values = new Float32Array(plane * 3);
  for (let channel = 0; channel < 3; channel += 1) {
    const [mean, std] = [ofChannel(card.mean, channel), ofChannel(card.std, channel)];
    const from = card.channelOrder === "rgb" ? channel : 2 - channel;
    values.fill((card.padding - mean) / std, channel * plane, (channel + 1) * plane);
    for (let y = 0; y < height; y += 1) {
      const row = channel * plane + y * padded.width;
      for (let x = 0; x < width; x += 1) {
        const value = rgb[(y * width + x) * 3 + from] ?? 0;
        values[row + x] = ((shades?.[value] ?? value) - mean) / std;
      }
    }
  }
  return values;
}

function ofChannel(value: number | readonly [number, number, number], channel: number): number {
  return typeof value === "number" ? value : (value[channel] ?? value[0]);
}
