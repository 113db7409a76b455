package extract_test

import "testing"

func TestContentWords(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{text: "All our texts are finished.", slot: "contentReadiness", want: "ready"},
		{text: "We already have the copy.", slot: "contentReadiness", want: "ready"},
		{text: "The content is done", slot: "contentReadiness", want: "ready"},
		{text: "Copy is half done", slot: "contentReadiness", want: "in_progress"},
		{text: "I'm still writing.", slot: "contentReadiness", want: "in_progress"},
		{text: "Some of the texts", slot: "contentReadiness", want: "in_progress"},
		{text: "We need a copywriter.", slot: "contentReadiness", want: "need_help"},
		{text: "Nothing is written.", slot: "contentReadiness", want: "need_help"},
		{text: "We have no content yet.", slot: "contentReadiness", want: "need_help"},
		{text: "We haven't started with the copy.", slot: "contentReadiness", want: "need_help"},
		{text: "in progress", asked: "contentReadiness", slot: "contentReadiness", want: "in_progress"},
		{text: "need_help", asked: "contentReadiness", slot: "contentReadiness", want: "need_help"},
		{text: "from scratch", asked: "contentReadiness", slot: "contentReadiness", want: "need_help"},
		{text: "We are ready to start.", slot: "contentReadiness"},
		{text: "copycat", slot: "contentReadiness"},
		{text: "We provide the text.", slot: "contentProvider", want: "client"},
		{text: "I'll send all the content", slot: "contentProvider", want: "client"},
		{text: "Our marketing team writes the copy.", slot: "contentProvider", want: "client"},
		{text: "We need a writer.", slot: "contentProvider", want: "agency"},
		{text: "We'd like you to write the texts", slot: "contentProvider", want: "agency"},
		{text: "Could the agency write the copy?", slot: "contentProvider", want: "agency"},
		{text: "We draft the copy and you polish it.", slot: "contentProvider", want: "mixed"},
		{text: "we will", asked: "contentProvider", slot: "contentProvider", want: "client"},
		{text: "you", asked: "contentProvider", slot: "contentProvider", want: "agency"},
		{text: "mixed", asked: "contentProvider", slot: "contentProvider", want: "mixed"},
		{text: "you", slot: "contentProvider"},
		{text: "texts by April 10", slot: "contentReadyDate", want: "by April 10"},
		{text: "Photos come in two weeks", slot: "contentReadyDate", want: "in two weeks"},
		{text: "next month", asked: "contentReadyDate", slot: "contentReadyDate", want: "next month"},
		{text: "already done", asked: "contentReadyDate", slot: "contentReadyDate"},
		{text: "The site goes live in May, the copy arrives in March", slot: "contentReadyDate", want: "in March"},
		{text: "The site goes live in May, the copy arrives in March", slot: "launchDate", want: "2027-05-31"},
	})
}

func TestAssetWords(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{text: "We already have a logo", slot: "logoStatus", want: "have"},
		{text: "Please keep our logo", slot: "logoStatus", want: "have"},
		{text: "logo in vector format", slot: "logoStatus", want: "have_vector"},
		{text: "We don't have a logo.", slot: "logoStatus", want: "need"},
		{text: "The logo should be redesigned", slot: "logoStatus", want: "need"},
		{text: "without a logo", slot: "logoStatus", want: "need"},
		{text: "svg", asked: "logoStatus", slot: "logoStatus", want: "have_vector"},
		{text: "no", asked: "logoStatus", slot: "logoStatus", want: "need"},
		{text: "yes", slot: "logoStatus"},
		{text: "logos of our clients are nice", slot: "logoStatus"},
		{text: "We have professional photos.", slot: "photoStatus", want: "have"},
		{text: "plenty of pictures", slot: "photoStatus", want: "have"},
		{text: "The photos are ready", slot: "photoStatus", want: "have"},
		{text: "We don't have any photos.", slot: "photoStatus", want: "need"},
		{text: "use stock photos", slot: "photoStatus", want: "need"},
		{text: "A photoshoot is scheduled for May", slot: "photoStatus", want: "planned"},
		{text: "The photographer is booked.", slot: "photoStatus", want: "planned"},
		{text: "pictures next week", slot: "photoStatus", want: "planned"},
		{text: "soon", asked: "photoStatus", slot: "photoStatus", want: "planned"},
		{text: "none", asked: "photoStatus", slot: "photoStatus", want: "need"},
		{text: "We have a photo booth for parties.", slot: "photoStatus"},
		{text: "a photography business", slot: "photoStatus"},
		{text: "Our palette is sage, off white and terracotta.", slot: "brandColors", want: "sage, off white, terracotta"},
		{text: "royal blue", asked: "colorPreferences", slot: "colorPreferences", want: "royal blue"},
		{text: "royal blue", asked: "colorPreferences", slot: "brandColors"},
		{text: "#fff and #FFF", asked: "brandColors", slot: "brandColors", want: "#fff", quote: "#fff and #FFF"},
		{text: "not pink", asked: "brandColors", slot: "brandColors"},
		{text: "redo it, bluetooth, goldfish", asked: "brandColors", slot: "brandColors"},
	})
}

func TestWebsiteState(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{text: "There is no website.", slot: "currentWebsite", want: "none"},
		{text: "This is our first website.", slot: "currentWebsite", want: "none"},
		{text: "We never had a website.", slot: "currentWebsite", want: "none"},
		{text: "We only have a Facebook page.", slot: "currentWebsite", want: "none"},
		{text: "not yet", asked: "currentWebsite", slot: "currentWebsite", want: "none"},
		{text: "outdated", asked: "currentWebsite", slot: "currentWebsite", want: "outdated"},
		{text: "Our old site is terrible", slot: "currentWebsite", want: "outdated"},
		{text: "The website is 12 years old.", slot: "currentWebsite", want: "outdated"},
		{text: "bella.com", asked: "currentWebsite", slot: "currentWebsite", want: "bella.com"},
		{text: "bella.com but it's outdated", asked: "currentWebsite", slot: "currentWebsite", want: "outdated"},
		{text: "bella.com but it's outdated", asked: "currentWebsite", slot: "websiteUrl", want: "bella.com"},
		{text: "Currently we use bella.com", slot: "currentWebsite", want: "bella.com"},
		{text: "I love bella.com", asked: "currentWebsite", slot: "currentWebsite"},
		{text: "no website traffic", slot: "currentWebsite"},
		{text: "old friends", slot: "currentWebsite"},
		{text: "Sites we admire: a.com, https://b.org/x", slot: "designReferences", want: "a.com, https://b.org/x"},
		{text: "a.com, b.com, a.com", asked: "designReferences", slot: "designReferences", want: "a.com, b.com"},
		{text: "rival.com is our competitor", asked: "designReferences", slot: "designReferences"},
	})
}

func TestDeciders(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{text: "only me", asked: "decisionMakers", slot: "decisionMakers", want: "only me"},
		{text: "me", asked: "decisionMakers", slot: "decisionMakers", want: "me"},
		{text: "I'm the owner", asked: "decisionMakers", slot: "decisionMakers", want: "I'm the owner"},
		{text: "Me and my business partner", asked: "decisionMakers", slot: "decisionMakers", want: "Me and my business partner"},
		{text: "our managing director", asked: "decisionMakers", slot: "decisionMakers", want: "our managing director"},
		{text: "The board signs off", asked: "decisionMakers", slot: "decisionMakers", want: "The board signs off"},
		{text: "Our CEO approves every purchase.", slot: "decisionMakers", want: "Our CEO"},
		{text: "Tom Baker, owner", asked: "decisionMakers", slot: "decisionMakers", want: "Tom Baker, owner"},
		{text: "My brother and I started in 2015.", slot: "decisionMakers", want: "My brother and I", hedged: true},
		{text: "we call our manager", slot: "decisionMakers"},
		{text: "a dashboard", asked: "decisionMakers", slot: "decisionMakers"},
	})
}

func TestGoals(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{text: "Triple our traffic", slot: "successMetrics", want: "Triple our traffic"},
		{text: "Increase sales by 20%", slot: "successMetrics", want: "Increase sales by 20%"},
		{text: "We'd be happy with 30 new leads a month", slot: "successMetrics", want: "30 new leads a month"},
		{text: "20% more bookings", slot: "successMetrics", want: "20% more bookings"},
		{text: "Reduce no-shows to 5%", slot: "successMetrics", want: "Reduce no-shows to 5%"},
		{text: "reach $10,000 a month", slot: "successMetrics", want: "reach $10,000 a month"},
		{text: "30 members", asked: "successMetrics", slot: "successMetrics", want: "30 members"},
		{text: "25 a month", asked: "primaryGoal", slot: "successMetrics", want: "25 a month"},
		{text: "25 a month", slot: "successMetrics"},
		{text: "more of everything", asked: "primaryGoal", slot: "successMetrics"},
		{text: "We already get 30 leads a month", slot: "successMetrics"},
		{text: "The goal is 80 appointments a week", slot: "successMetrics", want: "80 appointments a week"},
	})
}
