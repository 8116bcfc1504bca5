# SPDX-License-Identifier: GPL-2.0-or-later
#
# What belongs to the firewall besides the command: its units, the rule that
# configures devices as they come, timeouts, and an example for IPv4.

ICF6_UNITS	= $(DESTDIR)$(PREFIX)/lib/systemd/system
ICF6_RULES	= $(DESTDIR)$(PREFIX)/lib/udev/rules.d
ICF6_SYSCTL	= $(DESTDIR)$(PREFIX)/lib/sysctl.d
ICF6_DOC	= $(DESTDIR)$(PREFIX)/share/doc/peer6

install::
	install -D -m 644 scripts/systemd/icf6.service \
		$(ICF6_UNITS)/icf6.service
	install -D -m 644 scripts/systemd/icf6-logd.service \
		$(ICF6_UNITS)/icf6-logd.service
	install -D -m 644 scripts/systemd/70-peer6-icf6.rules \
		$(ICF6_RULES)/70-peer6-icf6.rules
	sed -i 's|/usr/bin/peer6|$(PREFIX)/bin/peer6|' \
		$(ICF6_UNITS)/icf6.service $(ICF6_UNITS)/icf6-logd.service \
		$(ICF6_RULES)/70-peer6-icf6.rules
	install -D -m 644 scripts/sysctl.d/60-peer6-icf6.conf \
		$(ICF6_SYSCTL)/60-peer6-icf6.conf
	install -D -m 644 Documentation/examples/teredo.nft \
		$(ICF6_DOC)/teredo.nft

uninstall::
	rm -f $(ICF6_UNITS)/icf6.service $(ICF6_UNITS)/icf6-logd.service \
		$(ICF6_RULES)/70-peer6-icf6.rules \
		$(ICF6_SYSCTL)/60-peer6-icf6.conf $(ICF6_DOC)/teredo.nft
