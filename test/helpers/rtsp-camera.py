# A camera made of GStreamer's own RTSP server, for tests: H.264 or H.265 of a ball that moves, with sound, login and TLS as asked.
# Reads one line of JSON, so that no password of a test is on a command line; prints its port, then a line for each request.
# Ends with its standard input.
import json
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer

Gst.init(None)
asked = json.loads(sys.stdin.readline())
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")

encoder = {
    "h264": "x264enc tune=zerolatency key-int-max=10 ! rtph264pay name=pay0 pt=96 config-interval=1",
    "h265": "x265enc tune=zerolatency key-int-max=10 ! rtph265pay name=pay0 pt=96 config-interval=1",
}[asked.get("codec", "h264")]
video = (
    "videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=640,height=480,framerate=10/1 ! "
    + encoder
)
sound = " audiotestsrc is-live=true ! alawenc ! rtppcmapay name=pay1 pt=8"
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch("( %s %s )" % (video, sound if asked.get("sound") else ""))
factory.set_shared(True)

if "login" in asked or "certificate" in asked:
    auth = GstRtspServer.RTSPAuth()
    if "certificate" in asked:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_files(asked["certificate"], asked["key"]))
    if "login" in asked:
        user, password = asked["login"]
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "viewer")
        if asked["scheme"] == "digest":
            auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
            auth.add_digest(user, password, token)
        else:
            auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("viewer", "media.factory.access", True)
        permissions.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(permissions)
    else:
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "anybody")
        auth.set_default_token(token)
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("anybody", "media.factory.access", True)
        permissions.add_permission_for_role("anybody", "media.factory.construct", True)
        factory.set_permissions(permissions)
    server.set_auth(auth)

server.get_mount_points().add_factory("/stream1", factory)


def connected(_, client):
    def note(_, context, method):
        print(method, context.uri.get_request_uri() if context.uri else "*", flush=True)

    for method in ["options", "describe", "setup", "play", "teardown"]:
        client.connect("%s-request" % method, note, method.upper())


server.connect("client-connected", connected)
server.attach(None)
print(server.get_bound_port(), flush=True)
loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, lambda *_: loop.quit())
loop.run()
