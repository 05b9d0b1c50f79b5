// Certificates of one test: an authority, a broker signed by it, and devices, made by openssl in the test's directory.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export type Certificates = {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** A certificate and its key for this common name; `self`: signed by nobody but itself. */
  issue(commonName: string, self?: "self"): Promise<{ readonly certFile: string; readonly keyFile: string }>;
};

export async function makeCertificates(directory: string): Promise<Certificates> {
  const at = (name: string) => join(directory, name);
  const ca = { certFile: at("ca.crt"), keyFile: at("ca.key") };
  const make = async (name: string, subject: string, ...more: string[]) => {
    const files = { certFile: at(`${name}.crt`), keyFile: at(`${name}.key`) };
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", files.keyFile];
    await run("openssl", [
      "req",
      "-x509",
      "-days",
      "2",
      ...key,
      "-out",
      files.certFile,
      "-subj",
      `/CN=${subject}`,
      ...more,
    ]);
    return files;
  };
  await make("ca", "Test Authority");
  const signed = ["-CA", ca.certFile, "-CAkey", ca.keyFile, "-addext", "basicConstraints=critical,CA:FALSE"];
  const broker = await make("broker", "localhost", ...signed, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1");
  return {
    caFile: ca.certFile,
    ...broker,
    issue: (commonName, self) =>
      make(`device-${commonName}${self ?? ""}`, commonName, ...(self === undefined ? signed : [])),
  };
}
