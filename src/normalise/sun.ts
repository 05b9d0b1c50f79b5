// How high the sun stands where the site is: the door to suncalc. All is UTC, so that no change of clocks can move the night.
import { getPosition, getTimes } from "suncalc";

/** Degrees, north and east positive. */
export type Place = { readonly lat: number; readonly lon: number };

/** The sun's apparent height above the horizon in degrees, negative below it. */
export function sunAltitudeDeg({ lat, lon }: Place, atMs: number): number {
  return getPosition(new Date(atMs), lat, lon).altitude;
}

/**
 * Sunrise and sunset of the solar day nearest to `atMs`, in epoch milliseconds; in the polar summer and winter null, with
 * whether the sun is up.
 */
export function sunTimes(
  { lat, lon }: Place,
  atMs: number,
): { readonly riseMs: number; readonly setMs: number } | { readonly isUp: boolean } {
  const { sunrise, sunset, alwaysUp } = getTimes(new Date(atMs), lat, lon);
  if (sunrise === null || sunset === null) return { isUp: alwaysUp === true };
  return { riseMs: sunrise.getTime(), setMs: sunset.getTime() };
}

/** The sun of a site by its geohash cell, for a camera's hours; null where there is no cell. */
export function sunOf(cell: string | undefined): ((atMs: number) => ReturnType<typeof sunTimes>) | null {
  const place = cell === undefined ? null : placeOfCell(cell);
  return place === null ? null : (atMs) => sunTimes(place, atMs);
}

const GEOHASH_DIGITS = "0123456789bcdefghjkmnpqrstuvwxyz";

/**
 * The centre of a geohash cell. Each digit holds five bits that halve the longitude and the latitude in turn, the longitude
 * first (geohash.org). Null for a text that is no geohash.
 */
export function placeOfCell(cell: string): Place | null {
  const lon = { least: -180, most: 180 };
  const lat = { least: -90, most: 90 };
  let isLongitude = true;
  for (const letter of cell) {
    const digit = GEOHASH_DIGITS.indexOf(letter);
    if (digit < 0) return null;
    for (let bit = 16; bit >= 1; bit /= 2) {
      const range = isLongitude ? lon : lat;
      const middle = (range.least + range.most) / 2;
      if ((digit & bit) > 0) range.least = middle;
      else range.most = middle;
      isLongitude = !isLongitude;
    }
  }
  if (cell === "") return null;
  return { lat: (lat.least + lat.most) / 2, lon: (lon.least + lon.most) / 2 };
}
