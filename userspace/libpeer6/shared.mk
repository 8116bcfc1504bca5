# SPDX-License-Identifier: GPL-2.0-or-later
#
# libpeer6 as it is installed: shared and static library, headers, pkg-config
# file.

LIB_SONAME	:= libpeer6.so.0
LIB_MAP		:= $(LIB_OUT)/libpeer6.map
LIB_DEST	?= $(PREFIX)/lib/$(shell $(CC) -print-multiarch)
LIB_INCLUDE	= $(DESTDIR)$(PREFIX)/include/peer6
LIB_HEADERS	:= $(wildcard include/peer6/*.h)
LIB_PC		:= build/libpeer6/libpeer6.pc

USERSPACE	+= build/$(LIB_SONAME) build/libpeer6/libpeer6.a
LIB_NOMEM	:= build/tests/client_nomem

CHECK_BUILD	+= $(LIB_NOMEM)
CHECK_HOST	+= check-abi check-client-nomem

.PHONY: check-abi check-client-nomem
check-client-nomem: $(LIB_NOMEM)
	@tests/userspace/client_nomem.sh $<

# jansson's archive, so that its allocations are failed, too.
$(LIB_NOMEM): tests/userspace/client_nomem.c \
		$(filter $(LIB_OUT)/asan/base/% $(LIB_OUT)/asan/client/%, \
			$(LIB_ASAN_OBJS))
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(LIB_WARN) -Werror $(LIB_ASAN) -Iinclude -o $@ $^ \
		-l:libjansson.a -Wl,--wrap=malloc,--wrap=realloc \
		-Wl,--wrap=calloc,--wrap=strdup

check-abi: build/$(LIB_SONAME) build/libpeer6/libpeer6.a
	@tests/userspace/abi.sh

# What the headers declare is exported, in the node of the soname; what the
# library's own parts share is not. A release that promises its symbols keeps
# the list it was made with.
$(LIB_MAP): $(LIB_HEADERS)
	@mkdir -p $(@D)
	@{ echo 'PEER6_0 {' && echo 'global:' && cat $(LIB_HEADERS) | \
		$(CC) -fpreprocessed -dD -P -E - | \
		grep -oE '\bpeer6_[a-z0-9_]+\(' | tr '(' ';' | sort -u && \
		printf 'local:\n\t*;\n};\n'; } >$@

build/$(LIB_SONAME): $(LIB_OBJS) $(LIB_MAP)
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(LIB_SONAME) \
		-Wl,-z,defs -Wl,--version-script,$(LIB_MAP) \
		-o $@ $(LIB_OBJS) $(LIB_LIBS)

# Versions of pkg-config are numbers; what git says goes behind them.
install:: build/$(LIB_SONAME) build/libpeer6/libpeer6.a
	install -D -m 644 build/$(LIB_SONAME) \
		$(DESTDIR)$(LIB_DEST)/$(LIB_SONAME)
	ln -sf $(LIB_SONAME) $(DESTDIR)$(LIB_DEST)/libpeer6.so
	install -D -m 644 build/libpeer6/libpeer6.a \
		$(DESTDIR)$(LIB_DEST)/libpeer6.a
	install -d $(LIB_INCLUDE)
	install -m 644 $(LIB_HEADERS) $(LIB_INCLUDE)
	sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIB_DEST)|' \
		-e 's|@VERSION@|0~$(VERSION)|' $(LIB_DIR)/libpeer6.pc.in \
		>$(LIB_PC)
	install -D -m 644 $(LIB_PC) \
		$(DESTDIR)$(LIB_DEST)/pkgconfig/libpeer6.pc

uninstall::
	rm -f $(DESTDIR)$(LIB_DEST)/$(LIB_SONAME) \
		$(DESTDIR)$(LIB_DEST)/libpeer6.so \
		$(DESTDIR)$(LIB_DEST)/libpeer6.a \
		$(DESTDIR)$(LIB_DEST)/pkgconfig/libpeer6.pc \
		$(addprefix $(LIB_INCLUDE)/,$(notdir $(LIB_HEADERS)))
