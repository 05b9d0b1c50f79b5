// Bounds of the cameras alone, each with the reason for its size (I7). Those shared with other rooms are in core/limits.ts.

export const CAMERA_LIMITS = {
  /** Pictures of one camera that its page shows: what fits on a phone's screen or two. */
  picturesShown: 12,
  /** Answers are waited for so long: cameras answer within half a second by their standard, slow ones within two or three. */
  findMs: 4000,
  /** Networks of this machine that are asked: a cable, a Wi-Fi, and some of containers. */
  findInterfaces: 8,
  /** Answers that are looked at, the same camera's to each question too; a house has tens, a flood has no end. */
  findAnswers: 512,
  /** One answer: real ones have 1 to 3 kB. */
  findAnswerBytes: 16 * 1024,
  /** Cameras shown, more than a street has. */
  foundCameras: 64,
  /** A name or a model as a camera says it. */
  foundNameChars: 60,
  /** Video devices that are looked at: a Pi has twenty of its own beside the cameras'. */
  pluggedNodes: 64,
  /** Bytes after a JPEG's end that still belong to its part: cameras fill up to a sector or a page. */
  jpegPaddingBytes: 4096,
  /** Body of one RTSP message: a stream's description (SDP) has under 2 kB, with HEVC's parameter sets 4 kB. */
  sdpBytes: 64 * 1024,
  /** RTSP requests of our decoder that wait for their answer: it sends one, and a keep-alive beside it. */
  rtspAsksWaiting: 8,
  /** Requests of a camera between two of its answers to ours, which are asked for every 30 s: real ones ask one or none. */
  rtspCameraAsks: 32,
  /** What a frame is taken for of a camera that gave none last time: twenty dead ones leave room for ten living. */
  frameSilentBytes: 256 * 1024,
  /** Our own decoder has come to the relay by then: it starts in 0.1 s here, and a Pi is ten times slower when busy. */
  decoderComesMs: 5000,
  /** The camera is told that we go (RTSP TEARDOWN) and may read it within this; then the socket is cut. */
  rtspFarewellMs: 300,
  /** A kept stream from its start to its first key frame; cameras that save bandwidth send one in 10 s. */
  warmFirstFrameMs: 30_000,
  /** A kept stream without a key frame for this long is started again. */
  warmSilentMs: 60_000,
  /** A kept stream that ended is started again after 1 s at least and, with jitter, a minute at most. */
  warmRetryMinMs: 1000,
  warmRetryMaxMs: 60_000,
  /** The same, where the camera did not take the password: some lock an account for half an hour after five to seven wrong ones. */
  warmLoginRetryMs: 10 * 60_000,
  /** Describing a stream, for a person who waits: ffprobe looks at up to 5 s of it. */
  describeMs: 15_000,
  /** What ffprobe says of a stream, and ffmpeg of itself: 30 kB are the most. */
  describeBytes: 256 * 1024,
  /** From the end of the connection to ffprobe's answer, which it prints after it has said goodbye to the camera. */
  describeGraceMs: 2000,

  /** Pictures that cameras sent by themselves and nobody has grabbed yet, all cameras together: two of the largest, or forty usual ones. */
  inboxBytes: 32 * 1024 * 1024,
  /** A key on the way to a picture in a JSON message; longer ones are another's. */
  jsonKeyBytes: 256,
  /** Bytes and members passed on that way, texts as one: a message of a camera has a hundred, and this many take 50 ms. */
  jsonSteps: 500_000,

  /** Threads for files and names. Each folder or file on a server that is gone holds one for good; with Node's four, four such cameras would stop the house. */
  diskThreads: 32,
  /** A folder is looked through after this much quiet in it: a file comes in many pieces. */
  folderSettleMs: 150,
  /** It is looked through this often in any case: NFS tells nobody what changed, and a picture is news for cameraFrameFreshMs only. */
  folderScanMs: 2000,
  /** A file that has no end of a picture and has not grown for this long is taken for what it is; below cameraFrameFreshMs. */
  folderQuietMs: 3000,
  /** A file with a name of one that is still written, or an empty one, is erased after this: its writer is gone. */
  folderUnfinishedMs: 10 * 60_000,
  /** Folders that cameras make by date: levels (serial number/date/hour/...), and how many are looked into at once. */
  folderDepth: 8,
  folderDirectories: 256,
  /** Files of one folder seen in one look; the rest come with the next. */
  folderFiles: 5000,
  /** An empty sub-folder nothing came into for this long is removed; a camera that has just made one will use it. */
  folderEmptyMs: 60 * 60_000,
  /** A look through a folder that does not end, as on a server that is gone, is left after this when the camera is closed. */
  folderCloseMs: 2000,
  /** Files erased in one look: each takes 10 ms or so on a card, and the newest picture must not wait for a thousand old ones. */
  folderErasures: 50,
  /** Bytes written at once when a file is overwritten with zeros. */
  folderZeroBytes: 1024 * 1024,
  /** Pictures of a USB camera that are passed over: its exposure settles in five to ten; at 5 a second (large and unpacked) it takes 1.6 s. */
  exposureFrames: 8,
  /** A Raspberry Pi's camera looks for so long before its picture, for exposure and white balance; within grabMs. */
  exposureMs: 1000,
  /** A program that was killed is reaped within this; one that hangs in a driver is waited for no longer. */
  programGoneMs: 1000,
} as const;
