package webhook_test

import (
	"net/netip"
	"testing"

	"applicreations.com/introspect/internal/webhook"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		address          string
		public, withThem bool // allowed as such, and with AllowPrivate
	}{
		{"93.184.216.34", true, true},
		{"8.8.8.8", true, true},
		{"172.15.255.255", true, true},
		{"172.32.0.0", true, true},
		{"100.63.255.255", true, true},
		{"100.128.0.0", true, true},
		{"223.255.255.255", true, true},
		{"2606:4700::1111", true, true},
		{"2001:4860:4860::8888", true, true},
		{"::ffff:8.8.8.8", true, true},
		// this machine and private networks
		{"127.0.0.1", false, true},
		{"127.255.255.255", false, true},
		{"::1", false, true},
		{"::ffff:127.0.0.1", false, true},
		{"10.0.0.1", false, true},
		{"::ffff:10.0.0.1", false, true},
		{"172.16.0.1", false, true},
		{"172.31.255.255", false, true},
		{"192.168.1.1", false, true},
		{"fc00::1", false, true},
		{"fd12:3456::1", false, true},
		{"100.64.0.1", false, true},
		{"100.127.255.255", false, true},
		// where clouds keep keys
		{"169.254.169.254", false, false},
		{"::ffff:169.254.169.254", false, false},
		{"169.254.170.2", false, false},
		{"fd00:ec2::254", false, false},
		{"fd20:ce::254", false, false},
		{"100.100.100.200", false, false},
		{"168.63.129.16", false, false},
		{"192.0.0.192", false, false},
		// nobody's, many's and the link's
		{"0.0.0.0", false, false},
		{"0.1.2.3", false, false},
		{"::", false, false},
		{"::ffff:0.0.0.0", false, false},
		{"169.254.1.1", false, false},
		{"fe80::1", false, false},
		{"fe80::1%eth0", false, false},
		{"2606:4700::1111%eth0", false, false},
		{"224.0.0.1", false, false},
		{"239.255.255.255", false, false},
		{"ff02::1", false, false},
		{"255.255.255.255", false, false},
		{"240.0.0.1", false, false},
		{"fec0::1", false, false},
		// tests, documentation, relays
		{"192.0.0.8", false, false},
		{"192.0.2.1", false, false},
		{"192.88.99.1", false, false},
		{"198.18.0.1", false, false},
		{"198.19.255.255", false, false},
		{"198.51.100.1", false, false},
		{"203.0.113.1", false, false},
		{"2001:db8::1", false, false},
		{"3fff::1", false, false},
		{"5f00::1", false, false},
		{"100::1", false, false},
		// another address inside
		{"64:ff9b::7f00:1", false, false},
		{"64:ff9b::a9fe:a9fe", false, false},
		{"64:ff9b::808:808", false, false},
		{"64:ff9b:1::7f00:1", false, false},
		{"2002:7f00:1::", false, false},
		{"2002:808:808::", false, false},
		{"2001:0:7f00:1::", false, false},
		{"::7f00:1", false, false},
		{"::ffff:0:7f00:1", false, false},
	} {
		a := netip.MustParseAddr(tt.address)
		if got := webhook.Allows(a, false); got != tt.public {
			t.Errorf("%s allowed = %v, want %v", tt.address, got, tt.public)
		}
		if got := webhook.Allows(a, true); got != tt.withThem {
			t.Errorf("%s allowed with private ones = %v, want %v", tt.address, got, tt.withThem)
		}
	}
	if webhook.Allows(netip.Addr{}, true) {
		t.Error("no address is allowed")
	}
}

// However an IPv4 address is written into an IPv6 one, it opens no more than
// the IPv4 address does.
func FuzzGuard(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1})
	f.Add([]byte{169, 254, 169, 254})
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) != 4 {
			return
		}
		four := netip.AddrFrom4([4]byte(raw))
		for name, six := range map[string][16]byte{
			"mapped":     {10: 0xff, 11: 0xff, 12: raw[0], 13: raw[1], 14: raw[2], 15: raw[3]},
			"compatible": {12: raw[0], 13: raw[1], 14: raw[2], 15: raw[3]},
			"NAT64":      {1: 0x64, 2: 0xff, 3: 0x9b, 12: raw[0], 13: raw[1], 14: raw[2], 15: raw[3]},
			"6to4":       {0: 0x20, 1: 0x02, 2: raw[0], 3: raw[1], 4: raw[2], 5: raw[3]},
			"Teredo":     {0: 0x20, 1: 0x01, 12: ^raw[0], 13: ^raw[1], 14: ^raw[2], 15: ^raw[3]},
		} {
			if webhook.Allows(netip.AddrFrom16(six), false) && !webhook.Allows(four, false) {
				t.Errorf("%s as %s is allowed", four, name)
			}
		}
	})
}
