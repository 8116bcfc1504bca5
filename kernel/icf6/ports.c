// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>

#include "device.h"
#include "notify.h"
#include "ports.h"

static int compare(const struct icf6_port_key *a,
		   const struct icf6_port_key *b)
{
	if (a->scope != b->scope)
		return a->scope < b->scope ? -1 : 1;
	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	if (a->proto != b->proto)
		return a->proto < b->proto ? -1 : 1;
	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	if (a->origin != b->origin)
		return a->origin < b->origin ? -1 : 1;
	if (a->owner != b->owner)
		return a->owner < b->owner ? -1 : 1;
	return 0;
}

struct icf6_port *icf6_port_seek(struct icf6_net *n,
				 const struct icf6_port_key *key, bool after)
{
	struct rb_node *node = n->ports.rb_node;
	struct icf6_port *port, *best = NULL;
	int cmp;

	while (node) {
		port = rb_entry(node, struct icf6_port, node);
		cmp = compare(key, &port->key);
		if (cmp < 0 || (!cmp && !after)) {
			best = port;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return best;
}

struct icf6_port *icf6_port_first(struct icf6_net *n, enum icf6_scope scope,
				  u32 ifindex)
{
	struct icf6_port_key key = { .scope = scope, .ifindex = ifindex };

	return icf6_port_seek(n, &key, false);
}

struct icf6_port *icf6_port_find(struct icf6_net *n,
				 const struct icf6_port_key *key)
{
	struct icf6_port *port = icf6_port_seek(n, key, false);

	return port && !compare(key, &port->key) ? port : NULL;
}

void icf6_port_insert(struct icf6_net *n, struct icf6_dev *dev,
		      struct icf6_port *port)
{
	struct rb_node **link = &n->ports.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		if (compare(&port->key, &rb_entry(parent, struct icf6_port,
						  node)->key) < 0)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&port->node, parent, link);
	rb_insert_color(&port->node, &n->ports);
	icf6_count_change(n);
	n->n_ports++;
	if (port->key.origin == ICF6_ORIGIN_SOCKET)
		WRITE_ONCE(n->n_owned, n->n_owned + 1);
	if (dev)
		dev->n_ports[port->key.scope]++;
}

void icf6_port_remove(struct icf6_net *n, struct icf6_port *port)
{
	struct icf6_dev *dev;

	rb_erase(&port->node, &n->ports);
	icf6_count_change(n);
	n->n_ports--;
	if (port->key.origin == ICF6_ORIGIN_SOCKET)
		WRITE_ONCE(n->n_owned, n->n_owned - 1);
	dev = port->key.ifindex ? icf6_dev_find(n, port->key.ifindex) : NULL;
	if (dev)
		dev->n_ports[port->key.scope]--;
}

bool icf6_ports_p2p(struct icf6_net *n, bool on)
{
	static const struct {
		u16	port;
		u8	proto;
		const char *label;
	} opens[] = {
		{ ICF6_PORT_PNRP, ICF6_TCP, "P2P (PNRP)" },
		{ ICF6_PORT_PNRP, ICF6_UDP, "P2P (PNRP)" },
		{ ICF6_PORT_GROUPING, ICF6_TCP, "P2P (Grouping)" },
		{ ICF6_PORT_GROUPING, ICF6_UDP, "P2P (Grouping)" },
	};
	bool changed = false;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(opens); i++) {
		struct icf6_port_key key = {
			.scope = ICF6_SCOPE_GLOBAL,
			.proto = opens[i].proto,
			.port = opens[i].port,
			.origin = ICF6_ORIGIN_P2P,
		};
		struct icf6_port *port = icf6_port_find(n, &key);

		if (on == !!port)
			continue;
		changed = true;
		if (on) {
			port = kzalloc(sizeof(*port),
				       GFP_KERNEL_ACCOUNT | __GFP_NOFAIL);
			port->key = key;
			port->edge = ICF6_EDGE_ALLOW;	/* FW-73 */
			strscpy(port->label, opens[i].label,
				sizeof(port->label));
			icf6_port_insert(n, NULL, port);
			icf6_notify_port(n, port, ICF6_CMD_PORT_ADD_NTF);
		} else {
			icf6_port_remove(n, port);
			icf6_notify_port(n, port, ICF6_CMD_PORT_DEL_NTF);
			kfree(port);
		}
	}
	return changed;
}

bool icf6_ports_disown(struct icf6_net *n, u32 owner)
{
	struct icf6_port *port, *next;
	bool changed = false;

	for (port = icf6_port_first(n, 0, 0); port; port = next) {
		next = icf6_port_next(port);
		if (port->key.origin != ICF6_ORIGIN_SOCKET ||
		    port->key.owner != owner)
			continue;
		icf6_port_remove(n, port);
		icf6_notify_port(n, port, ICF6_CMD_PORT_DEL_NTF);
		kfree(port);
		changed = true;
	}
	return changed;
}

bool icf6_ports_drop_dev(struct icf6_net *n, u32 ifindex)
{
	static const enum icf6_scope scopes[] = {
		ICF6_SCOPE_OPEN, ICF6_SCOPE_IGNORED,
	};
	struct icf6_port *port, *next;
	bool changed = false;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(scopes); i++) {
		for (port = icf6_port_first(n, scopes[i], ifindex);
		     port && port->key.scope == scopes[i] &&
		     port->key.ifindex == ifindex; port = next) {
			next = icf6_port_next(port);
			icf6_port_remove(n, port);
			kfree(port);
			changed = true;
		}
	}
	return changed;
}

void icf6_ports_free(struct icf6_net *n)
{
	struct icf6_port *port, *next;

	rbtree_postorder_for_each_entry_safe(port, next, &n->ports, node)
		kfree(port);
	n->ports = RB_ROOT;
	n->n_ports = 0;
	WRITE_ONCE(n->n_owned, 0);
}
