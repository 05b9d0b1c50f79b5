// What the API takes for coming in.
import { z } from "zod";

export const SetUpAsk = z.strictObject({ code: z.string().max(64), passphrase: z.string().max(4096) });
export const LogInAsk = z.strictObject({ user: z.string().max(256), passphrase: z.string().max(4096) });
