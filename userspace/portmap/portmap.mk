# SPDX-License-Identifier: GPL-2.0-or-later
#
# What peer6d runs to ask a gateway for a port; a second time under ASan and
# UBSan, beside the daemon of the tests. Debian's libnatpmp has no .pc file.

PM_DIR		:= userspace/portmap
PM_SRC		:= $(wildcard $(PM_DIR)/*.c)
PM_HDR		:= $(wildcard $(PM_DIR)/*.h)
PM_CFLAGS	= -std=gnu11 $(US_WARN) -D_GNU_SOURCE \
		  $(shell pkg-config --cflags miniupnpc)
PM_LIBS		= $(shell pkg-config --libs miniupnpc) -lnatpmp
PM_LIBEXEC	= $(DESTDIR)$(PREFIX)/libexec/peer6

USERSPACE	+= build/peer6-portmap
CHECK_BUILD	+= build/peer6d.d/asan/peer6-portmap

build/peer6-portmap: $(PM_SRC) $(PM_HDR)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $(PM_CFLAGS) -o $@ $(PM_SRC) $(PM_LIBS)
build/peer6d.d/asan/peer6-portmap: $(PM_SRC) $(PM_HDR)
	@mkdir -p $(@D)
	$(CC) $(US_SANITIZE) $(LDFLAGS) $(PM_CFLAGS) -o $@ $(PM_SRC) $(PM_LIBS)

install:: build/peer6-portmap
	install -D -m 755 build/peer6-portmap $(PM_LIBEXEC)/peer6-portmap

uninstall::
	rm -f $(PM_LIBEXEC)/peer6-portmap
	-rmdir $(PM_LIBEXEC)
