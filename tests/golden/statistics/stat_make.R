# Reference values for the tests of server/analyse: what R says.
# Made with R 4 and nothing beside it: Rscript stat_make.R, in this folder.
write <- function(name, text) writeLines(text, paste0("stat_", name, ".txt"))
n <- function(x) formatC(x, digits = 12, format = "g", width = 1)
row <- function(...) paste(sapply(c(...), n), collapse = " ")

# t freedom P(T > t)
write("t", c("# t freedom pt(t, freedom, lower.tail = FALSE)",
	unlist(lapply(c(1, 2, 2.7, 5, 19, 140.5), function(f)
		sapply(c(-3, -0.4, 0, 0.7, 2.1, 4.6, 12), function(t)
			row(t, f, pt(t, f, lower.tail = FALSE)))))))

write("chi", c("# x freedom pchisq(x, freedom)",
	unlist(lapply(c(1, 3, 19, 200), function(f)
		sapply(c(0.05, 1, 6, 30, 180, 260), function(x)
			row(x, f, pchisq(x, f)))))))

write("binomial", c("# hits trials p P(X >= hits)",
	mapply(function(k, m, p) row(k, m, p, pbinom(k - 1, m, p, lower.tail = FALSE)),
		c(0, 3, 20, 15, 2, 900), c(5, 3, 20, 20, 40, 1700),
		c(0.5, 0.5, 0.5, 0.5, 0.02, 0.5))))

write("fisher", c("# both row_only column_only neither fisher.test(greater)$p.value",
	mapply(function(a, b, c, d) row(a, b, c, d,
		fisher.test(matrix(c(a, c, b, d), 2), alternative = "greater")$p.value),
		c(12, 3, 2, 0, 5, 40), c(0, 1, 2, 4, 0, 10), c(0, 1, 3, 2, 5, 30),
		c(9, 3, 3, 4, 0, 70))))

# Two groups: Welch and Mann-Whitney, one-sided.
pairs <- list(
	list(c(2.1, 2.4, 1.8), c(0.1, -0.2, 0.3)),
	list(c(10, 0.05, -0.1), c(0.1, -0.2, 0.3)),
	list(c(0.4, 0.1, 0.9, 0.3), c(0.2, -0.3, 0.15, 0.05, 0.31)),
	list(c(1.5, 0.7), c(0.2, -0.1, 0.6, 0.9, 0.05, 0.11)))
write("contrast", c("# n_new n_old new... old... t freedom p_welch p_ranks low high",
	sapply(pairs, function(p) {
		w <- t.test(p[[1]], p[[2]], alternative = "greater")
		b <- t.test(p[[1]], p[[2]])
		u <- wilcox.test(p[[1]], p[[2]], alternative = "greater", exact = TRUE)
		row(length(p[[1]]), length(p[[2]]), p[[1]], p[[2]], w$statistic,
			w$parameter, w$p.value, u$p.value, b$conf.int)
	})))

# Random effects by DerSimonian and Laird, interval by Hartung and Knapp: by hand from
# their papers (the same steps as metafor's rma(method = "DL", test = "adhoc")).
pool <- function(y, e) {
	w <- 1 / e^2; k <- length(y)
	fixed <- sum(w * y) / sum(w)
	q <- sum(w * (y - fixed)^2)
	tau2 <- max(0, (q - (k - 1)) / (sum(w) - sum(w^2) / sum(w)))
	v <- 1 / (e^2 + tau2)
	mean <- sum(v * y) / sum(v)
	ratio <- max(1, sum(v * (y - mean)^2) / (k - 1))
	error <- sqrt(ratio / sum(v))
	reach <- qt(0.975, k - 1) * error
	c(mean, error, sqrt(tau2), max(0, (q - (k - 1)) / q), mean - reach, mean + reach,
		pt(mean / error, k - 1, lower.tail = FALSE))
}
sets <- list(
	list(c(3.1, 2.7, 3.9, 2.2, 3.3), c(0.8, 0.7, 1.1, 0.9, 0.6)),
	list(c(0.2, 5.1, 2.4, -1.3, 3.8, 7.0), c(0.5, 0.6, 0.4, 0.7, 0.5, 0.9)),
	list(c(-0.5, 0.3, 0.1, -0.2), c(0.4, 0.3, 0.5, 0.2)))
write("pool", c("# k slopes... errors... mean error tau I2 low high p",
	sapply(sets, function(s) row(length(s[[1]]), s[[1]], s[[2]],
		pool(s[[1]], s[[2]])))))

p <- c(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459,
	0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0)
write("discovery", c("# p p.adjust(BH) p.adjust(BY)",
	mapply(row, p, p.adjust(p, "BH"), p.adjust(p, "BY"))))
