// What `hedgerow check` says of the section `notices`: nothing private in the open, no login in an address, files that are there.
import { expect, test } from "vitest";
import { GATEWAY, said } from "../helpers/settings-folder.ts";

const ask = (notices: string, others: Readonly<Record<string, string>> = {}) =>
  said({ gateway: `${GATEWAY}notices: ${notices}\n`, others });

const EMAIL = "host: mail.example, from: kit@elm.example, to: [vera@elm.example]";
const FILES = { user: "kit@elm.example", word: "made-up word", token: "tk_made_up" };

test("both ways are taken as they are meant", async () => {
  const { mistakes, warnings } = await ask(
    `{ email: { ${EMAIL}, usernameFile: user, passwordFile: word }, push: [{ url: "https://push.example/elm", tokenFile: token }], language: fr }`,
    FILES,
  );
  expect({ mistakes, warnings }).toEqual({ mistakes: [], warnings: [] });
});

test.each([
  [
    "a server of the internet without TLS",
    `{ email: { ${EMAIL}, security: none } }`,
    /mail\.example is not on this machine/,
  ],
  [
    "a host that is none",
    `{ email: { ${EMAIL.replace("mail.example", '"mail.example/x"')} } }`,
    /is no name or address/,
  ],
  [
    "an authority for a server without TLS",
    `{ email: { ${EMAIL.replace("mail.example", "mail.lan")}, security: none, caFile: token } }`,
    /security is none/,
  ],
  ["a password without a name", `{ email: { ${EMAIL}, passwordFile: word } }`, /needs a user name/],
  ["a name without a password", `{ email: { ${EMAIL}, usernameFile: user } }`, /needs a password/],
  ["a login in an address", '{ push: [{ url: "https://ada:word@push.example/elm" }] }', /holds a password.*tokenFile/],
  ["plain http over the internet", '{ push: [{ url: "http://push.example/elm" }] }', /not on this machine.*https/],
  ["an authority for plain http", '{ push: [{ url: "http://10.0.0.2/elm", caFile: token }] }', /address is plain http/],
  ["a language nobody wrote", "{ language: tlh }", /no words in tlh; choose one of ar, de/],
])("%s is a mistake", async (_, notices, line) => {
  const { mistakes } = await ask(notices, FILES);
  expect(mistakes).toEqual([expect.stringMatching(line)]);
});

test.each([
  [
    "a password in the open in the site's network",
    `{ email: { ${EMAIL.replace("mail.example", "10.0.0.2")}, security: none, usernameFile: user, passwordFile: word } }`,
    /in the open/,
  ],
  ["a port that fits the other way", `{ email: { ${EMAIL}, port: 465 } }`, /security: tls/],
  [
    "a file that is not there",
    '{ push: [{ url: "https://push.example/elm", tokenFile: lost }] }',
    /there is no such file/,
  ],
])("%s is told, and the house starts", async (_, notices, line) => {
  const { mistakes, warnings } = await ask(notices, FILES);
  expect({ mistakes, warnings }).toEqual({ mistakes: [], warnings: [expect.stringMatching(line)] });
});
