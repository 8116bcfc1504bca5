#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A peer6d that knows its answers by heart, for the tests of its clients.

usage: fake_peer6d.py [--hang] [--no-greeting] [--interface N] [--bytes]
                      [--log FILE] SOCKET

Says "ready" on standard output once it listens. --hang: answers nothing.
--interface N: says that its interfaces are of version N. --bytes: sends
each reply one byte at a time. --log: one JSON line for each call.

0.alice has one owner, 0.many two (and one of them two instances), 0.link a
link-local address, 0.big 40 addresses, 0.payload a payload only, 0.strange
what no host address can be. 0.hang gets no answer, 0.close a closed
connection, 0.garbage no JSON, 0.reply an answer that is none. 0.e-REASON fails
with REASON. All else is not found.
"""

import argparse
import hashlib
import json
import os
import socket
import sys
import threading
import time

CLASS = {
    'no-access': 'PermissionDenied',
    'bad-name': 'BadValue', 'bad-authority': 'BadValue',
    'bad-classifier': 'BadValue', 'bad-host-name': 'BadValue',
    'not-convertible': 'BadValue', 'invalid-argument': 'BadValue',
    'bad-friendly-name': 'BadValue', 'strong-profile': 'BadValue',
    'not-found': 'NotFound', 'no-cloud': 'NotFound',
    'timeout': 'Timeout', 'no-address': 'NotConnected',
    'exists': 'Exists', 'in-use': 'Exists',
    'wrong-password': 'NotTrusted', 'bad-certificate': 'NotTrusted',
}
KEY = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334'
KEY2 = 'b1b2c3d4e5f60718293a4b5c6d7e8f9001122334'
ID = '11' * 16 + '20010db800000000' + '00' * 7
EPOCH = '2026-01-02T03:04:05Z'

ARGS = None
LOG = threading.Lock()


class Fault(Exception):
    def __init__(self, reason, message=None, why=None, do='peer6 pnrp --help'):
        self.reason = reason
        self.parameters = {
            'reason': reason,
            'message': message or f'the daemon says {reason}',
            'why': why or f'The measured fact of {reason}.', 'do': do}
        if reason == 'no-access':
            self.parameters['group'] = 'peer6'


class Close(Exception):
    pass


def endpoint(n, scope=None):
    e = {'address': f'2001:db8::{n:x}', 'port': 3540}
    if scope:
        e.update(address=f'fe80::{n:x}', scope_id=scope)
    return e


def cloud(name, scope, state, **more):
    c = {'name': name, 'scope': scope,
         'scope_number': 1 if scope == 'global' else 3, 'scope_id': 0,
         'addresses': ['2001:db8::1'], 'port': 3540, 'state': state,
         'mode': 'default', 'name_local': scope != 'global', 'cached': 41,
         'registered': 2}
    c.update(more)
    return c


CLOUDS = [
    cloud('Global_', 'global', 'active', cloud_ids=120.0, cloud_nodes=60.0),
    cloud('LinkLocal_ff00::%2/8', 'link_local', 'alone', scope_id=2,
          interface='eth0', addresses=['fe80::1'], cached=0, registered=1),
]


def clouds_of(p):
    names = [p['cloud']] if 'cloud' in p else p.get('clouds') or []
    out = []
    for name in names:
        hit = [c for c in CLOUDS if c['name'].startswith(name)]
        if len(hit) != 1:
            raise Fault('no-cloud', f'no cloud "{name}"',
                        'The clouds are Global_ and LinkLocal_ff00::%2/8.',
                        'peer6 pnrp cloud show list')
        out += hit
    return out or CLOUDS


def convert(name):
    """A peer name, from what the tests give; the daemon proper does it all."""
    if name.startswith('0.e-'):
        raise Fault(name[4:])
    if name.endswith('.pnrp.net') or name.endswith('.pnrp.net.'):
        labels = name.rstrip('.').split('.')[:-2]
        if len(labels) == 1:
            if labels[0].startswith('e-'):
                raise Fault(labels[0][2:])
            return '0.' + labels[0].lower()
        if len(labels) == 2 and labels[1].startswith('p'):
            tail = labels[0][1:-2] if labels[0].endswith('-p') else ''
            return labels[1][1:] + '.' + tail
        raise Fault('bad-host-name', f'"{name}" is no name under pnrp.net',
                    'It has more labels than CLASSIFIER.AUTHORITY.')
    authority, dot, classifier = name.partition('.')
    if not dot and len(authority) != 40:
        raise Fault('bad-name', f'"{name}" is no peer name',
                    'A peer name is AUTHORITY.CLASSIFIER.')
    if authority != '0' and (len(authority) != 40 or
                             set(authority) - set('0123456789abcdef')):
        raise Fault('bad-authority', f'"{name}" is no peer name',
                    f'Its authority has {len(authority)} characters.')
    if len(classifier.encode('utf-16-le')) > 298:
        raise Fault('bad-classifier', 'the classifier is too long',
                    f'It has {len(classifier)} UTF-16 units of 149.')
    return authority + '.' + classifier


def host_names(name):
    authority, _, classifier = name.partition('.')
    if len(classifier) > 60:
        return {}
    out = {'long_host_name': f'p{classifier}-p.p{authority}.pnrp.net'}
    if authority == '0' and classifier.islower():
        out['host_name'] = classifier + '.pnrp.net'
    return out


def result(name, n=10, **more):
    r = {'cloud': 'Global_', 'name': name, 'id': ID + f'{n:02x}',
         'secure': not name.startswith('0.'), 'owner': KEY,
         'delegated': False, 'local': False,
         'applications': [{'address': f'2001:db8::{n:x}', 'port': 22,
                           'protocol': 6}],
         'nodes': [endpoint(n)], 'not_after': EPOCH, 'hops': 3, 'took': 0.25}
    r.update(more)
    return r


def results(name):
    def app(address, port=22, **more):
        return dict({'address': address, 'port': port, 'protocol': 6}, **more)

    if name in ('0.alice', KEY + '.alice', KEY + '.'):
        return [result(name, comment='her laptop', payload_string='hello')]
    if name == '0.many':
        return [result(name, 10), result(name, 11),
                result(name, 12, owner=KEY2)]
    if name == '0.link':
        return [result(name, cloud='LinkLocal_ff00::%2/8', applications=[
            app('fe80::a', scope_id=1), app('2001:db8::a', scope_id=7)])]
    if name == '0.only-link':
        return [result(name, applications=[app('fe80::a', scope_id=1)])]
    if name == '0.big':
        return [result(name, applications=[
            app(f'2001:db8::{n:x}') for n in range(1, 61)])]
    if name == '0.ports':
        return [result(name, applications=[
            app('2001:db8::a', 22), app('2001:db8::a', 80)])]
    if name == '0.here':
        return [result(name, applications=[app('::1', 22)])]
    if name == '0.evil':
        return [result(name, comment='\x1b[2J\x9bred\x7f', payload_string='a\nb')]
    if name == '0.payload':
        return [result(name, applications=[], payload_binary='3q2+7w==')]
    if name == '0.strange':
        return [result(name, applications=[
            app('::'), app('ff02::1'), app('192.0.2.1'), app('x'), 7, {}])]
    raise Fault('not-found', f'nobody publishes {name}',
                'Global_: 4 nodes asked in 0.9 s.', 'peer6 pnrp cloud show list')


def step(n, verdict, bits):
    return {'cloud': 'Global_', 'endpoint': endpoint(n), 'id': ID + f'{n:02x}',
            'bits': bits, 'took': n / 100, 'verdict': verdict}


class State:
    def __init__(self):
        self.lock = threading.Lock()
        self.registrations = []
        self.identities = []
        self.handle = 0
        self.machine = {'name': '0.box', 'published': False,
                        'auto_publish': False}

    def register(self, p):
        name = convert(p['name'])
        # Windows' way: the same name again replaces.
        out = []
        for c in clouds_of(p):
            self.handle += 1
            self.registrations = [
                r for r in self.registrations
                if (r['name'], r['cloud']) != (name, c['name'])]
            asked = p.get('applications', [{'port': 0, 'protocol': 6}])
            r = {'handle': self.handle, 'cloud': c['name'], 'name': name,
                 'secure': not name.startswith('0.'), 'uid': os.getuid(),
                 'transient': p.get('transient', False), 'requested': asked,
                 'applications': [
                     dict({'address': '2001:db8::1'}, **a) for a in asked],
                 'registered_at': EPOCH}
            if c['state'] == 'active':
                r['id'] = ID + '0a'
            else:
                r['reason'] = 'no-address'
            if r['secure']:
                r['identity'] = name
            for key in ('comment', 'payload_string', 'payload_binary'):
                if key in p:
                    r[key] = p[key]
            host = host_names(name)
            if host:
                r['host_name'] = host.get('host_name',
                                          host['long_host_name'])
            self.registrations.append(r)
            out.append(r)
        return {'registrations': out}

    def pick(self, p):
        names = [c['name'] for c in clouds_of(p)]
        name = convert(p['name']) if 'name' in p else None
        return [r for r in self.registrations
                if r['cloud'] in names and
                (name is None or r['name'] == name) and
                p.get('handle') in (None, r['handle'])]

    def unregister(self, p):
        gone = self.pick(p)
        if not gone:
            raise Fault('not-found', 'nothing of that name is published here',
                        'You have published '
                        f'{len(self.registrations)} names.',
                        'peer6 pnrp peer show registration')
        self.registrations = [r for r in self.registrations if r not in gone]
        return {'registrations': gone}

    def identity(self, key=None):
        for i in self.identities:
            if key is None and i['is_default'] or key is not None and \
                    key in (i['name'], i['authority'], i['friendly_name']):
                return i
        raise Fault('not-found',
                    f'no identity "{key}"' if key else 'you have no identity',
                    f'You have {len(self.identities)} identities.',
                    'peer6 id list')

    def create(self, p):
        classifier = p.get('classifier', '')
        if len(classifier) > 149:
            raise Fault('bad-classifier')
        authority = hashlib.sha1(
            str(len(self.identities)).encode()).hexdigest()
        name = f'{authority}.{classifier}'
        profile = p.get('profile', 'compatible')
        i = {'name': name, 'authority': authority, 'classifier': classifier,
             'friendly_name': p.get('friendly_name') or name,
             'profile': profile,
             'key_bits': 1024 if profile == 'compatible' else 3072,
             'is_default': p.get('make_default', False) or
             not self.identities,
             'created_at': EPOCH, 'registrations': 0,
             'host_name': host_names(name).get('long_host_name', '')}
        if i['is_default']:
            for other in self.identities:
                other['is_default'] = False
        self.identities.append(i)
        return {'identity': i}


STATE = State()


def pnrp(method, p, more, send):
    if method == 'ListClouds':
        return {'clouds': clouds_of(p)}
    if method == 'ListRegistrations':
        return {'registrations': STATE.pick(p)}
    if method == 'GetStatistics':
        return {'statistics': [{
            'cloud': c['name'], 'state': c['state'], 'cached': c['cached'],
            'leaves': 10, 'levels': 2, 'registered': c['registered'],
            'resolving': 0, 'pending': 1, 'conversations': 0,
            'reassemblies': 0, 'sent': {'LOOKUP': 5, 'ACK': 2},
            'received': {'AUTHORITY': 5}, 'bytes_sent': 1200,
            'bytes_received': 2400, 'resolves': 3, 'resolved': 2,
            'lookups': 5, 'stale_hits': 1, 'retransmitted': 0, 'timeouts': 0,
            'dropped': {'bad-header': 4}, 'memory': 8192}
            for c in clouds_of(p)]}
    if method == 'GetInitialization':
        return {'initialization': [{
            'cloud': c['name'], 'state': c['state'], 'known': [endpoint(7)],
            'multicast': True, 'ssdp_searches': 3, 'ssdp_answers': 1,
            'seeds': [{'seed': 'seed.example.net', 'endpoints': [],
                       'reason': 'not-found'}]} for c in clouds_of(p)]}
    if method == 'ListSeeds':
        return {'seeds': [
            {'seed': 'seed.example.net', 'endpoints': [],
             'reason': 'not-found'},
            {'seed': '[2001:db8::5]:3540', 'endpoints': [endpoint(5)]}]}
    if method == 'ListCache':
        return {'cached': [{
            'cloud': c['name'], 'id': ID + '07', 'endpoints': [endpoint(7)],
            'level': 1, 'leaf': True, 'age': 12.5} for c in clouds_of(p)]}
    if method == 'StartCloud':
        clouds_of(p)
        return {}
    if method == 'Synchronize':
        clouds_of(p)
        return {'endpoints': [endpoint(5)]}
    if method in ('Flush', 'Repair'):
        return {'clouds': [c['name'] for c in clouds_of(p)]}
    if method == 'SetMode':
        clouds_of(p)[0]['mode'] = p['mode']
        return {}
    if method == 'Resolve':
        return resolve(p, more, send)
    if method == 'Register':
        return STATE.register(p)
    if method == 'Unregister':
        return STATE.unregister(p)
    if method == 'Ping':
        host = p.get('host', 'seed.example.net')
        name = clouds_of(p)[0]['name']
        if host == '2001:db8::dead':
            return {'pongs': [{'cloud': name, 'host': host,
                               'reason': 'timeout'}]}
        return {'pongs': [{'cloud': name, 'host': host, 'took': 0.0123,
                           'endpoint': endpoint(5)}]}
    if method == 'ConvertName':
        name = convert(p['name'])
        authority, _, classifier = name.partition('.')
        out = {'name': name, 'secure': authority != '0',
               'authority': authority, 'classifier': classifier,
               'p2p_id': ID[:32]}
        out.update(host_names(name))
        return out
    if method == 'GetMachineName':
        return STATE.machine
    if method == 'SetMachineName':
        for key, member in (('name', 'name'), ('publish', 'published'),
                            ('auto_publish', 'auto_publish')):
            if key in p:
                STATE.machine[member] = p[key]
        return STATE.machine
    return None


def resolve(p, more, send):
    if ('name' in p) == ('target' in p):
        raise Fault('invalid-argument')
    names = [c['name'] for c in clouds_of(p)]
    name = convert(p['name']) if 'name' in p else '0.alice'
    if name == '0.hang':
        time.sleep(3600)
    if name == '0.close':
        raise Close
    steps = [step(2, 'accepted', 9), step(3, 'inquired', 128)] \
        if p.get('steps') else []
    if name in ('0.garbage', '0.reply'):
        send(name)
        return None
    if more:
        for s in steps:
            send({'results': [], 'steps': [s]}, True)
        steps = []
    if name == '0.slow':
        # Long enough for a progress line; the tests wait for what is said.
        time.sleep(1.2)
        name = '0.alice'
    found = [r for r in results(name)][:p.get('max_results', 1)]
    ends = [{'cloud': c, 'reason': 'ok' if c == 'Global_' else 'not-found',
             'results': len(found) if c == 'Global_' else 0, 'steps': 2}
            for c in names]
    if more:
        for r in found[:-1]:
            send({'results': [r], 'steps': []}, True)
        found = found[-1:]
    return {'results': found, 'steps': steps, 'ends': ends}


def identity(method, p):
    key = p.get('identity')
    if key and key.startswith('e-'):
        raise Fault(key[2:])
    if method == 'Create':
        return STATE.create(p)
    if method == 'List':
        return {'identities': STATE.identities}
    if method == 'Get':
        return {'identity': STATE.identity(key)}
    if method == 'Rename':
        i = STATE.identity(key)
        i['friendly_name'] = p.get('friendly_name') or i['name']
        return {'identity': i}
    if method == 'Delete':
        i = STATE.identity(key)
        STATE.identities.remove(i)
        return {'identity': i}
    if method == 'SetDefault':
        i = STATE.identity(key)
        for other in STATE.identities:
            other['is_default'] = other is i
        return {'identity': i}
    if method == 'GetXml':
        if key is None and not STATE.identities:
            STATE.create({})
        return {'xml': '<PEERIDENTITYINFO VERSION="1.0"/>\n',
                'identity': STATE.identity(key)}
    if method == 'Export':
        i = STATE.identity(key)
        return {'xml': f'<PEERIDENTITYEXPORT P="{p["password"]}"/>\n',
                'identity': i}
    if method == 'Import':
        if p['password'] not in p['xml']:
            raise Fault('wrong-password', 'cannot import the identity',
                        'The password does not open it.')
        if '/>' not in p['xml']:
            raise Fault('corrupt', 'cannot import the identity',
                        'The file is cut short.')
        return STATE.create({'classifier': 'imported'})
    if method == 'DeriveName':
        classifier = p.get('classifier', '')
        if p.get('unsecured'):
            name = '0.' + classifier
        else:
            i = STATE.identity(key)
            name = f'{i["authority"]}.{classifier or i["classifier"]}'
        return dict({'name': name}, **host_names(name))
    return None


def monitor(send):
    send({'seq': 7}, True)
    for n, kind in enumerate(('registered', 'cloud_state')):
        send({'seq': 8 + n, 'event': {
            'seq': 8 + n, 'at': EPOCH, 'kind': kind, 'level': 'info',
            'message': f'something of {kind}', 'cloud': 'Global_'}}, True)
    time.sleep(3600)


def call(message, send):
    method = message.get('method', '')
    p = message.get('parameters', {})
    if ARGS.log:
        with LOG, open(ARGS.log, 'a', encoding='utf-8') as f:
            f.write(json.dumps(message) + '\n')
    interface, _, name = method.rpartition('.')
    reply = None
    with STATE.lock if name != 'Resolve' else threading.Lock():
        if method == 'io.peer6.Service.GetVersion':
            reply = {'version': {'program': 'peer6d', 'version': 'fake',
                                 'interface_version': ARGS.interface}}
        elif method == 'io.peer6.Service.Monitor':
            STATE.lock.release()
            try:
                monitor(send)
            finally:
                STATE.lock.acquire()
        elif interface == 'io.peer6.Pnrp':
            reply = pnrp(name, p, message.get('more', False), send)
            if reply is None and name == 'Resolve':
                return
        elif interface == 'io.peer6.Identity':
            reply = identity(name, p)
    if reply is None:
        send(None, error='org.varlink.service.MethodNotFound',
             parameters={'method': name})
        return
    send(reply)


def serve(conn):
    def write(data):
        if ARGS.bytes:
            for i in range(len(data)):
                conn.sendall(data[i:i + 1])
        else:
            conn.sendall(data)

    def send(reply, continues=False, **error):
        if reply == '0.garbage':
            write(b'{"parameters":\0')
            return
        if reply == '0.reply':
            write(b'[1]\0')
            return
        message = error or {'parameters': reply}
        if continues:
            message['continues'] = True
        write(json.dumps(message).encode() + b'\0')

    data = b''
    try:
        while True:
            more = conn.recv(65536)
            if not more:
                return
            data += more
            while b'\0' in data:
                message, _, data = data.partition(b'\0')
                if ARGS.hang:
                    continue
                message = json.loads(message)
                interface = message['method'].rpartition('.')[0]
                try:
                    call(message, send)
                except Fault as fault:
                    name = CLASS.get(fault.reason, 'Failed')
                    send(None, error=f'{interface}.{name}',
                         parameters=fault.parameters)
    except (Close, OSError):
        pass
    finally:
        conn.close()


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument('--hang', action='store_true')
    parser.add_argument('--interface', type=int, default=1)
    parser.add_argument('--bytes', action='store_true')
    parser.add_argument('--log')
    parser.add_argument('socket')
    ARGS = parser.parse_args()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(ARGS.socket)
    listener.listen(64)
    print('ready', flush=True)
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=serve, args=(conn,), daemon=True).start()


if __name__ == '__main__':
    sys.exit(main())
