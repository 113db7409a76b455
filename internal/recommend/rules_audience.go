package recommend

import "applicreations.com/introspect/internal/slot"

// visualTrades live from pictures (DOMAIN 5.2); pictured ones show them gladly.
var (
	visualTrades = [...]string{"restaurant", "fashion", "travel", "boutique", "cafe", "bakery"}
	pictured     = [...]string{"salon", "beauty"}
	returnWords  = [...]string{"repeat", "returning", "loyal", "retention", "come back", "mailing list"}
	networks     = [...]string{"instagram", "facebook", "tiktok", "pinterest", "social media"}
)

// readers is the size of what is published.
func readers() conds {
	return conds{
		count(slot.PostsPerWeek, "%s posts a week are published"),
		count(slot.SubscriberCount, "%s subscribers wait for news"),
	}
}

// isTrade reports whether the client calls the business one of these.
func isTrade(words ...string) test {
	return func(c *client) bool {
		_, ok := c.inTrade(words...)
		return ok
	}
}

func emailMarketingRule() rule {
	return rule{
		feature: "email_marketing",
		words:   []string{"email marketing", "e mail marketing", "mailing list", "email list", "email campaign", "e mail campaign", "mailchimp"},
		relevant: either(yes(slot.WantsRepeatCustomers), hasShop, hasMembers, publishes, yes(slot.BuildsAudience), regulars,
			known(slot.CustomerBase), does("newsletter"), ticked(slot.Notifications, "newsletter", "follow_up"), speaks(returnWords[:]...)),
		context: conds{
			count(slot.CustomerBase, "%s contacts are already on the list"),
			own(returnWords[:]...),
			sign(publishes, "readers return when they hear about new content"),
		},
		top: conds{
			when(hasShop, count(slot.MonthlyOrders, "%s orders a month bring addresses of people who buy")),
			sign(hasShop, "mail usually brings 25% to 30% of a shop's revenue"),
			sign(both(publishes, yes(slot.BuildsAudience)), "building an audience is the goal"),
		},
		high: conds{
			sign(yes(slot.WantsRepeatCustomers), "clients are meant to come back"),
			when(regulars, count(perWeek, "%s a week mean many clients who can come back")),
			countOr(hasMembers, slot.MemberCount, "%s members have to be kept informed", "members have to be kept informed"),
			sign(does("newsletter"), "visitors are meant to sign up for news"),
			sign(ticked(slot.Notifications, "follow_up"), "messages are to go out after a visit"),
			own("awareness", "repeat", "loyal", "retention"),
		},
		worth: emailWorth,
	}
}

// boxed reports whether articles or messages carry a newsletter.
func boxed(c *client) bool {
	return either(ticked(slot.ArticleDetails, "newsletter_box"), ticked(slot.Notifications, "newsletter"))(c)
}

func newsletterRule() rule {
	return rule{
		feature:  "newsletter",
		words:    []string{"newsletter"},
		relevant: either(publishes, yes(slot.BuildsAudience), does("newsletter"), known(slot.SubscriberCount), boxed),
		context:  append(readers(), sign(publishes, "new content appears regularly")),
		top: conds{
			when(publishes, count(slot.SubscriberCount, "%s subscribers are the core of the audience")),
			sign(leads("content"), "publishing lives from readers who return"),
			sign(both(publishes, yes(slot.BuildsAudience)), "building an audience is the goal"),
		},
		high: conds{
			sign(yes(slot.BuildsAudience), "building an audience is the goal"),
			sign(does("newsletter"), "visitors are meant to sign up for news"),
			sign(boxed, "a newsletter is part of the plan"),
			sign(yes(slot.PublishesContent), "published content needs distribution"),
			own("newsletter", "monthly news", "weekly news", "regular news", "stay in touch", "keep in touch"),
		},
		worth: leadsWorth("newsletter"),
	}
}

func blogSystemRule() rule {
	return rule{
		feature:  "blog_system",
		words:    []string{"blog", "news section", "news page", "articles"},
		relevant: either(publishes, yes(slot.PublishesContent), known(slot.PostsPerWeek), known(slot.LeadsPerMonth), speaks("blog", "articles", "thought leader")),
		context:  append(readers(), own("blog", "article"), sign(yes(slot.PublishesContent), "content is published regularly")),
		top: conds{
			when(leads("content"), count(slot.PostsPerWeek, "%s posts a week are the main offer")),
			sign(leads("content"), "publishing is the main function of the site"),
			count(slot.LeadsPerMonth, "content already brings %s leads a month"),
		},
		high: conds{
			figure(over(slot.PostsPerWeek, 0.99), "%s posts a week need a place", slot.PostsPerWeek),
			sign(yes(slot.SearchIsMainChannel), "content is what search engines find"),
			own("thought leader", "educat", "explain", "expertise"),
		},
		worth: leadsWorth("blog_system"),
	}
}

func seoPackageRule() rule {
	return rule{
		feature: "seo_package",
		words:   []string{"seo ", "search engine", "search optimi", "google ranking", "rank on google", "found on google"},
		relevant: either(yes(slot.SearchIsMainChannel), known(slot.MonthlyAdSpend), publishes,
			speaks("seo ", "google", "search engine", "found online", "local search", "near me", "organic traffic")),
		context: conds{own("google", "search", "found online"), sign(publishes, "published content is found through search")},
		top: conds{
			sign(yes(slot.SearchIsMainChannel), "search is the main way clients find the business"),
			own("local search", "near me", "competitive market", "strong competition"),
		},
		high: conds{
			count(slot.MonthlyAdSpend, "%s a month go into advertising"),
			own("seo ", "google", "search engine", "found online", "organic"),
		},
		worth: product(12, "advertising that can be avoided over time: %s a month × 12 months", slot.MonthlyAdSpend),
		claim: "advertising of %s annually can be avoided over time",
	}
}

func socialMediaIntegrationRule() rule {
	return rule{
		feature:  "social_media_integration",
		words:    []string{"social feed", "social media", "instagram", "facebook", "tiktok", "pinterest"},
		relevant: either(yes(slot.SocialActive), speaks(networks[:]...), isTrade(visualTrades[:]...), isTrade(pictured[:]...)),
		context: conds{
			own(networks[:]...), sign(yes(slot.SocialActive), "the social media accounts are active"),
			trade(visualTrades[:]...), trade(pictured[:]...),
		},
		high: conds{when(yes(slot.SocialActive), trade(visualTrades[:]...))},
	}
}

func multilingualRule() rule {
	return rule{
		feature:  "multilingual",
		words:    []string{"multilingual", "multi lingual", "multiple languages", "several languages", "translation", "bilingual", "second language", "spanish version"},
		relevant: either(yes(slot.MultipleLanguages), known(slot.OtherLanguageShare), severalTongues),
		context: conds{
			count(slot.OtherLanguageShare, "%s of the customers speak another language"),
			sign(yes(slot.MultipleLanguages), "several languages are served"),
		},
		top: conds{figure(over(slot.OtherLanguageShare, 0.30), "%s of the customers speak another language", slot.OtherLanguageShare)},
		high: conds{
			figure(within(slot.OtherLanguageShare, 0.10, 0.30), "%s of the customers speak another language", slot.OtherLanguageShare),
			polyglot,
			own("touris", "international", "expand", "abroad"),
		},
		worth: product(1, "market at stake: %s of %s annual revenue", slot.OtherLanguageShare, slot.AnnualRevenue),
		claim: "a market of %s annually is at stake",
	}
}
