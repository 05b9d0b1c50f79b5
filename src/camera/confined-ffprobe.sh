#!/bin/sh
# ffprobe with the limits of core/child-process.ts, for node-ffmpeg, which starts a program by its path and sets none: no core
# file, bounded memory, the end of its parent is its own, and of ffmpeg's protocols the one that leads to our relay, of its
# decoders those of rtsp-decoder.ts.
ulimit -c 0 || :
ulimit -d "$HEDGEROW_MEMORY_KIB" || :
set -- -protocol_whitelist tcp -codec_whitelist h264,hevc,mjpeg,mpeg4 -rtsp_transport tcp -analyzeduration 2000000 "$@"
if setpriv --pdeathsig KILL true 2>/dev/null; then exec setpriv --pdeathsig KILL ffprobe "$@"; fi
exec ffprobe "$@"
