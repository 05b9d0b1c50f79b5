// Messages by e-mail, against a real mail server on loopback: encrypted or not at all, plain text with the right headers, and of
// each thing that goes wrong which one it was.
import { afterAll, beforeAll, expect, test } from "vitest";
import { emailWay } from "../../src/notices/mail.ts";
import type { Handed, Message } from "../../src/notices/way.ts";
import { readSecret } from "../../src/settings/secrets.ts";
import { SCHEMAS } from "../../src/settings/schema.ts";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Certificates, makeCertificates } from "../helpers/certificates.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openMailServer, openOddPort } from "./smtp-server.ts";

let directory: Awaited<ReturnType<typeof tempDir>>;
let certificate: Certificates;
beforeAll(async () => {
  directory = await tempDir();
  certificate = await makeCertificates(directory.path);
  for (const [name, text] of Object.entries({ user: "kit@elm.example", word: "made-up word", wrong: "another word" }))
    await writeFile(join(directory.path, name), text, { mode: 0o600 });
});
afterAll(() => directory[Symbol.asyncDispose]());

const never = new AbortController().signal;
const LIMITS = { attemptMs: 5000, connectMs: 3000 };
const login = { user: "kit@elm.example", password: "made-up word" };
const MESSAGE: Message = {
  id: "notice_made-up",
  atMs: Date.UTC(2026, 10, 21, 12),
  what: "needs-a-hand",
  troubles: [],
  subject: "Hedgerow: потрібна допомога",
  text: "Один датчик мовчить.\n.\nNext step.\n",
  page: null,
};

type More = Readonly<Record<string, unknown>>;

function send(port: number, more: More = {}, { limits = LIMITS, stop = never } = {}): Promise<Handed> {
  const { email } = SCHEMAS.gateway.parse({
    gateway: { id: "elm-street" },
    notices: {
      email: {
        host: "127.0.0.1",
        port,
        from: "kit@elm.example",
        to: ["vera@elm.example"],
        caFile: certificate.caFile,
        ...more,
      },
    },
  }).notices;
  if (email === undefined) throw new Error("no e-mail");
  return emailWay({ settings: email, readSecret, limits }).send(MESSAGE, stop);
}

const inFile = (name: string) => join(directory.path, name);
const withLogin = (word = "word") => ({ usernameFile: inFile("user"), passwordFile: inFile(word) });

test("a message goes out encrypted, as plain text in UTF-8, and names no machine of the house", async () => {
  await using server = await openMailServer({ certificate, login });
  expect(await send(server.port, withLogin())).toEqual({ isSent: true, failure: null });
  const [taken] = server.taken;
  expect(taken).toMatchObject({ isEncrypted: true, user: login.user, to: ["vera@elm.example"], hello: "[127.0.0.1]" });
  const [head = "", body = ""] = taken?.raw.split("\r\n\r\n") ?? [];
  expect(head).toContain("Auto-Submitted: auto-generated");
  expect(head).toContain("Date: Sat, 21 Nov 2026 12:00:00 +0000");
  expect(head).toContain("Message-ID: <notice_made-up@elm.example>");
  expect(head).toContain("Content-Type: text/plain; charset=utf-8");
  expect(head).not.toMatch(/x-mailer|nodemailer|html/i);
  expect(head).toMatch(/Subject: =\?UTF-8\?/);
  const decoded = Buffer.from(
    body
      .replaceAll("=\r\n", "")
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  ).toString("utf8");
  expect(decoded).toBe("Один датчик мовчить.\r\n.\r\nNext step.\r\n");
});

test("TLS from the first byte, and none within the site's network, where the settings say so", async () => {
  await using tls = await openMailServer({ certificate, isSecure: true });
  await using open = await openMailServer({ certificate });
  expect(await send(tls.port, { security: "tls" })).toEqual({ isSent: true, failure: null });
  expect(await send(open.port, { security: "none" })).toEqual({ isSent: true, failure: null });
  expect([tls.taken[0]?.isEncrypted, open.taken[0]?.isEncrypted]).toEqual([true, false]);
});

test("a server that hides STARTTLS gets neither the password nor a word", async () => {
  await using server = await openMailServer({ certificate, login, hidesStartTls: true });
  expect(await send(server.port, withLogin())).toMatchObject({ isSent: false, failure: { problem: "no-tls" } });
  expect(server.taken).toEqual([]);
});

test("a certificate that nobody vouches for ends it", async () => {
  const stranger = await certificate.issue("mail.example", "self");
  await using server = await openMailServer({ certificate: stranger, login });
  expect(await send(server.port, withLogin())).toMatchObject({ isSent: false, failure: { problem: "certificate" } });
  await using tls = await openMailServer({ certificate: stranger, isSecure: true });
  expect(await send(tls.port, { security: "tls" })).toMatchObject({
    isSent: false,
    failure: { problem: "certificate" },
  });
});

test("each thing that goes wrong is called by its name, with what the server said", async () => {
  const refuse = { "gone@elm.example": [550, "5.1.1 no such mailbox"] } as const;
  await using server = await openMailServer({ certificate, login, refuse });
  const wrong = await send(server.port, withLogin("wrong"));
  expect(wrong.failure).toEqual({ problem: "wrong-password", said: expect.stringContaining("5.7.8 wrong user name") });
  expect((await send(server.port)).failure?.problem).toBe("password-wanted");
  const gone = await send(server.port, { ...withLogin(), to: ["gone@elm.example"] });
  expect(gone).toMatchObject({
    isSent: false,
    failure: { problem: "not-accepted", said: expect.stringContaining("5.1.1") },
  });
  const some = await send(server.port, { ...withLogin(), to: ["vera@elm.example", "gone@elm.example"] });
  expect(some).toMatchObject({ isSent: true, failure: { problem: "not-accepted" } });
  expect(
    (await send(server.port, { usernameFile: inFile("lost"), passwordFile: inFile("word") })).failure?.problem,
  ).toBe("secret");
});

test("greylisting is a matter of waiting", async () => {
  await using server = await openMailServer({ certificate, greylisted: 1 });
  expect(await send(server.port)).toMatchObject({ isSent: false, failure: { problem: "not-now" } });
  expect(await send(server.port)).toEqual({ isSent: true, failure: null });
});

test("a server that hangs, floods, hangs up, is not there or speaks no mail ends within its bound", async () => {
  const problemAt = async (port: number, more: More = {}): Promise<string | undefined> =>
    (await send(port, more, { limits: { attemptMs: 400, connectMs: 200 } })).failure?.problem;
  await using silent = await openOddPort(() => undefined);
  expect(await problemAt(silent.port)).toBe("timeout");
  await using greeting = await openOddPort((socket) => void socket.write("220 mail.example\r\n"));
  expect(await problemAt(greeting.port)).toBe("timeout");
  await using flood = await openOddPort((socket) => void socket.write(`220-${"x".repeat(200_000)}`));
  expect(await problemAt(flood.port)).toBe("not-a-server");
  await using cut = await openOddPort((socket) => void socket.end());
  expect(await problemAt(cut.port)).toBe("cut");
  await using half = await openOddPort((socket) => {
    socket.write("220 mail.example\r\n");
    socket.on("data", () => socket.destroy());
  });
  expect(await problemAt(half.port)).toBe("cut");
  await using web = await openOddPort((socket) => void socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
  expect(await problemAt(web.port)).toBe("not-a-server");
  await using plain = await openMailServer({ certificate });
  expect(await problemAt(plain.port, { security: "tls" })).toBe("no-tls");
  const closed = silent.port;
  await silent[Symbol.asyncDispose]();
  expect(await problemAt(closed)).toBe("no-route");
  expect(await problemAt(25, { host: "mail.invalid" })).toBe("no-name");
});

test("a stop ends a message that is under way", async () => {
  const stop = new AbortController();
  await using silent = await openOddPort(() => stop.abort());
  expect(await send(silent.port, {}, { stop: stop.signal })).toMatchObject({
    isSent: false,
    failure: { problem: "cut" },
  });
});
