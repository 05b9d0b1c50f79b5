// Bytes that came in, untrusted.

/**
 * Who sent it: a device with its own login, a bridge that speaks for many, a camera that publishes its pictures, or the site's
 * own broker, whose logins are not ours to know (`id` is then the broker's name).
 */
export type Login = { readonly kind: "device" | "bridge" | "camera" | "site"; readonly id: string };

/** One message as received. `isReplay`: a broker replayed a retained message to us on subscribing; it is old news. */
export type Arrival = {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly isReplay: boolean;
  readonly login: Login;
  readonly receivedAtMs: number;
};
