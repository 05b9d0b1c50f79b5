// Identities made up from a seed, in every way that they may be written, and the search for them in bytes that left.

/** `writings`: what a device may send of it, and what nobody may find outside. */
export type Identity = { readonly what: string; readonly writings: readonly [string, ...string[]] };

/** A place where one was found: `form` is how it was written there, `around` what stands before and after it. */
export type Finding = { readonly what: string; readonly form: string; readonly around: string };

const HEX = "0123456789abcdef";
const AROUND_CHARS = 60;

/** One of each kind. `random`: from 0 to below 1. All are longer than what chance would write into a few megabytes. */
export function madeUpIdentities(random: () => number): readonly Identity[] {
  const letters = (count: number, from: string): string =>
    Array.from({ length: count }, () => from.charAt(Math.floor(random() * from.length))).join("");
  const digits = (count: number): string => letters(count, "123456789");
  const word = (): string => letters(8, "bcdfghjklmnpqrstvwxz");
  const mac = `02${letters(10, HEX)}`;
  const bssid = `06${letters(10, HEX)}`;
  const eui = `02aa${letters(12, HEX)}`;
  const [latitude, longitude] = [`48.${digits(6)}`, `2.${digits(6)}`];
  const phone = `336${digits(8)}`;
  return [
    { what: "MAC address", writings: hardware(mac) },
    { what: "BSSID", writings: hardware(bssid) },
    { what: "EUI-64", writings: hardware(eui) },
    { what: "SSID", writings: [`Net-${word()} 5G`] },
    { what: "IPv4 address", writings: [`10.${digits(2)}.${digits(2)}.1${digits(2)}`] },
    { what: "IPv6 address", writings: [`fd${letters(2, HEX)}:${letters(4, HEX)}:${digits(4)}::${letters(3, HEX)}`] },
    { what: "latitude", writings: [latitude] },
    { what: "longitude", writings: [longitude] },
    {
      what: "NMEA position",
      writings: [`$GPGGA,1235${digits(2)},48${digits(2)}.${digits(3)},N,002${digits(2)}.${digits(3)},E`],
    },
    { what: "e-mail address", writings: [`${word()}.${word()}@mail.example`] },
    {
      what: "phone number",
      writings: [`+${phone}`, `00${phone}`, `+33 ${phone.slice(2, 3)} ${phone.slice(3, 7)} ${phone.slice(7)}`],
    },
    { what: "serial number", writings: [`SN-${digits(4)}-${word().toUpperCase()}`] },
    { what: "number plate", writings: [`${letters(2, "ABCDEFG")}-${digits(3)}-${letters(2, "HJKLM")}`] },
    { what: "name", writings: [`Q${word()} R${word()}`] },
    { what: "free text", writings: [`hello ${word()}, is ${word()} at home?`] },
  ];
}

/** Where any of them stands in the bytes, in any of its writings, as it is or in base64, hexadecimal digits or URL encoding. */
export function findIdentities(bytes: Buffer, identities: readonly Identity[]): readonly Finding[] {
  const text = bytes.toString("latin1");
  const folded = text.toLowerCase();
  return identities.flatMap(({ what, writings }) =>
    writings.flatMap((writing) =>
      formsOf(writing).flatMap(({ form, needle, isExact }) => {
        const at = isExact ? text.indexOf(needle) : folded.indexOf(needle.toLowerCase());
        if (at < 0) return [];
        const around = text.slice(Math.max(0, at - AROUND_CHARS), at + needle.length + AROUND_CHARS);
        return [{ what: `${what} ${writing}`, form, around }];
      }),
    ),
  );
}

type Form = { readonly form: string; readonly needle: string; readonly isExact: boolean };

/** `isExact`: upper and lower case are different things there. */
function formsOf(writing: string): Form[] {
  const bytes = Buffer.from(writing);
  const encoded = encodeURIComponent(writing);
  const escaped = JSON.stringify(writing).slice(1, -1);
  const raw = /^[0-9a-f]{12,16}$/.test(writing) ? [Buffer.from(writing, "hex")] : [];
  return [
    { form: "as it is", needle: writing, isExact: false },
    { form: "hexadecimal", needle: bytes.toString("hex"), isExact: false },
    ...(encoded === writing ? [] : [{ form: "URL", needle: encoded, isExact: false }]),
    ...(encoded === writing ? [] : [{ form: "form", needle: encoded.replaceAll("%20", "+"), isExact: false }]),
    ...(escaped === writing ? [] : [{ form: "JSON", needle: escaped, isExact: false }]),
    ...raw.map((each) => ({ form: "its bytes", needle: each.toString("latin1"), isExact: true })),
    ...[bytes, ...raw].flatMap((each) =>
      base64Cores(each).flatMap((core) => [
        { form: "base64", needle: core, isExact: true },
        { form: "base64url", needle: core.replaceAll("+", "-").replaceAll("/", "_"), isExact: true },
      ]),
    ),
  ];
}

/** What stands in any base64 that has these bytes somewhere: three ways, by where in a group of three they begin. */
function base64Cores(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const from = Math.ceil((before * 4) / 3);
    return text.slice(from, Math.floor(((before + bytes.length) * 4) / 3));
  });
}

/** As colons, dashes, dots and nothing between, and with 0x before. Case is folded by the search. */
function hardware(hex: string): [string, ...string[]] {
  const pairs = hex.match(/../g) ?? [];
  return [hex, pairs.join(":"), pairs.join("-"), (hex.match(/..../g) ?? []).join("."), `0x${hex}`, hex.toUpperCase()];
}
