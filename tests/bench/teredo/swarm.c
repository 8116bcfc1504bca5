// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Up to a million clients of Teredo, or the packets for them.
 *
 *	swarm in  DEV MAC TEREDO N COUNT RATE
 *	swarm out DEV - TEREDO N COUNT RATE
 *
 * in: COUNT data packets from N clients to the mapping of the client TEREDO, put
 * on the wire of DEV with the Ethernet destination MAC. out: COUNT IPv6 packets
 * of the client TEREDO to N clients, given to its device DEV. Both are UDP with
 * 64 bytes, the clients' turn comes in an order that visits all of them and
 * never two neighbours in turn. RATE packets a second, or 0 for as many as
 * possible. Prints the nanoseconds that a packet took.
 *
 * The clients have the addresses from 11.0.0.0 on, port 3545, and no flags. For
 * such an address the sum of the IPv4 address and its inverse in the IPv6
 * address does not depend on it, so little has to be summed up for each packet.
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
	BATCH		= 32,
	BATCHES		= 8,	/* between two looks at the clock */
	PAYLOAD		= 64,
	PORT		= 4444,
	CLIENT_PORT	= 3545,
	FIRST		= 0x0b000000,	/* 11.0.0.0 */
};

struct inner {
	struct ip6_hdr	ip6;
	struct udphdr	udp;
	uint8_t		payload[PAYLOAD];
} __attribute__((packed));

struct frame {
	struct ether_header eth;
	struct iphdr	ip;
	struct udphdr	udp;
	struct inner	inner;
} __attribute__((packed));

static uint32_t sum(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t s = 0;

	for (; len > 1; len -= 2, p += 2)
		s += (uint32_t)p[0] << 8 | p[1];
	return s;
}

static uint16_t fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static uint32_t gcd(uint32_t a, uint32_t b)
{
	return b ? gcd(b, a % b) : a;
}

/* Steps near the golden section visit all, and no two neighbours in turn. */
static uint32_t stride_of(uint32_t n)
{
	uint32_t s = (uint32_t)(n * 0.6180339887) | 1;

	while (gcd(s, n) != 1)
		s++;
	return s;
}

static void fill_client(struct in6_addr *addr, const struct in6_addr *other)
{
	*addr = *other;		/* the prefix and the server */
	addr->s6_addr16[4] = 0;
	addr->s6_addr16[5] = htons(CLIENT_PORT ^ 0xffff);
	addr->s6_addr32[3] = 0;
}

static void fill_inner(struct inner *in, const struct in6_addr *from,
		       const struct in6_addr *to)
{
	memset(in, 0, sizeof(*in));
	in->ip6.ip6_flow = htonl(6U << 28);
	in->ip6.ip6_plen = htons(sizeof(in->udp) + PAYLOAD);
	in->ip6.ip6_nxt = IPPROTO_UDP;
	in->ip6.ip6_hlim = 64;
	in->ip6.ip6_src = *from;
	in->ip6.ip6_dst = *to;
	in->udp.source = htons(PORT);
	in->udp.dest = htons(PORT);
	in->udp.len = htons(sizeof(in->udp) + PAYLOAD);
}

int main(int argc, char **argv)
{
	static struct frame frames[BATCH];
	static struct iovec iov[BATCH];
	static struct mmsghdr msgs[BATCH];
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	uint32_t n, stride, i, who = 0, base, outer_base;
	uint64_t count, rate, sent = 0, start, elapsed;
	struct in6_addr self, client;
	int in, fd, one = 1, fails = 0;

	if (argc != 8 || inet_pton(AF_INET6, argv[4], &self) != 1)
		errx(2, "usage: swarm in|out DEV MAC TEREDO N COUNT RATE");
	in = !strcmp(argv[1], "in");
	n = strtoul(argv[5], NULL, 0);
	count = strtoull(argv[6], NULL, 0);
	rate = strtoull(argv[7], NULL, 0);
	if (!n || n > 1 << 24 || !count)
		errx(2, "N is 1 to 16777216, COUNT 1 or more");
	stride = n > 1 ? stride_of(n) : 0;

	fd = socket(AF_PACKET, in ? SOCK_RAW : SOCK_DGRAM, 0);
	if (fd < 0)
		err(1, "socket");
	to.sll_ifindex = if_nametoindex(argv[2]);
	to.sll_protocol = htons(in ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	if (!to.sll_ifindex || bind(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "%s", argv[2]);
	if (setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one)))
		err(1, "PACKET_QDISC_BYPASS");

	fill_client(&client, &self);
	for (i = 0; i < BATCH; i++) {
		struct frame *f = &frames[i];

		if (in && sscanf(argv[3], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx",
				 &f->eth.ether_dhost[0], &f->eth.ether_dhost[1],
				 &f->eth.ether_dhost[2], &f->eth.ether_dhost[3],
				 &f->eth.ether_dhost[4],
				 &f->eth.ether_dhost[5]) != 6)
			errx(2, "%s is no Ethernet address", argv[3]);
		f->eth.ether_type = htons(ETHERTYPE_IP);
		f->ip.version = 4;
		f->ip.ihl = 5;
		f->ip.tot_len = htons(sizeof(*f) - sizeof(f->eth));
		f->ip.ttl = 64;
		f->ip.protocol = IPPROTO_UDP;
		f->ip.daddr = ~self.s6_addr32[3];
		f->udp.source = htons(CLIENT_PORT);
		f->udp.dest = self.s6_addr16[5] ^ 0xffff;
		f->udp.len = htons(sizeof(*f) - sizeof(f->eth) - sizeof(f->ip));
		fill_inner(&f->inner, in ? &client : &self,
			   in ? &self : &client);
		iov[i].iov_base = in ? (void *)f : (void *)&f->inner;
		iov[i].iov_len = in ? sizeof(*f) : sizeof(f->inner);
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	/* All that does not depend on the client, pseudo headers included. */
	base = IPPROTO_UDP + sizeof(struct udphdr) + PAYLOAD +
	       sum(&frames[0].inner.ip6.ip6_src, 32) +
	       sum(&frames[0].inner.udp, sizeof(struct udphdr) + PAYLOAD);
	outer_base = IPPROTO_UDP + 2 * (sizeof(struct udphdr) +
					sizeof(struct inner)) +
		     sum(&frames[0].ip.daddr, 4) + sum(&frames[0].udp, 4) +
		     sum(&frames[0].inner, sizeof(struct inner));

	start = now_ns();
	while (sent < count) {
		for (i = 0; i < BATCH; i++) {
			struct frame *f = &frames[i];
			uint32_t ip = FIRST + who, inv = ~ip;
			uint32_t low = htonl(inv);
			uint16_t check;

			who = (who + stride) % n;
			memcpy((uint8_t *)&f->inner + (in ? 20 : 36), &low, 4);
			check = ~fold(base + (inv >> 16) + (inv & 0xffff));
			f->inner.udp.check = htons(check ?: 0xffff);
			if (!in)
				continue;
			f->ip.saddr = htonl(ip);
			f->ip.check = 0;
			f->ip.check = htons(~fold(sum(&f->ip, sizeof(f->ip))));
			/* Address and inverse: 0xffff twice, which is 0. */
			check = ~fold(outer_base + (check ?: 0xffff));
			f->udp.check = htons(check ?: 0xffff);
		}
		if (sendmmsg(fd, msgs, BATCH, 0) != BATCH && ++fails > 1000)
			err(1, "sendmmsg");
		sent += BATCH;
		if (!rate || sent % (BATCH * BATCHES))
			continue;
		elapsed = now_ns() - start;
		if (elapsed < sent * 1000000000ULL / rate)
			usleep((sent * 1000000000ULL / rate - elapsed) / 1000);
	}
	elapsed = now_ns() - start;
	printf("%.1f\n", (double)elapsed / sent);
	return 0;
}
