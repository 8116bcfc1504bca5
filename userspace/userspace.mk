# SPDX-License-Identifier: GPL-2.0-or-later
#
# The peer6 command and the plug-in of ip(8). The command is built a second
# time under ASan and UBSan, for the tests of this machine.

US_OUT		:= build/userspace
US_CORE		:= kernel/teredo/core
US_WARN		:= -Wall -Wextra -Wno-missing-field-initializers -Wshadow \
		   -Wstrict-prototypes -Wmissing-prototypes -Wformat-security
US_CPPFLAGS	:= -D_GNU_SOURCE -Iinclude -Iinclude/uapi -I$(US_CORE) -I$(US_OUT)
US_PKGS		:= libnl-3.0 libnl-genl-3.0 jansson libkmod libpcap
US_CFLAGS	= -std=gnu11 $(US_WARN) $(US_CPPFLAGS) \
		  $(shell pkg-config --cflags $(US_PKGS))
US_LIBS		= $(shell pkg-config --libs $(US_PKGS)) -lm
US_SANITIZE	:= -O1 -g -Werror -fsanitize=address,undefined \
		   -fno-sanitize-recover=all -fno-omit-frame-pointer

# ip looks for plug-ins in one place, wherever PREFIX points.
IP_LIB_DIR	?= /usr/lib/$(shell $(CC) -print-multiarch)/ip
US_BIN		= $(DESTDIR)$(PREFIX)/bin
US_MAN		= $(DESTDIR)$(PREFIX)/share/man
US_COMPLETION	= $(DESTDIR)$(PREFIX)/share/bash-completion/completions
US_PAGES	:= $(wildcard Documentation/man/*.[0-9])

US_SRC		:= $(wildcard userspace/peer6/*.c) $(US_CORE)/reasons.c
US_OBJ		:= $(patsubst %.c,$(US_OUT)/%.o,$(notdir $(US_SRC)))
US_ASAN_OBJ	:= $(US_OBJ:$(US_OUT)/%=$(US_OUT)/asan/%)
# What the command has of libpeer6: names, the conversation with peer6d, and
# the codec and printer of PNRP.
US_LIB_SRC	:= $(wildcard userspace/libpeer6/base/*.c \
		     userspace/libpeer6/pnrp/wire*.c \
		     userspace/libpeer6/pnrp/print*.c) \
		   userspace/libpeer6/pnrp/cpa.c \
		   $(addprefix userspace/libpeer6/client/,client_base64.c \
			varlink.c)
US_LIB_OBJ	:= $(US_LIB_SRC:userspace/libpeer6/%.c=build/libpeer6/obj/%.o)
US_LIB_ASAN_OBJ	:= $(US_LIB_SRC:userspace/libpeer6/%.c=build/libpeer6/asan/%.o)
US_IP_SRC	:= userspace/iproute2/link_teredo.c $(US_CORE)/reasons.c

USERSPACE	+= build/peer6 build/link_teredo.so
CHECK_BUILD	+= $(US_OUT)/asan/peer6

CHECK_HOST	+= check-ynl check-cli check-iplink check-man check-pnrp-cli \
		   check-pnrp-real
CHECK_VM	+= tests/selftests/net/teredo/cli.sh
# The debug kernel is slow, and the module hears the same from the command.
CHECK_VM_STOCK	+= tests/selftests/net/teredo/iplink.sh

.PHONY: check-ynl check-cli check-iplink check-man check-pnrp-cli \
	check-pnrp-real
check-ynl:
	@tests/userspace/ynl-header.py
check-cli: $(US_OUT)/asan/peer6
	@PEER6=$< tests/userspace/cli.sh
check-pnrp-cli: $(US_OUT)/asan/peer6
	@PEER6=$< tests/userspace/pnrp-cli.sh
check-pnrp-real: $(US_OUT)/asan/peer6 build/peer6d.d/asan/peer6d \
		build/libnss_pnrp.so.2 build/libpeer6.so.0
	@PEER6=$< PEER6D=build/peer6d.d/asan/peer6d \
		tests/userspace/pnrp-real.sh
check-iplink: build/link_teredo.so
	@tests/userspace/iplink.sh
check-man: $(US_OUT)/asan/peer6 build/link_teredo.so
	@PEER6=$< tests/userspace/man.sh

$(US_OUT) $(US_OUT)/asan:
	@mkdir -p $@

# Rewritten only when it says something new: what includes it is then made anew.
$(US_OUT)/version.h: FORCE | $(US_OUT)
	@echo '#define PEER6_VERSION "$(VERSION)"' >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(US_OUT)/%.o: userspace/peer6/%.c | $(US_OUT)/version.h
	$(CC) $(CFLAGS) $(US_CFLAGS) -MMD -c -o $@ $<
$(US_OUT)/%.o: $(US_CORE)/%.c | $(US_OUT)
	$(CC) $(CFLAGS) $(US_CFLAGS) -MMD -c -o $@ $<
$(US_OUT)/asan/%.o: userspace/peer6/%.c | $(US_OUT)/version.h $(US_OUT)/asan
	$(CC) $(US_SANITIZE) $(US_CFLAGS) -MMD -c -o $@ $<
$(US_OUT)/asan/%.o: $(US_CORE)/%.c | $(US_OUT)/asan
	$(CC) $(US_SANITIZE) $(US_CFLAGS) -MMD -c -o $@ $<

build/peer6: $(US_OBJ) $(US_LIB_OBJ)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(US_LIBS)
$(US_OUT)/asan/peer6: $(US_ASAN_OBJ) $(US_LIB_ASAN_OBJ)
	$(CC) $(US_SANITIZE) $(LDFLAGS) -o $@ $^ $(US_LIBS)

# Whatever is undefined, the ip that opens the plug-in has; one symbol is ours
# to show.
build/link_teredo.so: $(US_IP_SRC) userspace/iproute2/iproute2.h \
		$(US_CORE)/reasons.h include/uapi/linux/teredo.h | $(US_OUT)
	$(CC) $(CFLAGS) $(LDFLAGS) -std=gnu11 $(US_WARN) $(US_CPPFLAGS) -fPIC \
		-fvisibility=hidden -shared -o $@ $(US_IP_SRC)

-include $(wildcard $(US_OUT)/*.d $(US_OUT)/asan/*.d)

install:: build/peer6 build/link_teredo.so
	install -D -m 755 build/peer6 $(US_BIN)/peer6
	install -D -m 644 build/link_teredo.so \
		$(DESTDIR)$(IP_LIB_DIR)/link_teredo.so
	install -D -m 644 userspace/peer6/completion.bash \
		$(US_COMPLETION)/peer6
	for page in $(US_PAGES); do \
		install -D -m 644 $$page \
			$(US_MAN)/man$${page##*.}/$${page##*/} || exit 1; \
	done

uninstall::
	rm -f $(US_BIN)/peer6 $(DESTDIR)$(IP_LIB_DIR)/link_teredo.so \
		$(US_COMPLETION)/peer6
	for page in $(US_PAGES); do \
		rm -f $(US_MAN)/man$${page##*.}/$${page##*/} || exit 1; \
	done
