package web

import "strings"

// suggestEmail returns the address that was probably meant when the domain is
// one slip away from that of a large mail provider, else "".
func suggestEmail(email string) string {
	local, domain, found := strings.Cut(strings.TrimSpace(email), "@")
	if !found || local == "" {
		return ""
	}
	domain = strings.ToLower(domain)
	for _, real := range []string{"mail.com", "email.com", "ymail.com", "hotmail.co.uk", "hotmail.fr", "hotmail.de", "hotmail.it", "hotmail.es", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "yahoo.it", "yahoo.ca", "yahoo.es", "outlook.de", "outlook.fr", "outlook.es", "outlook.it"} {
		if domain == real {
			return ""
		}
	}
	meant := ""
	for _, provider := range []string{"gmail.com", "googlemail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "protonmail.com", "comcast.net"} {
		switch slips(domain, provider) {
		case 0:
			return ""
		case 1:
			meant = provider
		}
	}
	if meant == "" {
		return ""
	}
	return local + "@" + meant
}

// slips counts the typing errors between two words: a letter too many, too
// few, wrong, or swapped with its neighbour (optimal string alignment).
func slips(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			wrong := 1
			if a[i-1] == b[j-1] {
				wrong = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+wrong)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
