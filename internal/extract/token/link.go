package token

import "strings"

// LinkAt returns the end and kind of the URL, domain or e-mail address that
// starts at the offset, or 0.
func LinkAt(text string, at int) (int, Kind) {
	end, dots := at, 0
	for end < len(text) && strings.IndexByte(" \t\n\r<>\"'`()[]{}|,;*\\", text[end]) < 0 {
		if text[end] == '.' {
			dots++
		}
		end++
	}
	run := strings.TrimRight(text[at:end], ".!?:")
	if dots == 0 || len(run) < 4 {
		return 0, Word
	}
	low := strings.ToLower(run)
	if name, host, ok := strings.Cut(low, "@"); ok {
		if name != "" && domain(host) {
			return at + len(run), Mail
		}
		return 0, Word
	}
	rest, scheme := strings.CutPrefix(low, "https://")
	if !scheme {
		rest, scheme = strings.CutPrefix(low, "http://")
	}
	host := rest
	if i := strings.IndexAny(rest, "/?#:"); i >= 0 {
		host = rest[:i]
	}
	if domain(host) || scheme && strings.Contains(host, ".") && !strings.HasPrefix(host, ".") {
		return at + len(run), Link
	}
	return 0, Word
}

// domain reports whether the lower-case text is a host name under a top level
// that clients use. Top levels that are English words ("no", "it", "me", "is")
// are left out unless the name starts with www, because people forget the
// space behind a full stop.
func domain(s string) bool {
	i := strings.LastIndexByte(s, '.')
	if i <= 0 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" {
			return false
		}
		for _, c := range []byte(label) {
			if c != '-' && (c < '0' || c > '9') && !asciiLetter(c) && c < 0x80 {
				return false
			}
		}
	}
	top := s[i+1:]
	if strings.HasPrefix(s, "www.") {
		return asciiLetter(top[0])
	}
	switch top {
	case "com", "org", "net", "edu", "gov", "io", "co", "uk", "us", "ca", "de", "fr", "eu", "es", "nl", "au", "nz", "ie",
		"ch", "se", "dk", "pl", "pt", "jp", "br", "mx", "za", "dev", "app", "ai", "tv", "biz", "info", "shop", "store",
		"studio", "salon", "agency", "design", "online", "site", "blog", "cafe", "restaurant", "photography", "health",
		"clinic", "dental", "law", "fitness", "yoga", "coffee", "club", "church", "school", "page", "website", "xyz":
		return true
	default:
		return false
	}
}
