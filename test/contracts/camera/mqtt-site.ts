// A camera that publishes its pictures to the real broker, for the contract suite: as the message itself, and in JSON.
import { openMqttCamera } from "../../../src/camera/mqtt-camera.ts";
import { PictureInbox } from "../../../src/camera/picture-inbox.ts";
import { Board } from "../../../src/core/board.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { openBrokerHouse } from "../../helpers/broker-house.ts";
import { type CameraKind, type Illness, makeScene } from "./harness.ts";

const TOPIC = "cam/picture";
const ILLNESSES: readonly Illness[] = ["never answers", "sends a picture that is too large", "sends nothing and ends"];

export const mqttKinds: readonly CameraKind[] = [
  kindOf("mqtt", undefined, ILLNESSES, (picture) => picture),
  // What is no base64 of anything is no picture; a message that is the picture itself is judged by the redactor.
  kindOf("mqtt in JSON", "/image/data", [...ILLNESSES, "sends no picture but text"], (picture) =>
    Buffer.from(JSON.stringify({ seq: 7, image: { type: "image/jpeg", data: picture.toString("base64") } })),
  ),
];

function kindOf(
  name: string,
  at: string | undefined,
  illnesses: readonly Illness[],
  written: (picture: Buffer) => Buffer,
): CameraKind {
  return {
    name,
    lacks: null,
    sendsByItself: true,
    illnesses,
    async openSite() {
      await using stack = new AsyncDisposableStack();
      let inbox = new PictureInbox({ clock: systemClock, board: new Board() });
      const house = stack.use(
        await openBrokerHouse({
          authenticate: (id) => ({ kind: "camera", id }),
          limits: { picturePacketBytes: 2 * LIMITS.frameBytes },
          pictures: {
            hasAny: () => true,
            cameraOf: (_, topic) => (topic === TOPIC ? "cam" : null),
            take: (id, message) => inbox.take(id, message),
            drop: (why) => inbox.drop(why),
          },
        }),
      );
      const client = await house.client({ username: "cam" });
      const owned = stack.move();
      const send = (message: Buffer) => client.publishAsync(TOPIC, message, { qos: 1 });
      return {
        async open({ grabMs }) {
          inbox = new PictureInbox({ clock: systemClock, board: new Board() });
          return openMqttCamera({ id: "cam", at, inbox, clock: systemClock, grabMs });
        },
        show: async (picture) => void (await send(written(picture))),
        async fall(ill) {
          if (ill === "sends nothing and ends") await send(Buffer.alloc(0));
          if (ill === "sends no picture but text")
            await send(Buffer.from(`{"image":{"data":"<html>no picture</html>"}}`));
          if (ill !== "sends a picture that is too large") return;
          const { jpeg } = await makeScene(1);
          await send(written(Buffer.concat([jpeg, Buffer.alloc(LIMITS.frameBytes)])));
        },
        [Symbol.asyncDispose]: () => owned.disposeAsync(),
      };
    },
  };
}
