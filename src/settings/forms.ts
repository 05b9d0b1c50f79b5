// Forms that several settings share: ids, ports, paths, names, addresses.
import { z } from "zod";

/** Ids go into MQTT topics, file names and URNs, also on NATS, which refuses dots and spaces. */
export const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "use lower-case letters, digits and -, 63 characters at most");
export const port = z.int().min(1).max(65535);
/** A file's path, relative to the YAML file that names it; the loader makes it absolute. */
export const path = z.string().min(1);
/** Of a file or a certificate, in hexadecimal digits. */
export const sha256 = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/, "a SHA-256 is 64 digits and letters from a to f")
  .toLowerCase();
/** Shown on pages, signs and terminals. */
export const name = z
  .string()
  .regex(/^\P{C}{1,80}$/u, "use 1 to 80 letters, without line breaks and control characters");
export const hostPort = (host: string, number: number) =>
  z.strictObject({
    host: z
      .string()
      .min(1)
      .default(host)
      .describe("the address to listen on; 0.0.0.0 is every one of this machine, 127.0.0.1 this machine only"),
    port: port.default(number),
  });
/** A time of the day, or of the sun. */
export const timeOfDay = z
  .string()
  .regex(
    /^(([01]\d|2[0-3]):[0-5]\d|sun(set|rise)([+-]\d{1,3})?)$/,
    "a time is written 07:30, sunset, sunrise, or with minutes: sunset+30, sunrise-15",
  );
