// A crowd that never logs in, as a process of its own. Arguments: port, address it comes from, how many are silent, how
// many drip a CONNECT byte by byte. Says "there" when all have been connected once; ends with its parent.
import { connect } from "node:net";
import { connectPacket } from "../../helpers/raw-mqtt.ts";

const [port, localAddress = "127.0.0.1", silent, slow] = process.argv.slice(2);
const drip = connectPacket({ clientId: "slow".repeat(64), username: "a", password: "wrong" });
const open = (isSlow: boolean) =>
  new Promise<void>((resolve) => {
    const socket = connect({ port: Number(port), host: "127.0.0.1", localAddress });
    let at = 0;
    const timer = isSlow ? setInterval(() => socket.write(drip.subarray(at, ++at)), 250) : undefined;
    socket.on("error", () => resolve());
    socket.on("connect", () => resolve());
    socket.on("close", () => clearInterval(timer));
  });
process.on("disconnect", () => process.exit());
const all = [
  ...Array.from({ length: Number(silent) }, () => open(false)),
  ...Array.from({ length: Number(slow) }, () => open(true)),
];
await Promise.all(all);
process.send?.("there");
