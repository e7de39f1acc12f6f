"""Writes scikit_learn.json: what scikit-learn, SciPy and NumPy say of small inputs. Run by hand."""
import json
import sys

import numpy as np
import scipy
import scipy.stats
import sklearn
from sklearn import linear_model, metrics

rng = np.random.default_rng(20)
cases = {"versions": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__,
                      "numpy": np.__version__}}


def listed(array):
    return np.asarray(array).tolist()


def binary(name, scores, labels, weights):
    predicted = (scores >= 0.5).astype(int)
    both = len(set(labels[weights > 0])) == 2
    w = {"sample_weight": weights}
    cases.setdefault("binary", []).append({
        "name": name, "scores": listed(scores), "labels": listed(labels), "weights": listed(weights),
        "auroc": metrics.roc_auc_score(labels, scores, **w) if both else None,
        "average_precision": metrics.average_precision_score(labels, scores, **w)
        if labels[weights > 0].any() else None,
        "f1": metrics.f1_score(labels, predicted, zero_division=0, **w),
        "balanced_accuracy": metrics.balanced_accuracy_score(labels, predicted, **w) if both else None,
        "log_loss": metrics.log_loss(labels, scores, labels=[0, 1], **w),
        "brier": metrics.brier_score_loss(labels, scores, pos_label=1, labels=[0, 1], **w)})


n = 40
labels = rng.integers(0, 2, n)
ones = np.ones(n, int)
counts = rng.multinomial(n, np.full(n, 1 / n))
scores = np.round(rng.random(n), 4)
binary("random", scores, labels, ones)
binary("random, weighted", scores, labels, counts)
tied = rng.integers(0, 5, n) / 4
binary("ties", tied, labels, ones)
binary("ties, weighted", tied, labels, counts)
binary("constant scores", np.full(n, 0.5), labels, counts)
binary("one positive", scores, (np.arange(n) == 7).astype(int), ones)
binary("only positives", scores, ones, ones)
binary("only negatives", scores, 0 * ones, ones)
binary("perfect", labels * 0.8 + 0.1, labels, ones)
binary("inverted", 0.9 - labels * 0.8, labels, counts)
binary("certain and wrong", np.where(np.arange(n) == 3, 1 - labels, labels).astype(float), labels, ones)

truth = rng.integers(0, 3, n)
logits = rng.normal(size=(n, 4)) + 1.2 * np.eye(4)[truth]
probabilities = np.round(np.exp(logits) / np.exp(logits).sum(1, keepdims=True), 6)
predicted = probabilities.argmax(1)
w = {"sample_weight": counts}
cases["multiclass"] = {
    "probabilities": listed(probabilities), "truth": listed(truth), "weights": listed(counts),
    "accuracy": metrics.accuracy_score(truth, predicted, **w),
    "balanced_accuracy": metrics.balanced_accuracy_score(truth, predicted, **w),
    "macro_f1": metrics.f1_score(truth, predicted, average="macro", zero_division=0, **w)}

target = np.round(rng.normal(60, 12, n), 2)
guess = np.round(target * 0.4 + rng.normal(35, 8, n), 2)
cases["regression"] = {
    "predicted": listed(guess), "truth": listed(target), "weights": listed(counts),
    "mae": metrics.mean_absolute_error(target, guess, **w),
    "rmse": metrics.root_mean_squared_error(target, guess, **w),
    "r2": metrics.r2_score(target, guess, **w),
    "pearson": scipy.stats.pearsonr(np.repeat(target, counts), np.repeat(guess, counts))[0]}

x = np.round(rng.normal(size=(60, 5)) * [1, 3, 0.2, 1, 10] + [0, 5, 0, -2, 100], 4)
y = (x[:, 0] + 0.5 * x[:, 1] + rng.normal(size=60) > 4.2).astype(int)
wide = np.round(rng.normal(size=(12, 20)), 4)
wide_y = np.array([0, 1] * 6)
for name, features, answer in [("tall", x, y), ("wide", wide, wide_y)]:
    fits = []
    for c in [0.01, 0.1, 1, 10]:
        for balanced in [False, True]:
            model = linear_model.LogisticRegression(
                C=c, class_weight="balanced" if balanced else None, solver="newton-cholesky"
                if name == "tall" else "lbfgs", tol=1e-10, max_iter=100000).fit(features, answer)
            fits.append({"c": c, "balanced": balanced, "weights": listed(model.coef_[0]),
                         "intercept": model.intercept_[0]})
    ridges = []
    value = np.round(features @ rng.normal(size=features.shape[1]) + rng.normal(size=len(features)), 4)
    for alpha in [0.01, 1, 100]:
        model = linear_model.Ridge(alpha=alpha).fit(features, value)
        ridges.append({"alpha": alpha, "weights": listed(model.coef_), "intercept": model.intercept_})
    cases.setdefault("linear", []).append({
        "name": name, "features": listed(features), "labels": listed(answer), "logistic": fits,
        "targets": listed(value), "ridge": ridges})

matrix = np.round(rng.normal(size=(12, 4)) @ rng.normal(size=(4, 4)), 4).astype(np.float32)
centred = matrix.astype(float) - matrix.astype(float).mean(0)
u, s, vt = np.linalg.svd(centred, full_matrices=False)
signs = np.sign(vt[np.arange(len(vt)), np.abs(vt).argmax(1)])
raw = np.linalg.svd(matrix.astype(float), compute_uv=False)
unit = matrix.astype(float) / np.linalg.norm(matrix.astype(float), axis=1, keepdims=True)


def effective_rank(values):
    p = values / values.sum()
    return np.exp(-(p * np.log(p)).sum())


distances = scipy.spatial.distance.pdist(unit)
cases["projection"] = {
    "matrix": matrix.astype(float).tolist(), "coordinates": listed((u * s * signs)[:, :2]),
    "explained_variance": listed((s**2 / (s**2).sum())[:2]),
    "effective_rank_centred": effective_rank(s), "effective_rank": effective_rank(raw),
    "uniformity": np.log(np.exp(-2 * distances**2).mean()),
    "alignment": (np.linalg.norm(unit[:6] - unit[6:], axis=1)**2).mean()}

json.dump(cases, open(sys.argv[1] if len(sys.argv) > 1 else "scikit_learn.json", "w"),
          indent=None, separators=(",", ":"))
