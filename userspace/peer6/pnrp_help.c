// SPDX-License-Identifier: GPL-2.0-or-later
#include "peer6.h"

#define OPTIONS								\
	"  -j, --json         one JSON object; errors as JSON on stderr\n" \
	"  -v, --verbose      more\n"					\
	"  -q, --quiet        no remarks\n"				\
	"      --no-color     as with NO_COLOR set\n"			\
	"      --socket=PATH  of the daemon; default: PEER6_SOCKET, then\n" \
	"                     /run/peer6/peer6.varlink\n"		\
	"  -h, --help         this\n"

const char p6_help_pnrp[] =
	"  peer6 publish alice.pnrp.net\n"
	"  peer6 resolve alice.pnrp.net\n"
	"  peer6 pnrp cloud show list\n"
	"  peer6 pnrp peer traceroute 0.alice\n"
	"  peer6 pnrp monitor\n"
	"\n"
	"Usage: peer6 pnrp COMMAND ...    words as in \"netsh p2p pnrp\"\n"
	"\n"
	"  cloud         the clouds of this host: show, start, synchronize, ...\n"
	"  peer          names: resolve, traceroute, add registration, ...\n"
	"  diagnostics   ping nodes and seeds\n"
	"  monitor       print events of the daemon as they happen\n"
	"  decode        print the PNRP messages of a capture, field by field\n"
	"\n"
	"A name is a peer name, 0.alice or AUTHORITY.alice, or the host name that stands\n"
	"for it, alice.pnrp.net. With authority 0 it is unsecured: anyone may claim it.\n"
	"\n"
	"Each has a --help of its own. Options:\n"
	OPTIONS;

const char p6_help_pnrp_cloud[] =
	"  peer6 pnrp cloud show list\n"
	"  peer6 pnrp cloud show statistics Global_ --json\n"
	"  peer6 pnrp cloud synchronize host [2001:db8::5]:3540\n"
	"  peer6 pnrp cloud set pnrpmode mode=RO Global_\n"
	"\n"
	"Usage: peer6 pnrp cloud show [list] [[cloud=]CLOUD]\n"
	"       peer6 pnrp cloud show names|statistics|initialization|seed|pnrpmode|cache\n"
	"                             [[cloud=]CLOUD]\n"
	"       peer6 pnrp cloud start [cloud=]CLOUD [--timeout=SEC]\n"
	"       peer6 pnrp cloud synchronize host [host=]HOST [[cloud=]CLOUD]\n"
	"       peer6 pnrp cloud synchronize seed [[cloud=]CLOUD]\n"
	"       peer6 pnrp cloud flush|repair [[cloud=]CLOUD]\n"
	"       peer6 pnrp cloud set pnrpmode [mode=]default|RO [[cloud=]CLOUD]\n"
	"\n"
	"CLOUD may be shortened; without it, show, flush and repair take all, the others\n"
	"Global_. HOST is an address, [ADDRESS]:PORT or a host name.\n"
	"\n"
	"  show names         what is published here, with IDs; root sees all users'\n"
	"  show seed          the nodes that are configured to be asked first\n"
	"  show cache         the nodes that are known\n"
	"  start              open it, until interrupted or for --timeout seconds\n"
	"  synchronize        fill the cache from a node, or from the seeds\n"
	"  flush              forget the cache\n"
	"  repair             look for a split now\n"
	"  set pnrpmode RO    resolve only: take part with no name\n"
	"\n"
	"Options:\n"
	"  --timeout=SEC      how long start keeps the cloud open\n"
	OPTIONS;

#define RESOLVE_TAGS							\
	"  cloud=CLOUD        only there; default: all clouds at once\n" \
	"  max=N              end after N instances, 1 to 64\n"		\
	"  criteria=WORD      any (the default), nearest or nearest64\n" \
	"  near=PREFIX        what nearest is near to; default: this host\n" \
	"  local=no           leave out what this host publishes\n"	\
	"  --timeout=SEC      0.1 to 600 s; default 30\n"

#define PUBLISH_TAGS							\
	"  cloud=CLOUD        only there; default: all clouds\n"	\
	"  service=LIST       up to 10 of PORT, [IPV6]:PORT or IPV6, with /tcp, /udp or\n" \
	"                     /NUMBER; default: this host's addresses\n"	\
	"  comment=TEXT       up to 39 characters\n"			\
	"  text=TEXT          a payload, or\n"				\
	"  file=FILE          a payload, up to 4096 bytes\n"		\
	"  near=PREFIX        where the service is, for resolvers that want it near\n"

const char p6_help_pnrp_peer[] =
	"  peer6 pnrp peer resolve 0.alice\n"
	"  peer6 pnrp peer traceroute alice.pnrp.net Global_\n"
	"  peer6 pnrp peer add registration 0.alice service=22,80\n"
	"  peer6 pnrp peer show convertedname 0.MyApplication\n"
	"\n"
	"Usage: peer6 pnrp peer resolve|enumerate [name=]NAME [[cloud=]CLOUD] [TAG=VALUE ...]\n"
	"       peer6 pnrp peer traceroute [name=]NAME|target=ID [[cloud=]CLOUD] [...]\n"
	"       peer6 pnrp peer add registration [name=]NAME [[cloud=]CLOUD]\n"
	"                       [[service=]LIST] [TAG=VALUE ...]\n"
	"       peer6 pnrp peer delete registration [name=]NAME|handle=N [[cloud=]CLOUD]\n"
	"       peer6 pnrp peer show [registration] [[name=]NAME] [[cloud=]CLOUD]\n"
	"       peer6 pnrp peer show convertedname [name=]NAME\n"
	"       peer6 pnrp peer show machinename\n"
	"       peer6 pnrp peer set machinename [name=NAME] [publish=start|stop]\n"
	"                       [autopublish=enable|disable]\n"
	"\n"
	"resolve, traceroute, enumerate:\n"
	RESOLVE_TAGS
	"add registration:\n"
	PUBLISH_TAGS
	"\n"
	"Options:\n"
	OPTIONS;

const char p6_help_pnrp_diagnostics[] =
	"  peer6 pnrp diagnostics ping seed\n"
	"  peer6 pnrp diagnostics ping host [2001:db8::5]:3540 Global_\n"
	"\n"
	"Usage: peer6 pnrp diagnostics ping host [host=]HOST [[cloud=]CLOUD]\n"
	"       peer6 pnrp diagnostics ping seed [[cloud=]CLOUD]\n"
	"\n"
	"Exit status 6 if nobody answers.\n"
	"\n"
	"  --timeout=SEC      0.1 to 60 s; default 5\n"
	"\n"
	"Options:\n"
	OPTIONS;

const char p6_help_pnrp_monitor[] =
	"  peer6 pnrp monitor\n"
	"  peer6 pnrp monitor --json Global_ | jq .message\n"
	"  peer6 pnrp monitor --count=1 --timeout=10\n"
	"\n"
	"Usage: peer6 pnrp monitor [[cloud=]CLOUD] [--count=N] [--timeout=SEC]\n"
	"\n"
	"  --count=N          end after N events\n"
	"  --timeout=SEC      end after SEC seconds; exit status 6 if --count was not\n"
	"                     reached\n"
	"\n"
	"Options:\n"
	OPTIONS;

const char p6_help_publish[] =
	"  peer6 publish alice.pnrp.net\n"
	"  peer6 publish 0.alice service=22,53/udp comment=laptop\n"
	"  peer6 publish $(peer6 -j id show | jq -r .identity.name)\n"
	"\n"
	"Usage: peer6 publish [name=]NAME [[cloud=]CLOUD] [[service=]LIST] [TAG=VALUE ...]\n"
	"\n"
	"A name with authority 0 is unsecured: others may publish it, too. One with the\n"
	"authority of an identity of yours is signed by its key. It stays published until\n"
	"it is unpublished, over restarts of the daemon, too.\n"
	"\n"
	PUBLISH_TAGS
	"\n"
	"Options:\n"
	OPTIONS;

const char p6_help_unpublish[] =
	"  peer6 unpublish alice.pnrp.net\n"
	"  peer6 unpublish handle=3\n"
	"\n"
	"Usage: peer6 unpublish [name=]NAME|handle=N [[cloud=]CLOUD]\n"
	"\n"
	"Options:\n"
	OPTIONS;

const char p6_help_resolve[] =
	"  peer6 resolve alice.pnrp.net\n"
	"  peer6 resolve 0.alice Global_ --timeout=5\n"
	"  peer6 -j resolve 0.alice | jq -r '.results[].applications[].address'\n"
	"\n"
	"Usage: peer6 resolve [name=]NAME [[cloud=]CLOUD] [TAG=VALUE ...]\n"
	"\n"
	"Prints each instance as it is found. Of an unsecured name, which anyone may\n"
	"claim, up to 8 are looked for, and it says how many owners claim it.\n"
	"\n"
	RESOLVE_TAGS
	"\n"
	"Options:\n"
	OPTIONS;

const char p6_help_id[] =
	"  peer6 id create alice friendly='Alice of the garden'\n"
	"  peer6 id list\n"
	"  peer6 id export alice alice.xml\n"
	"  peer6 id import alice.xml --password-file=FILE\n"
	"\n"
	"Usage: peer6 id create [[name=]NAME] [[friendly=]TEXT]\n"
	"                       [profile=compatible|strong] [default=yes|no]\n"
	"       peer6 id list\n"
	"       peer6 id show [[identity=]IDENTITY]\n"
	"       peer6 id rename [identity=]IDENTITY [friendly=]TEXT\n"
	"       peer6 id default [identity=]IDENTITY\n"
	"       peer6 id xml [[identity=]IDENTITY] [[file=]FILE]\n"
	"       peer6 id export [[identity=]IDENTITY] [file=]FILE\n"
	"                       [encryption=compatible|strong]\n"
	"       peer6 id import [file=]FILE\n"
	"       peer6 id name [[name=]NAME] [[identity=]IDENTITY] [unsecured=yes|no]\n"
	"       peer6 id delete [identity=]IDENTITY\n"
	"\n"
	"IDENTITY is a peer name, its authority or a friendly name; without it, your\n"
	"default identity. An existing FILE is never overwritten; - is standard output or\n"
	"input.\n"
	"\n"
	"  profile=compatible     RSA-1024, what PNRP and Windows take; the default\n"
	"  profile=strong         RSA-3072; cannot publish names\n"
	"  xml                    the certificate, which is no secret\n"
	"  export, import         with the key, encrypted by a password\n"
	"  encryption=strong      AES-256; old versions of Windows cannot read it\n"
	"  name                   a further name of the same key; publishes nothing\n"
	"\n"
	"Options:\n"
	"  --password-file=FILE   its first line; default: ask on the terminal\n"
	OPTIONS;

const char p6_help_netsh_pnrp[] =
	"\n"
	"netsh p2p                               peer6\n"
	"  pnrp cloud show list|names|seed|...     pnrp cloud show list|names|seed|...\n"
	"  pnrp cloud start CLOUD                  pnrp cloud start CLOUD\n"
	"  pnrp cloud synchronize host|seed        pnrp cloud synchronize host|seed\n"
	"  pnrp cloud flush|repair CLOUD           pnrp cloud flush|repair CLOUD\n"
	"  pnrp cloud set pnrpmode mode=RO         pnrp cloud set pnrpmode mode=RO\n"
	"  pnrp diagnostics ping host|seed         pnrp diagnostics ping host|seed\n"
	"  pnrp peer add registration NAME         publish NAME\n"
	"  pnrp peer delete registration NAME      unpublish NAME\n"
	"  pnrp peer resolve NAME                  resolve NAME\n"
	"  pnrp peer traceroute NAME               pnrp peer traceroute NAME\n"
	"  pnrp peer show convertedname NAME       pnrp peer show convertedname NAME\n"
	"  pnrp peer set machinename publish=...   pnrp peer set machinename publish=...\n"
	"  idmgr ...                               id ...\n"
	"\n"
	"The long words are taken, too, each with \"peer6\" for \"netsh p2p\".\n";
