# Rscript shape_make.R, in this folder, with R 4.2.2 and nlme 3.1-162, writes
# shape_*.txt, robust_quantile.txt and robust_normal.txt.
suppressWarnings(RNGkind("Mersenne-Twister", "Inversion", "Rejection"))
library(nlme)

rows <- function(name, comment, table) {
	out <- file(paste0(name, ".txt"), "w")
	writeLines(paste("#", comment), out)
	writeLines(apply(table, 1, function(row) {
		paste(sprintf("%.15g", row), collapse = " ")
	}), out)
	close(out)
}

# Two process lives at uneven distances (hours), the load of a day, a queue.
set.seed(4)
gaps <- sample(c(0.5, 0.5, 0.5, 0.5, 1, 1.5, 0.3), 44, replace = TRUE)
day <- round(100 + cumsum(gaps), 2)
segment <- rep(0:1, c(24, 20))
clock <- day - ifelse(segment == 0, day[1], day[25])
load <- round(100 + 60 * sin(2 * pi * day / 24) + rnorm(44, 0, 8), 2)
queue <- round(abs(rnorm(44, 20, 10)), 1)
kb <- round(80000 + 6000 * segment + 400 * clock + 50 * load + 30 * queue +
	as.numeric(arima.sim(list(ar = 0.5), 44)) * 600, 1)
rows("shape_series", "segment clock_h day_h load queue value_kb",
	cbind(segment, clock, day, load, queue, kb))

# Slope, load and queue by ordinary least squares: estimate and standard error of each.
ordinary <- summary(lm(kb ~ factor(segment) + clock + load + queue))$coefficients
rows("shape_lm", "estimate and standard error: slope, load, queue",
	ordinary[c("clock", "load", "queue"), 1:2])

# The same with noise that is a first-order autoregression in continuous time, its
# correlation given for half an hour.
held <- t(sapply(c(0.3, 0.6, 0.9), function(r) {
	fit <- gls(kb ~ factor(segment) + clock + load + queue, method = "REML",
		correlation = corCAR1(r, form = ~ I(day / 0.5) | segment, fixed = TRUE))
	table <- summary(fit)$tTable
	c(r, t(table[c("clock", "load", "queue"), 1:2]))
}))
rows("shape_gls", "correlation; estimate and standard error: slope, load, queue", held)

# A curve that settles, with noise whose neighbours differ: BIC of line and saturation.
n <- 48
t <- seq(0, 12, length.out = n)
noise <- 300 * (-1)^(1:n) * runif(n, 0.4, 1)
settles <- round(70000 + 20000 * (1 - exp(-t / 2.3)) + noise, 1)
rows("shape_settling", "clock_h value_kb", cbind(t, settles))
curve <- nls(settles ~ a + b * (1 - exp(-t / tau)),
	start = list(a = 70000, b = 20000, tau = 2), control = nls.control(tol = 1e-7, minFactor = 1e-12))
line <- lm(settles ~ t)
# R counts the constants of the likelihood, and the noise as a parameter; so do we.
constant <- n * (1 + log(2 * pi))
rows("shape_nls", "height tau, BIC of the saturation, BIC of the line, slope",
	rbind(c(coef(curve)[c("b", "tau")], BIC(curve) - constant,
		BIC(line) - constant, coef(line)["t"])))

grid <- expand.grid(p = c(0.00001, 0.001, 0.05, 0.3, 0.5, 0.9, 0.975, 0.9999),
	freedom = c(1, 2, 3, 4.5, 8, 20, 100))
rows("robust_quantile", "p freedom t", cbind(grid, qt(grid$p, grid$freedom)))
z <- c(-4, -1, 0, 0.5, 1.96, 3, 6, 10)
rows("robust_normal", "z tail", cbind(z, pnorm(z, lower.tail = FALSE)))
