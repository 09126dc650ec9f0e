import yaml

from trimtab.targets.container.yaml_text import yaml_of


def test_keys_stay_in_their_order_and_nothing_is_said_by_reference():
    shared = {"b": 1, "a": "yes"}
    text = yaml_of({"z": shared, "y": shared, "on": ["0o400", "1:2", None]})
    assert yaml.safe_load(text) == {"z": shared, "y": shared, "on": ["0o400", "1:2", None]}
    assert list(yaml.safe_load(text)) == ["z", "y", "on"]
    assert "&" not in text
    assert text.index("b:") < text.index("a:")
