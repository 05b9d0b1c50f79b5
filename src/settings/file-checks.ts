// The files that settings name: secrets and certificates must be there before any port opens, models before a camera looks.
import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { GatewayError, messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { readSmallFile } from "../core/small-file.ts";
import type { Complaint } from "./issues.ts";
import type { GatewaySettings, Kit, Policy } from "./schema.ts";
import { readSecret } from "./secrets.ts";

type Named = {
  readonly file: string;
  readonly path: Complaint["path"];
  readonly kind: "secret" | "login" | "certificate";
};

/** Reads each file that gateway.yaml's sinks, the broker, the site's broker and the page name. Settings with absolute paths. */
export async function checkGatewayFiles(settings: GatewaySettings): Promise<Complaint[]> {
  const { platform, broker, status } = settings;
  const named = platform.flatMap((sink, index) => filesOf(sink, ["platform", index]));
  const complaints = await checkAll([
    ...named,
    ...filesOf(broker.external ?? {}, ["broker", "external"]),
    ...ownBrokerFiles(broker),
    ...filesOf(status.tls ?? {}, ["status", "tls"]),
  ]);
  // Each file for itself first; then whether they belong together.
  const pairs = [
    ...platform.map((sink, index) => ({ pair: sink, path: ["platform", index] })),
    { pair: broker.tls ?? {}, path: ["broker", "tls"] },
    { pair: status.tls ?? {}, path: ["status", "tls"] },
  ];
  for (const { pair, path } of pairs) {
    const isEachWell = complaints.every(
      (each) => each.severity === "warning" || path.some((step, at) => each.path[at] !== step),
    );
    if (isEachWell) complaints.push(...(await keyMisfit(pair, path)));
  }
  return [...complaints, ...(await checkNoticeFiles(settings))];
}

/** Warnings: a mail password that is lost must not keep sensors from being heard. */
async function checkNoticeFiles({ notices: { email, push } }: GatewaySettings): Promise<Complaint[]> {
  const complaints = await checkAll([
    ...filesOf(email ?? {}, ["notices", "email"]),
    ...push.flatMap((each, index) => filesOf(each, ["notices", "push", index])),
  ]);
  return complaints.map((each) => ({ ...each, severity: "warning" }));
}

function ownBrokerFiles({ tls }: GatewaySettings["broker"]): Named[] {
  if (tls === undefined) return [];
  const { certFile, keyFile, clientCaFile } = tls;
  return [
    { file: certFile, path: ["broker", "tls", "certFile"], kind: "certificate" },
    { file: keyFile, path: ["broker", "tls", "keyFile"], kind: "secret" },
    ...(clientCaFile === undefined
      ? []
      : [{ file: clientCaFile, path: ["broker", "tls", "clientCaFile"], kind: "certificate" as const }]),
  ];
}

async function keyMisfit(
  { certFile, keyFile }: { readonly certFile?: string | undefined; readonly keyFile?: string | undefined },
  path: Complaint["path"],
): Promise<Complaint[]> {
  if (certFile === undefined || keyFile === undefined) return [];
  const complain = (text: string): Complaint[] => [{ path: [...path, "keyFile"], at: "value", text }];
  const certificate = new X509Certificate(await readSecret(certFile));
  try {
    const key = createPrivateKey(await readSecret(keyFile));
    return certificate.checkPrivateKey(key)
      ? []
      : complain(`${keyFile} is not the key of the certificate in ${certFile}`);
  } catch (cause) {
    return complain(`${keyFile} holds no private key in PEM (${messageOf(cause)})`);
  }
}

const KINDS: Readonly<Record<string, Named["kind"]>> = {
  usernameFile: "secret",
  passwordFile: "secret",
  tokenFile: "secret",
  sharedSecretFile: "secret",
  proxyCredentialsFile: "login",
  caFile: "certificate",
  certFile: "certificate",
  keyFile: "secret",
};

/** The files that a section names by such a key. */
function filesOf(section: object, path: Complaint["path"]): Named[] {
  return Object.entries(section).flatMap(([key, file]) => {
    const kind = KINDS[key];
    return kind === undefined || typeof file !== "string" ? [] : [{ file, path: [...path, key], kind }];
  });
}

/** Reads each file that the kit's cameras name. Kit with absolute paths. */
export async function checkKitFiles({ cameras }: Kit): Promise<Complaint[]> {
  const named = cameras.flatMap(({ source }, index): Named[] => {
    if (!("url" in source)) return [];
    const { credentialsFile, caFile } = source;
    return [
      ...(credentialsFile === undefined
        ? []
        : [{ file: credentialsFile, path: ["cameras", index, "source", "credentialsFile"], kind: "login" as const }]),
      ...(caFile === undefined
        ? []
        : [{ file: caFile, path: ["cameras", index, "source", "caFile"], kind: "certificate" as const }]),
    ];
  });
  return checkAll(named);
}

/**
 * Reads each model that the policy's cameras name. A model that is not what was agreed stops its camera, not the house: warnings.
 * Policy with absolute paths.
 */
export async function checkPolicyFiles({ cameras }: Policy): Promise<Complaint[]> {
  const named = Object.entries(cameras).flatMap(([id, { redact }]) =>
    (["model", "personModel"] as const).flatMap((key) => {
      const model = redact[key];
      return model === undefined ? [] : [{ model, path: ["cameras", id, "redact", key] }];
    }),
  );
  const complaints: Complaint[] = [];
  for (const { model, path } of named) {
    const wrong = await modelIll(model);
    if (wrong === null) continue;
    const text = `${wrong.text}; until then this camera gives no picture`;
    complaints.push({ path: [...path, wrong.key], at: "value", severity: "warning", text });
  }
  return complaints;
}

async function modelIll(of: {
  file: string;
  sha256: string;
}): Promise<{ key: "file" | "sha256"; text: string } | null> {
  const { file, sha256 } = of;
  const read = await readSmallFile(file, { bytesMax: LIMITS.modelBytes });
  if (read.kind === "absent") return { key: "file", text: `there is no model ${file}; put it there, or name another` };
  if (read.kind === "unreadable")
    return { key: "file", text: `the model ${file} cannot be read: ${read.why}; put that right` };
  const found = createHash("sha256").update(read.bytes).digest("hex");
  if (found !== sha256)
    return {
      key: "sha256",
      text: `the model ${file} has the SHA-256 ${found}; write that if the file is the one you chose, or bring that one back`,
    };
  const card = await readSmallFile(`${file}.json`, { bytesMax: LIMITS.modelBytes });
  if (card.kind === "bytes") return null;
  return {
    key: "file",
    text: `beside the model there is no ${file}.json that says how it is used; write one (README, Your own model)`,
  };
}

async function checkAll(named: readonly Named[]): Promise<Complaint[]> {
  const complaints: Complaint[] = [];
  for (const each of named) {
    const what = await whatIsWrong(each);
    if (what !== null) complaints.push({ path: each.path, at: "value", ...what });
  }
  return complaints;
}

async function whatIsWrong({ file, kind }: Named): Promise<Pick<Complaint, "text" | "severity"> | null> {
  try {
    const text = await readSecret(file);
    if (kind === "certificate") return certificateIll(file, text);
    if (kind === "login" && !text.includes(":")) return { text: `${file} must hold one line user:password` };
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
    return { text: `${thrown.message}; ${thrown.hint}` };
  }
  const remedy = await closingRemedy(file);
  if (remedy === null) return null;
  return { severity: "warning", text: `${file} may be read by every user of this machine; ${remedy}` };
}

/**
 * How a file is closed to others without closing it to this user, whom the gateway runs as; null when it is closed: by
 * itself or, as in /etc/hedgerow/secrets, by its folder, which others may not enter.
 */
async function closingRemedy(file: string): Promise<string | null> {
  const { mode, uid, gid } = await stat(file);
  if ((mode & 0o007) === 0) return null;
  const folder = await stat(dirname(await realpath(file)));
  if ((folder.mode & 0o001) === 0) return null;
  if (uid === process.getuid?.()) return "run chmod 600 on it";
  const isOfOurGroup = gid === process.getegid?.() || process.getgroups?.().includes(gid) === true;
  return isOfOurGroup ? "run chmod 640 on it" : "give it to the gateway's group (chgrp), then run chmod 640 on it";
}

function certificateIll(file: string, pem: string): Pick<Complaint, "text"> | null {
  try {
    return new X509Certificate(pem).raw.length > 0 ? null : { text: `${file} holds no certificate` };
  } catch (cause) {
    return {
      text: `${file} holds no certificate in PEM (${messageOf(cause)}); it begins with -----BEGIN CERTIFICATE-----`,
    };
  }
}
