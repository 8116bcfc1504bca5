#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fake_gateway.py ADDRESS LOG [KEY=VALUE]...: a gateway that does what it should
# not. What it is asked is a line of LOG each.
#
#   pmp=closed|silent|answer	NAT-PMP (closed)
#   address=A			outside address that it claims (9.9.1.1)
#   foreign=N			NAT-PMP: port it speaks of, for the one asked
#   pcp=silent|answer|bent	PCP, without NAT-PMP: a request of that is refused.
#				bent: all that is no answer to the request first
#   result=N			PCP: of each request
#   upnp=closed|drip|answer	drip: a byte a second (closed)
#   control=URL			where its description sends to
#   client=A:P			who has the port, as it says
#   error=N			UPnP: what AddPortMapping fails with
#   permanent=1			refuses leases

import re
import socket
import socketserver
import struct
import sys
import threading
import time

ME = sys.argv[1]
LOG = open(sys.argv[2], "w")
OPT = {"pmp": "closed", "address": "9.9.1.1", "upnp": "closed"}
OPT.update(arg.split("=", 1) for arg in sys.argv[3:])
SERVICE = "urn:schemas-upnp-org:service:WANIPConnection:1"
PORTS = {}


def say(*words):
    print(*words, file=LOG, flush=True)


def pmp(s):
    while True:
        data, who = s.recvfrom(100)
        if data[0]:
            say("pmp version", data[0])
            answer = struct.pack(">BBHI", 0, data[1] | 128, 1, 7)
        elif len(data) == 2:
            say("pmp address")
            answer = struct.pack(">BBHI4s", 0, 128, 0, 7,
                                 socket.inet_aton(OPT["address"]))
        else:
            _, op, _, inside, outside, lease = struct.unpack(">BBHHHI", data)
            say("pmp map", inside, outside, lease)
            answer = struct.pack(">BBHIHHI", 0, op + 128, 0, 7,
                                 int(OPT.get("foreign", inside)), outside,
                                 lease)
        if OPT["pmp"] == "answer":
            s.sendto(answer, who)


def pcp_answer(data, result):
    lease, = struct.unpack(">I", data[4:8])
    return (struct.pack(">BBBBII12x", 2, data[1] | 128, 0, result, lease, 7) +
            data[24:42] + (data[42:44] if lease else b"\0\0") +
            b"\0" * 10 + b"\xff\xff" + socket.inet_aton(OPT["address"]))


# What a client must pass over, RFC 6887 section 8.3 and 11.4
def bent(good):
    yield good[:3]
    yield good[:56]
    yield good + b"\0"
    yield good + b"\0" * 1044
    for at, bits in ((1, 128), (1, 3), (24, 1), (35, 1), (36, 1), (41, 1)):
        yield good[:at] + bytes([good[at] ^ bits]) + good[at + 1:]


def pcp(s):
    while True:
        data, who = s.recvfrom(1200)
        if data[0] != 2:
            say("pcp version", data[0])
            # Appendix A: in the form of NAT-PMP
            s.sendto(struct.pack(">BBHI", 0, data[1] | 128, 1, 7), who)
            continue
        opcode, lease, client, nonce, protocol, inside, outside, wanted = \
            struct.unpack(">xBxxI16s12sB3xHH16s", data)
        say("pcp map", opcode, lease, client.hex(), nonce.hex(), protocol,
            inside, outside, wanted.hex())
        good = pcp_answer(data, int(OPT.get("result", 0)))
        if OPT["pcp"] == "bent":
            for bad in bent(good):
                s.sendto(bad, who)
        if OPT["pcp"] != "silent":
            s.sendto(good, who)


def ssdp(s, port):
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.bind((ME, 0))
    while True:
        data, who = s.recvfrom(2000)
        target = re.search(rb"ST: *(\S+)", data, re.I)
        say("ssdp", target.group(1).decode() if target else "?")
        out.sendto(b"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\n"
                   b"ST: " + target.group(1) + b"\r\nUSN: uuid:0::"
                   + target.group(1) + b"\r\nEXT:\r\nSERVER: fake\r\n"
                   + f"LOCATION: http://{ME}:{port}/d.xml\r\n\r\n".encode(),
                   who)


DESCRIPTION = """<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major>
<minor>0</minor></specVersion><device>
<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType>
<deviceList><device>
<deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType>
<deviceList><device>
<deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:1</deviceType>
<serviceList><service><serviceType>{service}</serviceType>
<serviceId>urn:upnp-org:serviceId:WANIPConn1</serviceId>
<controlURL>{control}</controlURL><eventSubURL>/e</eventSubURL>
<SCPDURL>/s</SCPDURL></service></serviceList></device></deviceList>
</device></deviceList></device></root>"""


def envelope(body):
    return ('<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap'
            '.org/soap/envelope/"><s:Body>' + body + "</s:Body></s:Envelope>")


def reply(action, **members):
    return 200, envelope(f'<u:{action}Response xmlns:u="{SERVICE}">' + "".join(
        f"<{k}>{v}</{k}>" for k, v in members.items()
    ) + f"</u:{action}Response>")


def error(number):
    return 500, envelope(
        "<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError"
        '</faultstring><detail><UPnPError xmlns="urn:schemas-upnp-org:'
        f'control-1-0"><errorCode>{number}</errorCode><errorDescription>x'
        "</errorDescription></UPnPError></detail></s:Fault>")


def soap(action, body):
    def arg(name):
        found = re.search(f"<New{name}>([^<]*)<", body)
        return found.group(1) if found else ""

    port = arg("ExternalPort")
    say("upnp", action, port, arg("InternalClient"), arg("LeaseDuration"))
    if action == "GetExternalIPAddress":
        return reply(action, NewExternalIPAddress=OPT["address"])
    if action == "AddPortMapping":
        if "error" in OPT:
            return error(int(OPT["error"]))
        if OPT.get("permanent") and arg("LeaseDuration") != "0":
            return error(725)
        PORTS[port] = (arg("InternalClient"), arg("InternalPort"),
                       arg("PortMappingDescription"))
        return reply(action)
    if action == "GetSpecificPortMappingEntry":
        if port not in PORTS:
            return error(714)
        client, inside, text = PORTS[port]
        if "client" in OPT:
            client, inside = OPT["client"].split(":")
        return reply(action, NewInternalPort=inside, NewInternalClient=client,
                     NewEnabled=1, NewPortMappingDescription=text,
                     NewLeaseDuration=0)
    if action == "DeletePortMapping":
        return reply(action) if PORTS.pop(port, None) else error(714)
    if action == "GetStatusInfo":
        return reply(action, NewConnectionStatus="Connected",
                     NewLastConnectionError="ERROR_NONE", NewUptime=1)
    return error(401)


class Web(socketserver.BaseRequestHandler):
    def handle(self):
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.request.recv(4000)
            if not more:
                return
            data += more
        head, body = data.split(b"\r\n\r\n", 1)
        length = re.search(rb"Content-Length: *(\d+)", head, re.I)
        while length and len(body) < int(length.group(1)):
            body += self.request.recv(4000)
        action = re.search(rb'SOAPAction: *"[^#]*#(\w+)"', head, re.I)
        if action:
            status, text = soap(action.group(1).decode(), body.decode())
        else:
            say("http", head.split(b"\r\n")[0].decode())
            status, text = 200, DESCRIPTION.format(
                service=SERVICE, control=OPT.get("control", "/c"))
        out = (f"HTTP/1.1 {status} OK\r\nContent-Type: text/xml\r\n"
               f"Content-Length: {len(text)}\r\nConnection: close\r\n\r\n"
               + text).encode()
        if OPT["upnp"] == "drip":
            for i in range(len(out)):
                self.request.sendall(out[i:i + 1])
                time.sleep(1)
        self.request.sendall(out)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


def bound(address, port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, port))
    return s


def start(function, *args):
    threading.Thread(target=function, args=args, daemon=True).start()


if OPT["pmp"] != "closed":
    start(pmp, bound(ME, 5351))
if "pcp" in OPT:
    start(pcp, bound(ME, 5351))
if OPT["upnp"] != "closed":
    web = Server((ME, 0), Web)
    group = bound("239.255.255.250", 1900)
    group.setsockopt(
        socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
        socket.inet_aton("239.255.255.250") + socket.inet_aton(ME))
    start(web.serve_forever)
    start(ssdp, group, web.server_address[1])
say("ready")
threading.Event().wait()
