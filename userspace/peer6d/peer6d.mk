# SPDX-License-Identifier: GPL-2.0-or-later
#
# The daemon; a second time under ASan and UBSan, for the tests.

P6D_DIR		:= userspace/peer6d
P6D_OUT		:= build/peer6d.d
P6D_VARLINK	:= $(wildcard userspace/varlink/*.varlink)
P6D_PKGS	:= libuv libnl-3.0 libnl-genl-3.0 libnl-route-3.0 jansson sqlite3 \
		   libcrypto
P6D_CFLAGS	= -std=gnu11 $(US_WARN) -D_GNU_SOURCE -Iinclude -Iinclude/uapi \
		  -I$(P6D_OUT) \
		  -I$(US_OUT) $(shell pkg-config --cflags $(P6D_PKGS))
P6D_LIBS	= $(LIB_LIBS) $(shell pkg-config --libs $(P6D_PKGS))

P6D_SRC		:= $(wildcard $(P6D_DIR)/*.c)
# What the command reads of the kernel, and what peer6-portmap believes.
P6D_SHARED	:= userspace/peer6/teredo_parse.c userspace/portmap/policy.c \
		   userspace/portmap/protocol.c
P6D_OBJ		:= $(addprefix $(P6D_OUT)/obj/,$(notdir \
			$(patsubst %.c,%.o,$(P6D_SRC) $(P6D_SHARED))))
P6D_ASAN_OBJ	:= $(P6D_OBJ:$(P6D_OUT)/obj/%=$(P6D_OUT)/asan/%)

P6D_SYSUSERS	= $(DESTDIR)$(PREFIX)/lib/sysusers.d
P6D_UNITS	= $(DESTDIR)$(PREFIX)/lib/systemd/system
P6D_SHARE	= $(DESTDIR)$(PREFIX)/share

USERSPACE	+= build/peer6d
CHECK_BUILD	+= $(P6D_OUT)/asan/peer6d

$(P6D_OUT)/varlink_text.h: $(P6D_VARLINK) userspace/varlink/text
	@mkdir -p $(@D)
	userspace/varlink/text $(P6D_VARLINK) >$@

$(P6D_OUT)/obj/%.o: $(P6D_DIR)/%.c $(P6D_OUT)/varlink_text.h | \
		build/userspace/version.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(P6D_CFLAGS) -MMD -c -o $@ $<
$(P6D_OUT)/asan/%.o: $(P6D_DIR)/%.c $(P6D_OUT)/varlink_text.h | \
		build/userspace/version.h
	@mkdir -p $(@D)
	$(CC) $(US_SANITIZE) $(P6D_CFLAGS) -MMD -c -o $@ $<

$(addprefix $(P6D_OUT)/obj/,teredo_parse.o policy.o protocol.o):
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(P6D_CFLAGS) -MMD -c -o $@ $<
$(addprefix $(P6D_OUT)/asan/,teredo_parse.o policy.o protocol.o):
	@mkdir -p $(@D)
	$(CC) $(US_SANITIZE) $(P6D_CFLAGS) -MMD -c -o $@ $<
$(P6D_OUT)/obj/teredo_parse.o $(P6D_OUT)/asan/teredo_parse.o: \
		userspace/peer6/teredo_parse.c
$(P6D_OUT)/obj/policy.o $(P6D_OUT)/asan/policy.o: userspace/portmap/policy.c
$(P6D_OUT)/obj/protocol.o $(P6D_OUT)/asan/protocol.o: \
		userspace/portmap/protocol.c

build/peer6d: $(P6D_OBJ) $(LIB_OUT)/libpeer6.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(P6D_LIBS)
$(P6D_OUT)/asan/peer6d: $(P6D_ASAN_OBJ) $(LIB_OUT)/libpeer6-asan.a
	$(CC) $(US_SANITIZE) $(LDFLAGS) -o $@ $^ $(P6D_LIBS)

-include $(wildcard $(P6D_OUT)/*/*.d)

install:: build/peer6d
	install -D -m 755 build/peer6d $(DESTDIR)$(PREFIX)/sbin/peer6d
	install -D -m 644 scripts/systemd/peer6d.service \
		$(P6D_UNITS)/peer6d.service
	sed -i 's|/usr/sbin|$(PREFIX)/sbin|' $(P6D_UNITS)/peer6d.service
	install -D -m 644 scripts/systemd/peer6d.sysusers \
		$(P6D_SYSUSERS)/peer6d.conf
	install -D -m 644 scripts/systemd/peer6d.tmpfiles \
		$(DESTDIR)$(PREFIX)/lib/tmpfiles.d/peer6d.conf
	install -D -m 644 scripts/systemd/peer6.conf \
		$(P6D_SHARE)/doc/peer6/peer6.conf
	for file in $(P6D_VARLINK); do \
		install -D -m 644 $$file \
			$(P6D_SHARE)/varlink/$${file##*/} || exit 1; \
	done

uninstall::
	rm -f $(DESTDIR)$(PREFIX)/sbin/peer6d $(P6D_UNITS)/peer6d.service \
		$(P6D_SYSUSERS)/peer6d.conf \
		$(DESTDIR)$(PREFIX)/lib/tmpfiles.d/peer6d.conf \
		$(P6D_SHARE)/doc/peer6/peer6.conf
	for file in $(P6D_VARLINK); do \
		rm -f $(P6D_SHARE)/varlink/$${file##*/} || exit 1; \
	done
