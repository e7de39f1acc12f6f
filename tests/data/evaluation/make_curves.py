"""Writes curves.json: curves, calibration and rank statistics by scikit-learn and SciPy (Debian's
python3-sklearn and python3-scipy). Run by hand: python3 make_curves.py curves.json"""
import json
import sys

import numpy as np
import scipy.stats
import sklearn
from sklearn import metrics
from sklearn.calibration import calibration_curve

rng = np.random.default_rng(21)
cases = {"versions": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__},
         "curves": []}


def listed(array):
    return np.asarray(array).tolist()


# Ties, edges of bins, certain and constant scores, repeated and absent rows.
for name, p, y in [
        ("random", np.round(rng.random(60), 3), rng.integers(0, 2, 60)),
        ("ties", rng.integers(0, 11, 60) / 10, rng.integers(0, 2, 60)),
        ("certain", rng.integers(0, 2, 40).astype(float), rng.integers(0, 2, 40)),
        ("one positive", np.round(rng.random(25), 2), np.arange(25) == 3),
        ("constant", np.full(30, 0.3), np.arange(30) % 3 == 0)]:
    y = np.asarray(y).astype(int)
    counts = rng.integers(0, 4, len(p))
    counts[3] = 1
    many_p, many_y = np.repeat(p, counts), np.repeat(y, counts)
    fpr, tpr, _ = metrics.roc_curve(many_y, many_p, drop_intermediate=False)
    precision, recall, _ = metrics.precision_recall_curve(many_y, many_p)
    fraction, mean = calibration_curve(many_y, many_p, n_bins=10, strategy="uniform")
    sizes = np.bincount(np.searchsorted(np.linspace(0, 1, 11)[1:-1], many_p), minlength=10)
    sizes = sizes[sizes > 0]
    cases["curves"].append({
        "name": name, "scores": listed(p), "labels": listed(y), "weights": listed(counts),
        "fpr": listed(fpr), "tpr": listed(tpr), "precision": listed(precision[::-1]),
        "recall": listed(recall[::-1]), "mean": listed(mean), "fraction": listed(fraction),
        "error": float((sizes * np.abs(mean - fraction)).sum() / sizes.sum())})

# Average ranks of methods over data sets: Friedman's test, Nemenyi's quantiles, Wilcoxon's test.
table = np.round(rng.normal(size=(9, 4)) + [0, 0.3, 0.6, 1.5], 1)  # some ties
chi_squared, p_value = scipy.stats.friedmanchisquare(*table.T)
cases["ranks"] = {
    "table": listed(table),
    "ranks": listed(np.mean([scipy.stats.rankdata(-row) for row in table], axis=0)),
    "chi_squared": chi_squared, "p": p_value,
    "tails": [[x, k, scipy.stats.chi2.sf(x, k)] for x in (0.01, 0.5, 3, 20, 80)
              for k in (1, 2, 5, 30)],
    "studentized": [[k, a, scipy.stats.studentized_range.ppf(1 - a, k, np.inf)]
                    for k in (2, 3, 4, 7, 10, 20) for a in (0.01, 0.05, 0.1)]}

json.dump(cases, open(sys.argv[1] if len(sys.argv) > 1 else "curves.json", "w"), indent=None,
          separators=(",", ":"))
