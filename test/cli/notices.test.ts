// `hedgerow notices test`, against a real mail server: what was accepted, and of the rest what is wrong and what to do.
import { afterEach, expect, test } from "vitest";
import { commandLine } from "../helpers/command-line.ts";
import { makeCertificates } from "../helpers/certificates.ts";
import { GATEWAY } from "../helpers/settings-folder.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openMailServer, openOddPort } from "../notices/smtp-server.ts";

afterEach(() => {
  process.exitCode = undefined;
});

const settings = (notices: string): string => `${GATEWAY}notices: ${notices}\n`;

test("each way says whether it took the message, and the exit code is that of the worst", async () => {
  await using directory = await tempDir();
  await using server = await openMailServer({ certificate: await makeCertificates(directory.path) });
  await using dead = await openOddPort((socket) => void socket.destroy());
  const email = `email: { host: 127.0.0.1, port: ${server.port}, security: none, from: kit@elm.example, to: [vera@elm.example] }`;
  {
    await using at = await commandLine({ gateway: settings(`{ ${email} }`) });
    expect(await at.call("notices", "test")).toBe("email 127.0.0.1: accepted");
    expect(process.exitCode).toBeUndefined();
    expect(server.taken[0]?.raw).toContain("Subject: Hedgerow: a test message");
  }
  const push = `push: [{ url: "http://127.0.0.1:${dead.port}/elm" }]`;
  await using at = await commandLine({ gateway: settings(`{ ${email}, ${push} }`) });
  const text = await at.call("notices", "test");
  expect(text).toContain(`ntfy 127.0.0.1:${dead.port}: The server cut the connection. Check the port`);
  expect(process.exitCode).toBe(1);
  expect(await at.json("notices", "test")).toMatchObject([{ failure: null }, { failure: { problem: "cut" } }]);
});

test("where no way is named the command says so", async () => {
  await using at = await commandLine();
  await expect(at.call("notices", "test")).rejects.toMatchObject({
    code: "USAGE",
    hint: expect.stringContaining("notices"),
  });
});
