package intake

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"applicreations.com/introspect/internal/extract"
)

// WebsiteTypes lists the choices of foundation step 4 with their labels
// (DOMAIN 1.2).
func WebsiteTypes() []Choice {
	return []Choice{
		{Value: "business", Label: "Business website", Description: "A company, a practice, a shop"},
		{Value: "personal", Label: "Personal or portfolio", Description: "Work, writing, a person"},
		{Value: "project", Label: "Project or campaign", Description: "An event, a launch, a cause"},
		{Value: "nonprofit", Label: "Non-profit organisation", Description: "A charity, an association, a club"},
		{Value: "other", Label: "Something else", Description: "A few words will do"},
	}
}

// CheckField checks one step of the foundation form and returns the cleaned
// value: 1 name, 2 e-mail, 3 phone (may be empty), 4 website type. A bad value
// is an *Invalid whose field is the wire name.
func CheckField(step int, value string) (string, error) {
	value = strings.Join(strings.Fields(extract.Clean(value)), " ")
	switch step {
	case 1:
		return checkName(value)
	case 2:
		return checkEmail(value)
	case 3:
		return checkPhone(value)
	default:
		return checkWebsiteType(value)
	}
}

func checkName(name string) (string, error) {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return "", &Invalid{"userName", "Please enter a name, so that the documents can be addressed."}
	case n < 2:
		return "", &Invalid{"userName", "The name needs at least 2 characters."}
	case n > 200:
		return "", &Invalid{"userName", "The name is longer than 200 characters. Please shorten it."}
	}
	return name, nil
}

func checkEmail(email string) (string, error) {
	const bad = "Please enter a valid e-mail address, such as name@example.com. The documents are sent there."
	switch {
	case email == "":
		return "", &Invalid{"userEmail", "Please enter an e-mail address. The documents are sent there."}
	case len(email) > 254:
		return "", &Invalid{"userEmail", "The e-mail address is longer than 254 characters. Please check it."}
	}
	a, err := mail.ParseAddress(email)
	if err != nil || a.Address != email {
		return "", &Invalid{"userEmail", bad}
	}
	_, domain, _ := strings.Cut(email, "@")
	if !strings.Contains(domain, ".") || strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") {
		return "", &Invalid{"userEmail", bad}
	}
	return email, nil
}

// extension is the last part of a phone number behind a switchboard.
var extension = regexp.MustCompile(`(?i)[ ,;]+(?:ext\.?|extension|x|#|ap\.?|durchwahl|poste) ?\d{1,6}$`)

// checkPhone takes a number as people write it, with a slash behind the area
// code or an extension at its end.
func checkPhone(phone string) (string, error) {
	digits := 0
	for _, r := range extension.ReplaceAllString(phone, "") {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune(" +()-./", r):
			return "", &Invalid{"userPhone", "A phone number may hold digits, spaces, +, brackets, slashes and dashes, and end in an extension such as “ext. 12”. It can also be left empty."}
		}
	}
	if phone != "" && (digits < 6 || len(phone) > 40) {
		return "", &Invalid{"userPhone", "This does not look like a complete phone number. It can also be left empty."}
	}
	return phone, nil
}

func checkWebsiteType(t string) (string, error) {
	if !slices.ContainsFunc(WebsiteTypes(), func(c Choice) bool { return c.Value == t }) {
		return "", &Invalid{"websiteType", "Please choose one of the five kinds of website."}
	}
	return t, nil
}

// checkClient checks all fields of the foundation form.
func checkClient(c Client) (Client, error) {
	var err error
	for step, field := range []*string{&c.Name, &c.Email, &c.Phone, &c.WebsiteType} {
		if *field, err = CheckField(step+1, *field); err != nil {
			return Client{}, err
		}
	}
	c.OtherDescription = strings.Join(strings.Fields(extract.Clean(c.OtherDescription)), " ")
	if utf8.RuneCountInString(c.OtherDescription) > 200 {
		return Client{}, &Invalid{"otherDescription", "The description is longer than 200 characters. Please shorten it."}
	}
	return c, nil
}
