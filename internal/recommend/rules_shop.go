package recommend

import "applicreations.com/introspect/internal/slot"

// depositsHelp reports whether deposits could cut no-shows that are known.
func depositsHelp(c *client) bool { return books(c) && c.over(slot.CurrentNoShowRate, bookedRate) }

// paysElsewhere reports whether a payment service is in use outside the site.
func paysElsewhere(c *client) bool {
	return says(plain(c.v[slot.CurrentTools]+" "+c.v[slot.Integrations]), "paypal", "stripe", "square", "venmo", "payment")
}

// ordersCount reports whether orders make 30 % of the revenue or more.
func ordersCount(c *client) bool {
	i := c.inputs()
	orders, value, revenue := i.get(slot.MonthlyOrders), i.get(slot.AverageOrderValue), i.get(slot.AnnualRevenue)
	return i.ok && revenue > 0 && orders*value*12 >= 0.30*revenue
}

// keepsStock reports whether stock is known to matter.
func keepsStock(c *client) bool { return either(yes(slot.HasInventory), yes(slot.StockOuts))(c) }

// shopRow holds what the two shops have in common.
func shopRow() rule {
	return rule{
		words:    []string{"ecommerce", "e commerce", "online shop", "online store", "webshop", "web shop", "shop", "store", "sell online", "shopping cart"},
		relevant: hasShop,
		context: conds{
			countOr(either(known(slot.ProductsToSell), sellsProducts), slot.ProductsToSell, "%s products are for sale", "products are what the business sells"),
			sign(either(answered(slot.CheckoutDetails), answered(slot.DeliveryOptions)), "ordering and delivery are part of the plan"),
		},
		top: conds{
			countOr(model("product"), slot.ProductsToSell, "the business sells %s products", "selling products is the main income"),
			sign(yes(slot.WantsOnlineSales), "online sales are wanted"),
			sign(yes(slot.LosesSalesOffline), "sales are lost without an online channel"),
		},
		worth: shopWorth,
	}
}

func ecommerceBasicRule() rule {
	r := shopRow()
	r.feature, r.never = "ecommerce_basic", largeShop
	r.high = conds{
		figure(within(slot.ProductsToSell, 10, 50), "%s products are enough for a shop of their own", slot.ProductsToSell),
		figure(ordersCount, "%s orders a month at %s are a large part of the revenue", slot.MonthlyOrders, slot.AverageOrderValue),
		sign(yes(slot.StockOuts), "stock is hard to keep track of"),
		own("nationwide", "beyond the region", "other states", "worldwide", "ship "),
	}
	return r
}

func ecommerceAdvancedRule() rule {
	r := shopRow()
	r.feature, r.never = "ecommerce_advanced", not(largeShop)
	r.high = conds{
		own("amazon", "etsy", "marketplace", "sales channel", "second channel", "wholesale"),
		sign(yes(slot.ProductVariants), "the products come in variants or are sold wholesale"),
	}
	return r
}

func paymentProcessingRule() rule {
	return rule{
		feature:  "payment_processing",
		words:    []string{"payment", "pay online", "online pay", "checkout", "deposit", "credit card", "card pay"},
		relevant: either(yes(slot.AcceptsPayments), yes(slot.WantsOnlineSales), does("buy"), gives, deposits, bringsPayment, depositsHelp, paysElsewhere),
		context:  conds{sign(yes(slot.AcceptsPayments), "payments belong on the site")},
		top: conds{
			sign(bringsPayment, "orders and fees have to be paid on the site"),
			func(c *client) (fact, bool) { p, ok := c.entry("payment_processing"); return p.fact(), ok },
			sign(does("buy"), "visitors are meant to buy on the site"),
			sign(ticked(slot.GivingDetails, "recurring"), "donations are to come in again and again"),
			sign(gives, "visitors are meant to donate on the site"),
		},
		high: conds{
			figure(depositsHelp, "at %s no-shows, a deposit keeps people to their booking", slot.CurrentNoShowRate),
			sign(deposits, "deposits and packages are paid with the booking"),
			sign(paysElsewhere, "payments run through a separate service today"),
			own("invoice", "deposit", "prepay", "payment method"),
		},
		worth: paymentWorth,
	}
}

func inventoryManagementRule() rule {
	return rule{
		feature:  "inventory_management",
		words:    []string{"inventory", "stock"},
		never:    func(c *client) bool { return !hasShop(c) || c.v[slot.HasInventory] == "no" },
		relevant: either(keepsStock, over(slot.ProductsToSell, 24), known(slot.LostSalesPerMonth)),
		context: conds{
			count(slot.ProductsToSell, "%s products are for sale"),
			count(slot.LostSalesPerMonth, "%s of sales a month are lost to empty stock"),
			sign(keepsStock, "stock has to be kept"),
		},
		top: conds{
			when(keepsStock, figure(over(slot.ProductsToSell, 50), "stock of %s products cannot be kept by hand", slot.ProductsToSell)),
			sign(yes(slot.StockOuts), "products run out of stock today"),
			own("several locations", "two locations", "second location", "warehouses", "several channels", "wholesale"),
		},
		// Over 50 products without known stock are highly recommended only (DOMAIN 4.6).
		high: conds{
			figure(over(slot.ProductsToSell, 24), "%s products are for sale", slot.ProductsToSell),
			own("spreadsheet", "by hand", "manual", "stock level", "inventory"),
		},
		worth: loss(product(12, "%s of sales lost to empty stock a month × 12 months", slot.LostSalesPerMonth)),
	}
}

func liveChatRule() rule {
	return rule{
		feature:  "live_chat",
		words:    []string{"live chat", "chat"},
		relevant: either(yes(slot.LiveSupportWanted), both(hasShop, speaks("advice", "advise", "questions before", "complex product"))),
		context:  conds{count(slot.MonthlyOrders, "%s orders a month come in"), own("advice", "advise", "question")},
		top: conds{
			sign(yes(slot.LiveSupportWanted), "answers in real time are wanted"),
			own("complex product", "needs explanation", "needs advice", "need advice"),
		},
		high:  conds{own("conversion", "advice", "advise", "abandon", "personal service")},
		worth: product(0.15*12, "%s orders a month × %s × 15%% × 12 months", slot.MonthlyOrders, slot.AverageOrderValue),
	}
}
