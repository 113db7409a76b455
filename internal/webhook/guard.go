package webhook

import (
	"context"
	"net/netip"
	"slices"
	"syscall"
)

// guard decides which addresses may be dialled. It looks at the address after
// the name was resolved and right before connecting, so that a name cannot
// change in between.
type guard struct{ private bool }

// control is a net.Dialer's ControlContext.
func (g guard) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	end, err := netip.ParseAddrPort(address)
	if err != nil || !g.allows(end.Addr()) {
		return ErrPrivate
	}
	return nil
}

// allows reports whether an address may be reached. Everything is refused that
// is not known to be public, or private where that was asked for.
func (g guard) allows(a netip.Addr) bool {
	a = a.Unmap() // ::ffff:10.0.0.1 is 10.0.0.1
	if a.Zone() != "" || within(a, metadata()) {
		return false
	}
	if a.IsLoopback() || a.IsPrivate() || within(a, []string{"100.64.0.0/10"}) {
		return g.private
	}
	return a.IsGlobalUnicast() && !within(a, special()) && (a.Is4() || within(a, []string{"2000::/3"}))
}

// metadata lists where clouds hand out keys to whoever asks from within. They
// are refused even where private addresses are allowed.
func metadata() []string {
	return []string{
		"169.254.0.0/16",     // AWS, Google, Azure and most others
		"fe80::/10",          // their counterparts on the link
		"fd00:ec2::/32",      // AWS
		"fd20:ce::/32",       // Google
		"100.100.100.200/32", // Alibaba
		"168.63.129.16/32",   // Azure, in public space
		"192.0.0.192/32",     // Oracle
	}
}

// special lists what looks public and is not (IANA's special-purpose
// registries), with the ranges that carry another address inside, because they
// could lead back into a private network.
func special() []string {
	return []string{
		"0.0.0.0/8", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", // NAT64: the last 32 bits are an IPv4 address
		"2002::/16",     // 6to4: bits 16 to 48 are one
		"2001::/23",     // Teredo carries one, ORCHID is no address at all
		"2001:db8::/32", // documentation
		"3fff::/20",     // documentation
	}
}

func within(a netip.Addr, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return netip.MustParsePrefix(p).Contains(a) })
}
