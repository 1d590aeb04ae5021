"""The configuration: what the file says, what may change it, and what is refused, in one line, before any work."""

from __future__ import annotations

import dataclasses
import itertools
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sparsedff.common.schema_text import to_plain, to_yaml
from sparsedff.config.config import Config, load_config
from sparsedff.errors import ConfigError

FILE = Path(__file__).parents[2] / "configs" / "config.yaml"


def in_file(config: Config, place: str) -> Any:
    """The value of a dotted key as a file names it."""
    found: Any = to_plain(config)
    for name in place.split("."):
        found = found[name]
    return found


def test_the_file_is_the_schema_with_its_defaults() -> None:
    assert load_config(FILE) == Config()
    regenerate = "the schema has changed: python -m sparsedff.config > configs/config.yaml"
    assert FILE.read_text().endswith("\n\n" + to_yaml(Config()) + "\n"), regenerate


def test_every_key_has_its_comment() -> None:
    lines = FILE.read_text().splitlines()
    for before, line in itertools.pairwise(lines):
        if re.match(r" *\w+:", line):
            assert re.match(r" *# \S", before), line


def test_pruning_keys_stand_at_the_top_of_the_file() -> None:
    lines = FILE.read_text().splitlines()
    assert {"method: auto", "dis_threshold: 0.1", "quotient_threshold: 0.8", "  keep_fraction: 0.8"} <= set(lines)
    changed = load_config(FILE, ["method=raw", "pruning.keep_fraction=0.5"]).pruning
    assert (changed.method, changed.dis_threshold, changed.keep_fraction) == ("raw", 0.1, 0.5)


def test_values_are_typed_and_frozen() -> None:
    config = load_config(FILE)
    assert config.distil.workspace.x == (-0.42, 0.42) and config.distil.img_preprocess == ("auto", "auto")
    assert isinstance(config.alignment.final_learning_rate, float)
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.seed = 1  # type: ignore[misc]
    hash(config)


def test_left_out_keys_keep_their_defaults(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("seed: 3\nalignment: {weights: {feature: 2}}\n")
    config = load_config(tmp_path / "c.yaml")
    assert (config.seed, config.alignment.weights.feature, config.alignment.weights.approach) == (3, 2.0, 0.1)
    (tmp_path / "c.yaml").write_text("")
    assert load_config(tmp_path / "c.yaml") == Config()


OVERRIDES: list[tuple[str, str, Any]] = [
    ("seed=7", "seed", 7),
    ("device=cuda:1", "device", "cuda:1"),
    ("device=null", "device", None),
    ("threads=2", "threads", 2),
    ("verbose=true", "verbose", True),
    ("dis_threshold=1", "dis_threshold", 1.0),
    ("data1=0123", "data1", "0123"),  # a name, not octal 83
    ("data1=20231010_1e5", "data1", "20231010_1e5"),
    ("data1='quoted'", "data1", "quoted"),
    ("data1=a=b: #c", "data1", "a=b: #c"),
    ("data1=${data2}", "data1", "monkey_test"),
    ("model_path=true", "model_path", "true"),
    ("workspace.x=[-0.2,0.2]", "workspace.x", (-0.2, 0.2)),
    ("workspace.x=[-1, 1e-1]", "workspace.x", (-1.0, 0.1)),
    ("capture_paths=[a/b, c]", "capture_paths", ("a/b", "c")),
    ("img_preprocess=[sam,physics]", "img_preprocess", ("sam", "physics")),
    ("field.rank=64", "field.rank", 64),
    ("alignment.weights.penetration=0", "alignment.weights.penetration", 0.0),
]


@pytest.mark.parametrize(("override", "place", "value"), OVERRIDES)
def test_overrides(override: str, place: str, value: Any) -> None:
    found = in_file(load_config(FILE, [override]), place)
    assert found == value and type(found) is type(value)


def test_the_last_override_wins_and_they_work_together() -> None:
    config = load_config(FILE, ["seed=1", "alignment.drop_at=[]", "alignment.keep_starts=[]", "seed=2"])
    assert (config.seed, config.alignment.drop_at, config.alignment.starts) == (2, (), 12)


REFUSED: list[tuple[str, str]] = [
    ("sed=1", "sed: no such key; did you mean seed?"),
    ("alignment.opt_iteration=1", "alignment.opt_iteration: no such key; did you mean opt_iterations?"),
    ("workspace.w=1", "workspace.w: no such key; known here: x, y, z"),
    ("nothing.like.it=1", "nothing: no such key"),
    ("seed=-1", "seed: -1 is not allowed; it must be a whole number, at least 0 and at most 4294967295"),
    ("seed=1.0", "seed: 1.0 is not allowed; it must be a whole number"),
    ("seed=true", "seed: true is not allowed"),
    ("seed=three", 'seed: "three" is not allowed'),
    ("seed=null", "seed: null is not allowed"),
    ("seed=[1]", "seed: [1] is not allowed"),
    ("seed=", "seed: null is not allowed"),
    ("threads=0", "threads: 0 is not allowed; it must be a whole number or null, at least 1 and at most 1024"),
    ("visualize=1", "visualize: 1 is not allowed; it must be true or false"),
    ("visualize=maybe", 'visualize: "maybe" is not allowed'),
    ("dis_threshold=0", "dis_threshold: 0 is not allowed; it must be a number, above 0 and at most 10"),
    ("dis_threshold=.nan", "dis_threshold: NaN is not allowed"),
    ("dis_threshold=.inf", "dis_threshold: Infinity is not allowed"),
    ("dis_threshold=wide", 'dis_threshold: "wide" is not allowed; it must be a number'),
    (f"dis_threshold={'9' * 400}", "is not allowed; it must be a number"),
    ("quotient_threshold=1.5", "quotient_threshold: 1.5 is not allowed"),
    (
        "method=vote3D",
        'method: "vote3D" is not allowed; it must be text, one of auto, vote_3D, vote_3D_published, binearest_match',
    ),
    ("mode=foot", 'mode: "foot" is not allowed; it must be text, one of hand, gripper'),
    ("img_preprocess=[sam]", 'img_preprocess: ["sam"] is not allowed; it must be a list of 2, each text, one of sam'),
    ("img_preprocess=sam", 'img_preprocess: "sam" is not allowed'),
    ("img_preprocess=[sam,sum]", "is not allowed; it must be a list of 2, each text, one of sam, physics"),
    ("workspace.x=[1,-1]", "workspace.x: [1, -1] is not allowed; its numbers must be strictly rising"),
    ("workspace.x=[1,1]", "strictly rising"),
    ("workspace.x=[1]", "workspace.x: [1] is not allowed; it must be a list of 2, each a number"),
    ("workspace.x=[a,b]", "workspace.x"),
    ("workspace.x=1", "workspace.x: 1 is not allowed"),
    ("workspace.x=[-0.1,", "cannot be read"),
    ("workspace=1", "workspace: must be a section of keys, got 1"),
    ("workspace=null", "workspace: must be a section of keys, got null"),
    ("data1=", "data1: null is not allowed"),
    ("data1=''", 'data1: "" is not allowed'),
    ("data1.name=x", "data1"),
    ("camera.fps=6", "camera.fps: 6 is not one of 5, 15, 30"),
    ("camera.warmup_frames=[9,2]", "camera.warmup_frames: [9, 2] is not allowed; fewest is above most"),
    ("data1=${nowhere}", "data1: Interpolation key 'nowhere' not found"),
    ("seed=???", "'seed=???': ??? stands for a missing value"),
    ("data1=???", "??? stands"),
    ("alignment.drop_at=[50,20]", "strictly rising"),
    ("alignment.drop_at=[20]", "alignment.keep_starts: [6, 2] must have as many numbers as drop_at [20]"),
    ("alignment.keep_starts=[2,6]", "strictly falling"),
    ("alignment.starts=3", "alignment.keep_starts: keeps 6, but there are 3 starts"),
    ("alignment.start_height_m=[0.3,0.2]", "min is above max"),
    ("alignment.final_learning_rate=1", "alignment.final_learning_rate: 1 is above the first; it must be at most 0.01"),
    ("seed", "'seed': an override is key=value"),
    ("=1", "'=1': an override is key=value"),
    ("--seed=1", "'--seed=1': an override is key=value"),
    ("", "'': an override is key=value"),
    ("a[=1", "a: no such key"),
    ("workspace.x.0=5", "'workspace.x.0=5': sets a part"),
    ("seed.a=5", "seed"),
    (".=5", ""),
]


@pytest.mark.parametrize(("override", "message"), REFUSED)
def test_refused(override: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(FILE, [override])
    assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed: [", "is not valid YAML"),
        ("seed: 1\nseed: 2", "is not valid YAML"),
        ("- seed", "must be a mapping"),
        ("word", "c.yaml"),
        ("3", "c.yaml"),
        ("\x00", "is not valid YAML"),
        ("[" * 3000, "is not valid YAML"),
        ("seed: 1\n2: 3", "2: no such key"),
        ("sede: 1", "sede: no such key; did you mean seed?"),
        ("seed: ???", "seed"),
        ("workspace: {x: ['${seed}', 1]}", ""),
        ("threads: 2024-01-01", "threads"),
        ("data1: 123", "data1: 123 is not allowed; it must be text"),
        ("a: !!python/object/apply:os.system [x]", "is not valid YAML"),
    ],
)
def test_refused_files(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(text)
    if message:
        with pytest.raises(ConfigError) as caught:
            load_config(path)
        assert message in str(caught.value) and "\n" not in str(caught.value) and str(path) in str(caught.value)
    else:
        load_config(path)


def test_missing_and_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such configuration file"):
        load_config(tmp_path / "absent.yaml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"data1: \xe9\n")
    with pytest.raises(ConfigError, match="is not valid YAML"):
        load_config(tmp_path / "latin.yaml")


LEAVES = [
    "seed",
    "threads",
    "dis_threshold",
    "scale",
    "visualize",
    "data1",
    "device",
    "method",
    "workspace.x",
    "workspace",
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(LEAVES), VALUES)
def test_any_yaml_value_is_taken_as_it_is_or_refused_in_a_line(
    tmp_path_factory: pytest.TempPathFactory, place: str, value: Any
) -> None:
    document = value
    for name in reversed(place.split(".")):
        document = {name: document}
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(yaml.safe_dump(document))
    try:
        config = load_config(path)
    except ConfigError as error:
        assert "\n" not in str(error)
        return
    found = in_file(config, place)
    if place != "workspace" and not (isinstance(value, str) and value.strip()):
        assert found == (tuple(value) if isinstance(value, list) else value)


@given(st.text(max_size=30) | st.builds("{}={}".format, st.sampled_from(LEAVES), st.text(max_size=12)))
def test_any_override_is_taken_or_refused_in_a_line(override: str) -> None:
    try:
        load_config(FILE, [override])
    except ConfigError as error:
        assert len(str(error).splitlines()) == 1 or "\n" not in str(error)


@given(st.integers(0, 2**32 - 1), st.floats(1e-6, 10), st.booleans(), st.floats(-9, 0), st.floats(1e-3, 9))
def test_allowed_values_arrive_unchanged(seed: int, distance: float, visualize: bool, low: float, high: float) -> None:
    overrides = [f"seed={seed}", f"dis_threshold={distance!r}", f"visualize={str(visualize).lower()}"]
    config = load_config(FILE, [*overrides, f"workspace.z=[{low!r}, {high!r}]"])
    assert (config.seed, config.pruning.dis_threshold, config.visualize) == (seed, distance, visualize)
    assert config.distil.workspace.z == (low, high)
