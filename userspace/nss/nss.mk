# SPDX-License-Identifier: GPL-2.0-or-later
#
# libnss_pnrp.so.2, which is loaded into every program that asks for a host:
# jansson is linked into it and hidden, so that it clashes with no other one.

NSS_OUT		:= build/nss
NSS_SRC		:= userspace/nss/nss_pnrp.c \
		   userspace/libpeer6/client/varlink.c \
		   userspace/libpeer6/base/error.c
NSS_OBJ		:= $(patsubst %.c,$(NSS_OUT)/%.o,$(notdir $(NSS_SRC)))
NSS_ASAN_OBJ	:= $(NSS_OBJ:$(NSS_OUT)/%=$(NSS_OUT)/asan/%)
NSS_CFLAGS	:= -std=gnu11 $(LIB_WARN) -D_GNU_SOURCE -Iinclude -fPIC \
		   -fvisibility=hidden
NSS_LDFLAGS	:= -shared -Wl,-soname,libnss_pnrp.so.2 -Wl,-z,defs \
		   -Wl,-z,nodelete -Wl,--exclude-libs,ALL
# The archive is built for programs: all of it can be in a shared object but for
# json_loadf()'s look at stdin, which is answered by a variable of the module.
NSS_LIBS	:= -l:libjansson.a -Wl,--wrap=stdin
# glibc looks for modules where libc is, wherever PREFIX points.
NSS_LIB_DIR	?= /usr/lib/$(shell $(CC) -print-multiarch)

USERSPACE	+= build/libnss_pnrp.so.2
CHECK_BUILD	+= $(NSS_OUT)/asan/driver
CHECK_HOST	+= check-nss

vpath %.c userspace/nss userspace/libpeer6/client userspace/libpeer6/base

.PHONY: check-nss
check-nss: build/libnss_pnrp.so.2 $(NSS_OUT)/asan/driver
	@tests/userspace/nss.sh

$(NSS_OUT)/asan:
	@mkdir -p $@

$(NSS_OBJ): $(NSS_OUT)/%.o: %.c | $(NSS_OUT)/asan
	$(CC) $(CFLAGS) $(NSS_CFLAGS) -MMD -c -o $@ $<
$(NSS_ASAN_OBJ): $(NSS_OUT)/asan/%.o: %.c | $(NSS_OUT)/asan
	$(CC) $(NSS_CFLAGS) -Werror $(LIB_ASAN) -MMD -c -o $@ $<

build/libnss_pnrp.so.2: $(NSS_OBJ)
	$(CC) $(CFLAGS) $(LDFLAGS) $(NSS_LDFLAGS) -o $@ $^ $(NSS_LIBS)

# The same objects under ASan, called as glibc calls them.
$(NSS_OUT)/asan/driver: tests/userspace/nss_driver.c $(NSS_ASAN_OBJ)
	$(CC) $(NSS_CFLAGS) -Werror $(LIB_ASAN) -Iuserspace/nss -o $@ $^ \
		$(NSS_LIBS) -pthread -Wl,--wrap=malloc,--wrap=realloc \
		-Wl,--wrap=calloc

-include $(wildcard $(NSS_OUT)/*.d $(NSS_OUT)/asan/*.d)

install:: build/libnss_pnrp.so.2
	install -D -m 644 $< $(DESTDIR)$(NSS_LIB_DIR)/libnss_pnrp.so.2

uninstall::
	rm -f $(DESTDIR)$(NSS_LIB_DIR)/libnss_pnrp.so.2
