// A camera's side of digest and basic authentication (RFC 7616, 7617), written apart from ours: it checks what a client claims.
import { createHash, randomBytes } from "node:crypto";

export type Login = {
  readonly user: string;
  readonly password: string;
  readonly scheme: "basic" | "digest";
  /** As written into the challenge; null: none is, which means MD5 (RFC 2617). */
  readonly algorithm?: "MD5" | "SHA-256" | "MD5-sess" | "SHA-256-sess" | null;
  /** False: as before RFC 2617, without qop, nc and cnonce. */
  readonly hasQop?: boolean;
  /** Uses of a nonce before it is stale. */
  readonly usesPerNonce?: number;
};

export type Door = {
  /** Null: let in. Otherwise the WWW-Authenticate to answer 401 with. */
  check(asked: {
    readonly method: string;
    readonly uri: string;
    readonly authorization: string | undefined;
  }): string | null;
};

const REALM = 'front "door", 2nd';

export function openDoor(login: Login): Door {
  if (login.scheme === "basic") {
    const right = `Basic ${Buffer.from(`${login.user}:${login.password}`).toString("base64")}`;
    return { check: ({ authorization }) => (authorization === right ? null : 'Basic realm="camera"') };
  }
  const uses = new Map<string, number>();
  return {
    check: ({ method, uri, authorization }) => {
      const said = fieldsOf(authorization ?? "");
      const used = uses.get(said.get("nonce") ?? "");
      const isRight = used !== undefined && isAnswer({ login, said, method, uri });
      const isFresh = used !== undefined && used < (login.usesPerNonce ?? Number.POSITIVE_INFINITY);
      const isNext = login.hasQop === false || Number.parseInt(said.get("nc") ?? "", 16) === (used ?? 0) + 1;
      if (isRight && isFresh && isNext) {
        uses.set(said.get("nonce") ?? "", (used ?? 0) + 1);
        return null;
      }
      const nonce = randomBytes(12).toString("base64");
      uses.set(nonce, 0);
      return [
        `Digest realm="${REALM.replaceAll('"', '\\"')}"`,
        ...(login.hasQop === false ? [] : ['qop="auth,auth-int"']),
        ...(login.algorithm == null ? [] : [`algorithm=${login.algorithm}`]),
        `nonce="${nonce}"`,
        'opaque="a,b=c"',
        ...(isRight && !isFresh ? ["stale=true"] : []),
      ].join(", ");
    },
  };
}

function isAnswer(asked: { login: Login; said: ReadonlyMap<string, string>; method: string; uri: string }): boolean {
  const { login, said, method, uri } = asked;
  const field = (name: string): string => said.get(name) ?? "";
  const [name = "MD5"] = (login.algorithm ?? "MD5").split("-sess");
  const hash = (...parts: readonly string[]): string =>
    createHash(name.replace("-", "").toLowerCase()).update(parts.join(":")).digest("hex");
  const account = hash(login.user, REALM, login.password);
  const isSession = login.algorithm?.endsWith("-sess") === true;
  const first = isSession ? hash(account, field("nonce"), field("cnonce")) : account;
  const second = hash(method, uri);
  const response =
    login.hasQop === false
      ? hash(first, field("nonce"), second)
      : hash(first, field("nonce"), field("nc"), field("cnonce"), field("qop"), second);
  return (
    field("username") === login.user &&
    field("realm") === REALM &&
    field("uri") === uri &&
    field("opaque") === "a,b=c" &&
    (login.hasQop === false || field("qop") === "auth") &&
    field("response") === response
  );
}

function fieldsOf(authorization: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  if (!authorization.startsWith("Digest ")) return fields;
  for (const [, name = "", quoted, bare = ""] of authorization
    .slice(7)
    .matchAll(/(\w+)=(?:"((?:\\.|[^"\\])*)"|([^,\s]*))/g))
    fields.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, "$1") ?? bare);
  return fields;
}
