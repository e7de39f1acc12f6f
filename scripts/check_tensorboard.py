"""Compares the scalars that TensorBoard finds in a run's folder with the run's log.jsonl."""
import json
import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

run = pathlib.Path(sys.argv[1])
events = EventAccumulator(str(run), size_guidance={"scalars": 0})
events.Reload()
expected = {}
for line in (run / "log.jsonl").read_text().splitlines():
    entry = json.loads(line)
    step = entry.pop("step")
    for name, value in entry.items():
        expected.setdefault(name, {})[step] = value
assert len(expected.get("loss", {})) > 4, "the log has no losses"
found = {tag: {e.step: e.value for e in events.Scalars(tag)} for tag in events.Tags()["scalars"]}
assert found.keys() == expected.keys(), (sorted(found), sorted(expected))
for name, values in expected.items():
    assert found[name].keys() == values.keys(), (name, found[name], values)
    for step, value in values.items():
        assert abs(found[name][step] - value) <= 1e-6 * max(1, abs(value)), (name, step)
print(f"TensorBoard reads {sum(map(len, found.values()))} scalars under {len(found)} names as log.jsonl has them")
