# python3 robust_make.py, in this folder, with Python 3.11.2, NumPy 1.24.2 and
# SciPy 1.10.1, writes robust_series.txt and robust_reference.txt.
import numpy
from scipy import stats

x12 = [0, 1, 2, 3.5, 5, 6, 7, 9, 10, 11.5, 12, 14]
y12 = [10, 11.2, 11.9, 30, 15.1, 16.3, 16.8, 19.2, 20.1, 2, 22.2, 24.1]
x20 = list(range(20))
y20 = [(7 * i * i + 3 * i) % 11 + 0.3 * i for i in x20]
random = numpy.random.default_rng(4)
x40 = numpy.round(numpy.cumsum(random.exponential(1, 40)), 2)
y40 = numpy.round(500 + 0.8 * x40 + random.standard_t(2, 40), 2)
series = [(x12, y12), (x20, y20), (x40, y40)]

with open("robust_series.txt", "w") as out:
    out.write("# which x y\n")
    for which, (x, y) in enumerate(series):
        for a, b in zip(x, y):
            out.write(f"{which} {a:.15g} {b:.15g}\n")

with open("robust_reference.txt", "w") as out:
    out.write("# which; median, quantiles 0.03 0.1 0.9 0.97, 1.4826 MAD;"
              " Theil-Sen slope, low, high\n")
    for which, (x, y) in enumerate(series):
        slope, _, low, high = stats.theilslopes(y, x, 0.95)
        figures = [numpy.median(y), *numpy.quantile(y, [0.03, 0.1, 0.9, 0.97]),
                   1.4826 * stats.median_abs_deviation(y), slope, low, high]
        out.write(f"{which} " + " ".join(f"{f:.15g}" for f in figures) + "\n")
