// Where the site is, as a person types it, and as the gateway keeps it: a geohash cell of five or six letters, never a point.
const DIGITS = "0123456789bcdefghjkmnpqrstuvwxyz";
const KM_OF_DEGREE = 111.32;

/** Degrees of the middle; kilometres of the sides there. */
export type Field = {
  readonly latitude: number;
  readonly longitude: number;
  readonly widthKm: number;
  readonly heightKm: number;
};

/** The letters of a cell that a person may choose, and about how many kilometres it is across. */
export const COARSENESS = [
  { letters: 5, km: 5 },
  { letters: 6, km: 1 },
] as const;

/**
 * The cell of what was typed: latitude and longitude in degrees, with a comma, semicolon or space between them (a decimal comma
 * too), or a geohash with a digit in it, of which `letters` are kept at most. Null for anything else.
 */
export function cellOf(typed: string, letters: number): string | null {
  const plain = typed.trim().toLowerCase();
  const degrees = /^([+-]?\d{1,3}(?:[.,]\d+)?)°?(?:\s*[;,]\s*|\s+)([+-]?\d{1,3}(?:[.,]\d+)?)°?$/.exec(plain);
  const [latitude, longitude] = [degrees?.[1], degrees?.[2]].map((part) => Number(part?.replace(",", ".")));
  if (latitude !== undefined && longitude !== undefined && degrees !== null)
    return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? encoded({ latitude, longitude }, letters) : null;
  // Without a digit it is rather the name of a town: Dresden would be one, too.
  return /^[0-9b-hjkmnp-z]{3,12}$/.test(plain) && /\d/.test(plain) ? plain.slice(0, letters) : null;
}

/** Of a geohash as gateway.yaml has it. */
export function fieldOf(cell: string): Field {
  const span = { south: -90, north: 90, west: -180, east: 180 };
  let isLongitude = true;
  for (const letter of cell)
    for (let bit = 16; bit >= 1; bit /= 2) {
      const isUpper = (DIGITS.indexOf(letter) & bit) > 0;
      const [low, high] = isLongitude ? (["west", "east"] as const) : (["south", "north"] as const);
      const middle = (span[low] + span[high]) / 2;
      span[isUpper ? low : high] = middle;
      isLongitude = !isLongitude;
    }
  const latitude = (span.south + span.north) / 2;
  return {
    latitude,
    longitude: (span.west + span.east) / 2,
    widthKm: (span.east - span.west) * KM_OF_DEGREE * Math.cos((latitude * Math.PI) / 180),
    heightKm: (span.north - span.south) * KM_OF_DEGREE,
  };
}

/** Each letter holds five bits that halve the longitude and the latitude in turn, the longitude first (geohash.org). */
function encoded(place: { readonly latitude: number; readonly longitude: number }, letters: number): string {
  const longitude = { least: -180, most: 180, at: place.longitude };
  const latitude = { least: -90, most: 90, at: place.latitude };
  let cell = "";
  for (let at = 0; at < letters; at += 1) {
    let digit = 0;
    for (let bit = 0; bit < 5; bit += 1) {
      const axis = (at * 5 + bit) % 2 === 0 ? longitude : latitude;
      const middle = (axis.least + axis.most) / 2;
      const isUpper = axis.at >= middle;
      axis[isUpper ? "least" : "most"] = middle;
      digit = digit * 2 + (isUpper ? 1 : 0);
    }
    cell += DIGITS.charAt(digit);
  }
  return cell;
}
