// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel loads teredo.ko by itself when a device or the netlink family is
 * asked for. It does so in silence: this is here for the reason when it fails.
 */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <libkmod.h>

#include "module.h"

static int refused(struct p6 *p6, const char *name, int err)
{
	struct utsname os;

	uname(&os);
	switch (err) {
	case EKEYREJECTED:
	case ENOKEY:
	case EBADMSG:
		p6_fail(p6, P6_MODULE_REFUSED, "cannot load the %s module",
			name);
		p6_fail_why(p6, "The kernel takes only signed modules, as with Secure Boot, and does not know the key of this one (%s).",
			    strerror(err));
		return p6_fail_do(p6, "sudo mokutil --import /var/lib/dkms/mok.pub, then reboot and confirm the key");
	case ENOEXEC:
	case EINVAL:
		p6_fail(p6, P6_MODULE_VERSION, "cannot load the %s module",
			name);
		p6_fail_why(p6, "It was not built for the running kernel %s (%s).",
			    os.release, strerror(err));
		return p6_fail_do(p6, "make clean && make modules && sudo make install");
	case EPERM:
		p6_fail(p6, P6_MODULE_REFUSED, "cannot load the %s module",
			name);
		if (geteuid()) {
			p6_fail_why(p6, "It takes the right to load modules, which this process does not have.");
			return p6_fail_do(p6, "sudo modprobe %s", name);
		}
		p6_fail_why(p6, "This process may not load modules: kernel.modules_disabled is set, lockdown is on, or CAP_SYS_MODULE is missing, as in a container.");
		return p6_fail_do(p6, "sysctl kernel.modules_disabled; cat /sys/kernel/security/lockdown");
	case ENOENT:
		p6_fail(p6, P6_MODULE_MISSING, "cannot load the %s module",
			name);
		p6_fail_why(p6, "Its file, or that of a module that it needs, is missing in /lib/modules/%s.",
			    os.release);
		return p6_fail_do(p6, "sudo make install");
	default:
		p6_fail(p6, P6_MODULE_REFUSED, "cannot load the %s module",
			name);
		p6_fail_why(p6, "The kernel refused it: %s.", strerror(err));
		return p6_fail_do(p6, "sudo dmesg | tail");
	}
}

static int missing(struct p6 *p6, const char *name)
{
	struct utsname os;

	uname(&os);
	p6_fail(p6, P6_MODULE_MISSING, "cannot load the %s module", name);
	if (access("/proc/modules", F_OK)) {
		p6_fail_why(p6, "The running kernel %s cannot load any modules.",
			    os.release);
		return p6_fail_do(p6, "make demo, which brings a kernel of its own");
	}
	p6_fail_why(p6, "There is no module %s in /lib/modules/%s.", name,
		    os.release);
	return p6_fail_do(p6, "sudo make install, in the source tree of peer6");
}

int p6_module_load(struct p6 *p6, const char *name)
{
	struct kmod_list *list = NULL;
	struct kmod_module *module;
	struct kmod_ctx *ctx;
	int err;

	ctx = kmod_new(NULL, NULL);
	if (!ctx)
		return missing(p6, name);
	kmod_set_log_priority(ctx, 0);
	err = kmod_module_new_from_lookup(ctx, name, &list);
	if (err < 0 || !list) {
		kmod_unref(ctx);
		return missing(p6, name);
	}
	module = kmod_module_get_module(list);
	err = kmod_module_probe_insert_module(module,
					      KMOD_PROBE_APPLY_BLACKLIST,
					      NULL, NULL, NULL, NULL);
	kmod_module_unref(module);
	kmod_module_unref_list(list);
	kmod_unref(ctx);
	if (err > 0) {
		p6_fail(p6, P6_MODULE_REFUSED, "cannot load the %s module",
			name);
		p6_fail_why(p6, "A file in /etc/modprobe.d forbids it (blacklist).");
		return p6_fail_do(p6, "grep -rw %s /etc/modprobe.d", name);
	}
	return err < 0 ? refused(p6, name, -err) : 0;
}
