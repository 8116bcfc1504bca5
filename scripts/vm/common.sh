# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What scripts/vm/kernel and scripts/vm/debug-kernel share: the private apt
# state, the kernel's source, the initrd. The caller sets $scratch, a folder of
# its own that it removes, and $here, this one.
# shellcheck disable=SC2154

cache=${PEER6_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/peer6}
# What the initrd needs in order to mount the root and to talk to the runner.
initrd_modules=(virtio_pci virtio_console 9pnet_virtio 9p overlay)

say()
{
	printf 'kernel: %s\n' "$*" >&2
}

die()
{
	printf '%s [%s]\n%s\nDo: %s\n' "$2" "$1" "$3" "$4" >&2
	exit 1
}

# The suites are those of the machine itself, moved to bookworm, and the
# backports beside them: only the suite's name is ours, never an address.
apt_sources()
{
	local codename uri release component

	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
	# shellcheck disable=SC2016 # apt expands these, not the shell
	apt-get indextargets \
		--format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Identifier: Packages' | sort -u |
	while read -r uri release component; do
		[[ $component == main ]] || continue
		case $release in
		"$codename")
			printf 'deb %s bookworm main\n' "$uri"
			printf 'deb %s bookworm-backports main\n' "$uri"
			;;
		"$codename"-security|"$codename"-updates)
			printf 'deb %s bookworm-%s main\n' \
				"$uri" "${release##*-}"
			;;
		esac
	done | sort -u
}

apt_run()
{
	local tool=$1

	shift
	"$tool" -q -o Dir::State="$cache/apt/state" \
		-o Dir::Cache="$cache/apt/cache" \
		-o Dir::Etc::SourceList="$cache/apt/sources.list" \
		-o Dir::Etc::SourceParts=/dev/null \
		-o APT::Sandbox::User="$(id -un)" \
		-o Acquire::Languages=none "$@"
}

apt_prepare()
{
	mkdir -p "$cache"/apt/state/lists/partial \
		"$cache"/apt/cache/archives/partial
	apt_sources >"$cache/apt/sources.list"
	[[ -s $cache/apt/sources.list ]] || die no-package-source \
		"No Debian package source was found on this machine." \
		"apt lists no suite of its release, so there is nowhere to take kernels from." \
		"add the Debian suite of this release to /etc/apt/sources.list"
	say "reading the package lists of bookworm and its backports"
	apt_run apt-get update >"$cache/apt/update.log" 2>&1 || {
		cat "$cache/apt/update.log" >&2
		die package-lists "The package lists could not be read." \
			"apt-get update with a private state failed, see above." \
			"check the network, then run this again"
	}
}

# The version of a package that a suite offers (newest first in madison).
suite_version()
{
	apt_run apt-cache madison "$1" |
		awk -v bpo="$2" '(/backports/ ? 1 : 0) == bpo { print $3; exit }'
}

depends()
{
	apt_run apt-cache show "$1" | sed -n 's/^Depends: //p' | sed -n 1p |
		tr ',' '\n' | sed 's/^ *//' | awk -v p="$2" '$1 ~ p { print $1 }'
}

# Unpacks Debian's kernel source, the installed package's or a downloaded one,
# and prints its folder.
kernel_source()
{
	local pkg=linux-source-6.1 ver tar dest

	ver=$(dpkg-query -W -f '${Version}' "$pkg" 2>/dev/null) || ver=
	tar=/usr/src/$pkg.tar.xz
	if [[ -z $ver || ! -e $tar ]]; then
		ver=$(cat "$cache/source/version" 2>/dev/null) || ver=
		tar=
	fi
	dest=$cache/source/$pkg-$ver
	if [[ -z $ver ]] || [[ ! -d $dest && -z $tar ]]; then
		apt_prepare
		ver=$(suite_version "$pkg" 0)
		dest=$cache/source/$pkg-$ver
		say "fetching $pkg $ver"
		(cd "$scratch" && apt_run apt-get download "$pkg=$ver" >&2)
		dpkg -x "$scratch/$pkg"_*.deb "$scratch/source-deb"
		tar=$scratch/source-deb/usr/src/$pkg.tar.xz
	fi
	if [[ ! -d $dest ]]; then
		say "unpacking $pkg $ver"
		mkdir -p "$scratch/source"
		tar -C "$scratch/source" -xf "$tar"
		mkdir -p "$cache/source"
		mv "$scratch/source/$pkg" "$dest"
	fi
	printf '%s\n' "$ver" >"$cache/source/version"
	printf '%s\n' "$dest"
}

# A directory tree for /init and its modules, as an uncompressed archive:
# unpacking it costs less than decompressing would under emulation.
make_initrd()
{
	local root=$1 kver=$2 out=$3 tree=$scratch/initrd
	local mod path insmod file

	rm -rf "$tree"
	mkdir -p "$tree"/{bin,lib,dev,proc,sys,lower,upper,root}
	cp "$(command -v busybox)" "$tree/bin/busybox"
	ln -s busybox "$tree/bin/sh"
	cp "$here/initrd-init" "$tree/init"
	chmod 755 "$tree/init"
	: >"$tree/lib/order"
	for mod in "${initrd_modules[@]}"; do
		while read -r insmod path _; do
			[[ $insmod == insmod ]] || continue
			[[ -e $tree/lib/$(basename "$path" .xz) ]] && continue
			cp "$path" "$tree/lib/"
			case $path in
			*.xz)	unxz "$tree/lib/${path##*/}" ;;
			esac
			file=${path##*/}
			printf '%s\n' "${file%.xz}" >>"$tree/lib/order"
		done < <(modprobe -d "$root" -S "$kver" --show-depends "$mod")
	done
	(cd "$tree" && find . | cpio -o -H newc -R 0:0 --quiet) >"$out"
}

# The initrd holds files of this folder, so it ages with them.
refresh_initrd()
{
	local dir=$1 kver

	[[ $here/initrd-init -nt $dir/initrd || $here/common.sh -nt $dir/initrd ]] ||
		return 0
	kver=$(<"$dir/release")
	make_initrd "$dir/root" "$kver" "$scratch/initrd.cpio"
	mv "$scratch/initrd.cpio" "$dir/initrd"
}
