#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run a command on a terminal of its own and type on it.

usage: on_tty.py [PROMPT=ANSWER ...] -- COMMAND...

Each ANSWER and a new line are typed once PROMPT was seen; "^C" is that key.
What came on the terminal goes to standard output, the exit status is that of
the command. At the end "echo on" or "echo off" says what the terminal does.
"""

import fcntl
import os
import select
import sys
import termios
import time

LIMIT = 60


def main():
    at = sys.argv.index('--')
    script = [word.partition('=') for word in sys.argv[1:at]]
    # The slave stays open here: its settings outlive the command.
    master, slave = os.openpty()
    pid = os.fork()
    if not pid:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in 0, 1, 2:
            os.dup2(slave, fd)
        os.execvp(sys.argv[at + 1], sys.argv[at + 1:])
    seen, out, end = b'', b'', time.monotonic() + LIMIT
    status = None
    while status is None and time.monotonic() < end:
        if select.select([master], [], [], 0.1)[0]:
            data = os.read(master, 65536)
            seen += data
            out += data
        else:
            done, code = os.waitpid(pid, os.WNOHANG)
            if done:
                status = os.waitstatus_to_exitcode(code)
        if script and script[0][0].encode() in seen:
            prompt, _, answer = script.pop(0)
            seen = seen.partition(prompt.encode())[2]
            os.write(master, b'\x03' if answer == '^C'
                     else answer.encode() + b'\n')
    echo = termios.tcgetattr(slave)[3] & termios.ECHO
    sys.stdout.buffer.write(out.replace(b'\r\n', b'\n'))
    sys.stdout.buffer.write(b'echo on\n' if echo else b'echo off\n')
    if status is None:
        os.kill(pid, 9)
        return 124
    return status if status >= 0 else 128 - status


if __name__ == '__main__':
    sys.exit(main())
