#!/usr/bin/env python3
"""The tables of examples/ablation.sh's study as Markdown: examples/ablation_table.py FOLDER

For every cohort the mean of each measure over the seeds, and its paired difference from the first
variant. Per seed clef gives the difference with a bootstrap interval over patients; here they are
averaged, with the variance of the mean taken as the bootstrap's (not divided by the number of seeds:
all seeds are judged on the same patients) plus the variance between seeds over their number. p is
two-sided and normal, Holm-corrected over all rows and measures of a cohort's table.
"""
import glob
import json
import math
import os
import statistics
import sys

GEOMETRY = {"distance_risk": "distance–risk ρ", "distance_risk_within_age": "… within age",
            "neighbour_excess": "neighbour excess", "ridge_pearson": "risk read, r",
            "ridge_within_age": "risk read within age, ρ"}


def variant(name):
    """A model's name: clef evaluate calls a comparison's sides by protocol and seed as well."""
    return name.removesuffix(", probe").removesuffix(", seed 1")


def read(folder):
    """{seed: {(model, measure): value}}, {seed: {(second, measure): (difference, error)}}, models"""
    values, differences, models = {}, {}, []
    for path in sorted(glob.glob(os.path.join(folder, "together-*"))):
        seed = path.rsplit("-", 1)[1]
        value, difference = values.setdefault(seed, {}), differences.setdefault(seed, {})
        with open(os.path.join(path, "geometry", "geometry.json")) as file:
            geometry = json.load(file)
        for model in geometry["models"]:
            own = variant(model["model"])
            if own not in models:
                models.append(own)
            value[own, "effective rank"] = model["effective_rank"]
            for key, name in GEOMETRY.items():
                value[own, name] = model["values"][key]["value"]
        for row in geometry["differences"]:
            if row["value"] in GEOMETRY:
                difference[variant(row["second"]), GEOMETRY[row["value"]]] = row
        with open(os.path.join(path, "results", "results.json")) as file:
            results = json.load(file)
        for row in results["results"]:
            name = f"{row['task']} {row['metric']}"
            value[variant(row["model"]), name] = row["metrics"][row["metric"]]["value"]
        for row in results["paired"]:
            difference[variant(row["second"]), f"{row['task']} {row['metric']}"] = row
    return values, differences, models


def pooled(rows):
    """Mean, half width of its 95 % interval, p, of the differences of several seeds."""
    mean = statistics.fmean(row["difference"] for row in rows)
    error = statistics.fmean((row["high"] - row["low"]) / 2 / 1.96 for row in rows)
    between = statistics.variance([row["difference"] for row in rows]) if len(rows) > 1 else 0.0
    deviation = math.sqrt(error ** 2 + between / len(rows))
    p = math.erfc(abs(mean) / deviation / math.sqrt(2)) if deviation > 0 else 1.0
    return mean, 1.96 * deviation, p


def holm(ps):
    corrected, highest = {}, 0.0
    for i, key in enumerate(sorted(ps, key=ps.get)):
        highest = max(highest, min(1.0, (len(ps) - i) * ps[key]))
        corrected[key] = highest
    return corrected


def table(header, rows):
    print("| " + " | ".join(header) + " |\n|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def main(out):
    for folder in sorted(glob.glob(os.path.join(out, "*", ""))):
        values, differences, models = read(folder)
        if not values:
            continue
        seeds = sorted(values)
        measures = sorted({m for v in values.values() for _, m in v},
                          key=lambda m: (m not in GEOMETRY.values(), m))
        print(f"### {os.path.basename(folder[:-1])}: means of {len(seeds)} seeds\n")
        mean = lambda model, measure: statistics.fmean(
            values[s][model, measure] for s in seeds if (model, measure) in values[s])
        table(["variant"] + measures, [[m] + [f"{mean(m, x):.3f}" for x in measures] for m in models])

        pairs = {}
        for key in differences[seeds[0]]:
            rows = [differences[s][key] for s in seeds if key in differences[s]]
            if len(rows) == len(seeds) and all(r["high"] is not None for r in rows):
                pairs[key] = pooled(rows)
        corrected = holm({key: p for key, (_, _, p) in pairs.items()})
        shown = [m for m in measures if any(k[1] == m for k in pairs)]
        print(f"{models[0]} minus the row's variant, 95 % interval; bold: Holm-corrected p < 0.05\n")

        def cell(key):
            if key not in pairs:
                return ""
            difference, half, _ = pairs[key]
            text = f"{difference:+.3f} ± {half:.3f}"
            return f"**{text}**" if corrected[key] < 0.05 else text
        table(["against"] + shown, [[m] + [cell((m, x)) for x in shown] for m in models[1:]])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
