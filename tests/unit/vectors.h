/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets, as UDP payloads in hexadecimal: from a trace of Windows XP, from
 * Miredo 1.2.6, and made by hand after RFC 4380 and RFC 6081. The unit tests
 * compare with them byte for byte, the fuzzers start from them.
 */
#ifndef _UNIT_VECTORS_H
#define _UNIT_VECTORS_H

/*
 * Windows XP at 192.168.2.16:3797, mapped to 70.55.215.234:3797, with server
 * 65.55.158.80; the relay at 83.170.1.38:32900 behaves like Miredo.
 */
#define XP_RS								\
	"00010000 cd566940 0b22df88 00600000 0000183a fffe8000 00000000" \
	"008000ff ffffffff fdff0200 00000000 00000000 00000000 028500a9" \
	"1d000000 00010200 00000000 008000f1 2ab9c828 15"
#define XP_RA								\
	"00010000 cd566940 0b22df88 000000f1 2ab9c828 15600000 0000303a" \
	"fffe8000 00000000 008000f2 27bec861 affe8000 00000000 008000ff" \
	"ffffffff fd86001f 57000000 00000000 00000007 d0030440 40ffffff" \
	"ffffffff ff000000 00200100 0041379e 50000000 00000000 00"
#define XP_DIRECT_BUBBLE						\
	"60000000 00003b15 20010000 41379e50 8000f12a b9c82815 20014860" \
	"00002001 00000000 00000068"
#define XP_ECHO								\
	"60000000 000c3a15 20010000 41379e50 8000f12a b9c82815 20014860" \
	"00002001 00000000 00000068 8000c57c d373b69b 53aa0126"
#define XP_RELAY_BUBBLE							\
	"00007f7b ac55fed9 60000000 00003b00 fe800000 00000000 708dfe83" \
	"4114a512 20010000 41379e50 8000f12a b9c82815"
#define XP_BUBBLE_ANSWER						\
	"60000000 00003b00 20010000 41379e50 8000f12a b9c82815 fe800000" \
	"00000000 708dfe83 4114a512"
#define XP_ECHO_REPLY							\
	"60000000 000c3a3a 20014860 00002001 00000000 00000068 20010000" \
	"41379e50 8000f12a b9c82815 8100c47c d373b69b 53aa0126"

/*
 * Miredo 1.2.6: server 203.0.113.120 and .121, client mapped to
 * 192.0.2.1:4096, relay at 198.51.100.10:3545.
 */
#define MIREDO_RS							\
	"00010000 c65cf2c8 affb2306 00600000 0000083a fffe8000 00000000" \
	"000000ff ffffffff ffff0200 00000000 00000000 00000000 0285007d" \
	"37000000 00"
#define MIREDO_RA							\
	"00010000 c65cf2c8 affb2306 000000ef ff3ffffd fe600000 0000383a" \
	"fffe8000 00000000 008000f2 2734ff8e 87fe8000 00000000 000000ff" \
	"ffffffff ff860095 4c000000 00000000 00000007 d0030440 40ffffff" \
	"ffffffff ff000000 00200100 00cb0071 78000000 00000000 00050100" \
	"00000005 00"
#define MIREDO_BUBBLE							\
	"60000000 00003b00 fe800000 00000000 f4cfa18a 660379b3 20010000" \
	"cb007178 2c54dfff 3ffffd7e"
#define MIREDO_BUBBLE_ANSWER						\
	"60000000 00003b00 20010000 cb007178 2c54dfff 3ffffd7e fe800000" \
	"00000000 f4cfa18a 660379b3"
#define MIREDO_ECHO							\
	"60000000 001a3a80 20010000 cb007178 0ca5efff 3ffffdfe 20010db8" \
	"00060000 00000000 00000003 8000af38 32776c5f 6b02178b d8b25c0a" \
	"054a6e94 3348d419 3a31"
#define MIREDO_RELAY_BUBBLE						\
	"0000f226 39cc9bf5 60000000 00003b00 fe800000 00000000 8cb75d3b" \
	"228e816d 20010000 cb007178 0ca5efff 3ffffdfe"

/*
 * Made by hand. Client A is mapped to 192.0.2.1:4096 with server
 * 203.0.113.120, client B to 192.0.2.10:8192 with server 198.51.100.118
 * (RFC 6081 figure 2), N is the native host 2001:db8:6::3. The secret is
 * "teredo-test-key!", the identifier "host1".
 */
#define ADDR_A	"2001:0:cb00:7178:0:efff:3fff:fdfe"
#define ADDR_B	"2001:0:c633:6476:0:dfff:3fff:fdf5"
#define ADDR_N	"2001:db8:6::3"
#define HEX_A	"20010000 cb007178 0000efff 3ffffdfe"
#define HEX_B	"20010000 c6336476 0000dfff 3ffffdf5"
#define HEX_N	"20010db8 00060000 00000000 00000003"
#define MAPPED_A "192.0.2.1:4096"
#define MAPPED_B "192.0.2.10:8192"
#define SERVER_A "203.0.113.120"
#define SERVER2_A "203.0.113.121"
#define SERVER_B "198.51.100.118"

#define V_RS								\
	"00010000 01020304 05060708 00600000 0000083a fffe8000 00000000" \
	"000000ff ffffffff ffff0200 00000000 00000000 00000000 0285007d" \
	"37000000 00"
#define V_RS_CONE							\
	"00010000 01020304 05060708 00600000 0000083a fffe8000 00000000" \
	"008000ff ffffffff ffff0200 00000000 00000000 00000000 028500fd" \
	"36000000 00"
#define V_RA								\
	"00010000 01020304 05060708 000000ef ff3ffffd fe600000 0000383a" \
	"fffe8000 00000000 008000f2 2734ff8e 87fe8000 00000000 000000ff" \
	"ffffffff ff860095 4c000000 00000000 00000007 d0030440 40ffffff" \
	"ffffffff ff000000 00200100 00cb0071 78000000 00000000 00050100" \
	"00000005 00"
#define V_RS_SECURE							\
	"00010514 686f7374 317413fc 848da01f 5eb7c81d 5a899d40 e5907c39" \
	"68010203 04050607 08006000 00000008 3afffe80 00000000 00000000" \
	"ffffffff ffffff02 00000000 00000000 00000000 00028500 7d370000" \
	"0000"
#define V_RA_SECURE							\
	"00010514 686f7374 311e898d e62a626f d8c70de6 a2a16ff1 2612ae0c" \
	"7f010203 04050607 08000000 efff3fff fdfe6000 00000038 3afffe80" \
	"00000000 00008000 f22734ff 8e87fe80 00000000 00000000 ffffffff" \
	"ffff8600 954c0000 00000000 00000000 07d00304 4040ffff ffffffff" \
	"ffff0000 00002001 0000cb00 71780000 00000000 00000501 00000000" \
	"0500"
#define V_BUBBLE							\
	"60000000 00003b00 20010000 cb007178 0000efff 3ffffdfe 20010000" \
	"c6336476 0000dfff 3ffffdf5"
#define T_NONCE			"0104dead beef"
#define T_ALT_TWO		"030e0000 c0a8010a 1000c0a8 01011000"
#define T_ALT_ONE		"03080000 0a00000b 1000"
#define T_ND_SOLICIT		"04040000 0000"
#define T_ND_ADVERT		"04040100 0000"
#define T_RANDOM_PORT		"050204b1"
#define T_RANDOM_PORT_IANA	"020204b1"
#define T_REFUSED		"40020000"
#define T_SKIPPED		"80020000"
#define T_CUT			"0104dead"
#define V_BUBBLE_NONCE		V_BUBBLE " " T_NONCE
#define V_ORIGIN_A		"0000efff 3ffffdfe"
#define V_BUBBLE_FORWARDED	V_ORIGIN_A " " V_BUBBLE_NONCE
#define V_DISCOVERY							\
	"60000000 00003b01 20010000 cb007178 0000efff 3ffffdfe ff020000" \
	"00000000 00000000 00000001"
#define V_ECHO								\
	"60000000 00103a40 20010000 cb007178 0000efff 3ffffdfe 20010db8" \
	"00060000 00000000 00000003 8000b625 00000000 11223344 55667788"
#define V_ECHO_REPLY							\
	"60000000 00103a3f 20010db8 00060000 00000000 00000003 20010000" \
	"cb007178 0000efff 3ffffdfe 8100b525 00000000 11223344 55667788"

/* Name and payload of each whole packet. */
#define UNIT_VECTORS(V)							\
	V("xp-rs", XP_RS)						\
	V("xp-ra", XP_RA)						\
	V("xp-direct-bubble", XP_DIRECT_BUBBLE)				\
	V("xp-echo", XP_ECHO)						\
	V("xp-relay-bubble", XP_RELAY_BUBBLE)				\
	V("xp-bubble-answer", XP_BUBBLE_ANSWER)				\
	V("xp-echo-reply", XP_ECHO_REPLY)				\
	V("miredo-rs", MIREDO_RS)					\
	V("miredo-ra", MIREDO_RA)					\
	V("miredo-bubble", MIREDO_BUBBLE)				\
	V("miredo-bubble-answer", MIREDO_BUBBLE_ANSWER)			\
	V("miredo-echo", MIREDO_ECHO)					\
	V("miredo-relay-bubble", MIREDO_RELAY_BUBBLE)			\
	V("rs", V_RS)							\
	V("rs-cone", V_RS_CONE)						\
	V("ra", V_RA)							\
	V("rs-secure", V_RS_SECURE)					\
	V("ra-secure", V_RA_SECURE)					\
	V("bubble", V_BUBBLE)						\
	V("bubble-nonce", V_BUBBLE_NONCE)				\
	V("bubble-forwarded", V_BUBBLE_FORWARDED)			\
	V("bubble-alternates", V_BUBBLE_NONCE " " T_ALT_TWO)		\
	V("bubble-alternate", V_BUBBLE_NONCE " " T_ALT_ONE)		\
	V("bubble-solicit", V_BUBBLE " " T_ND_SOLICIT)			\
	V("bubble-advert", V_BUBBLE " " T_ND_ADVERT)			\
	V("bubble-random-port", V_BUBBLE_NONCE " " T_RANDOM_PORT)	\
	V("bubble-random-port-iana", V_BUBBLE_NONCE " " T_RANDOM_PORT_IANA) \
	V("bubble-skipped-trailer", V_BUBBLE " " T_SKIPPED)		\
	V("bubble-cut-trailer", V_BUBBLE " " T_CUT)			\
	V("discovery", V_DISCOVERY)					\
	V("echo", V_ECHO)						\
	V("echo-reply", V_ECHO_REPLY)

#endif /* _UNIT_VECTORS_H */
