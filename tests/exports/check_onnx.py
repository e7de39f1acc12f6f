"""Runs the ONNX files of one folder of fixtures and compares with our own outputs.

    check_onnx.py FOLDER
"""
import json
import pathlib
import sys

import numpy
import onnx
import onnxruntime

TOLERANCE = 1e-4  # of the largest magnitude of the output
# The filters in the graph are sums, right to 2e-6 of full scale; the recursion that they stand for
# loses up to 1e-3 to rounding (src/signal/butterworth.hpp), which deep encoders magnify.
RECIPE_TOLERANCE = 1e-3
RECIPE_OUTPUT_TOLERANCE = 2e-2


def check(path, windows, expected, tolerance, failures):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    properties = session.get_modelmeta().custom_metadata_map
    for key in ("clef.architecture", "clef.recipe", "clef.labels", "clef.provenance", "clef.before"):
        json.loads(properties[key])
    if len(windows) < 8:
        windows = numpy.resize(windows, (8,) + windows.shape[1:])
        expected = numpy.resize(expected, (8,) + expected.shape[1:])
    for batch in (1, 8):
        output = session.run(None, {"window": windows[:batch]})[0]
        error = numpy.abs(output - expected[:batch]).max() / numpy.abs(expected).max()
        good = output.shape == expected[:batch].shape and error < tolerance
        print(f"  {path.name}, batch {batch}: {error:.1e}{'' if good else ' TOO MUCH'}")
        if not good:
            failures.append(path)


def check_recipe(path, raw, prepared, failures):
    """The last value of the recipe in the graph against our own preprocessing."""
    model = onnx.load(str(path))
    model.graph.output.append(onnx.helper.make_tensor_value_info("z_score", 1, None))
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    found = session.run(["z_score"], {"window": raw})[0]
    error = (numpy.abs(found - prepared).max() / numpy.ptp(prepared)).item()
    good = found.shape == prepared.shape and error < RECIPE_TOLERANCE
    print(f"  {path.name}, the recipe: {error:.1e} of full scale{'' if good else ' TOO MUCH'}")
    if not good:
        failures.append(path)


def main():
    folder = pathlib.Path(sys.argv[1])
    load = lambda name: numpy.load(folder / f"{name}.npy")
    failures = []
    for path in sorted(folder.glob("*.onnx")):
        onnx.checker.check_model(str(path), full_check=path.stat().st_size < 1 << 28)
    check(folder / "fixed.onnx", load("windows"), load("expected"), TOLERANCE, failures)
    if (folder / "dynamic.onnx").exists():
        check(folder / "dynamic.onnx", load("windows"), load("expected"), TOLERANCE, failures)
        check(folder / "dynamic.onnx", load("odd_windows"), load("odd_expected"), TOLERANCE, failures)
        recipe = folder / "recipe.onnx"
        check_recipe(recipe, load("raw"), load("prepared"), failures)
        check(recipe, load("raw"), load("prepared_expected"), RECIPE_OUTPUT_TOLERANCE, failures)
    sys.exit(1 if failures else 0)


main()
