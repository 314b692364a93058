"""YAML as plain values, read strictly.

What belongs here: what of YAML a file of ours may use, and that every refusal says where. What does
not: what the values mean.
"""

import yaml

_LONGEST = 1_000_000
_MOST_KEYS = 10_000
_MERGE = "tag:yaml.org,2002:merge"  # `<<: *anchor`


def read_yaml(text: str) -> object:
    """Reads one document of plain values.

    Raises:
        yaml.YAMLError: It is none, says something twice, or would grow beyond all bounds.
    """
    if len(text) > _LONGEST:
        message = f"it is longer than {_LONGEST:,} characters"
        raise yaml.YAMLError(message)
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 (a SafeLoader)
    except RecursionError:
        message = "it stands too deep in itself to be read"
        raise yaml.YAMLError(message) from None
    except ValueError as error:  # an escape beyond Unicode, which has no node yet
        message = f"it cannot be read: {error}"
        raise yaml.YAMLError(message) from None


class _StrictLoader(yaml.CSafeLoader):
    """A safe loader that refuses a key written twice, of which YAML would silently keep the last.

    Keys are text: what YAML reads as something else (``on``, ``no``, ``1``) has to be quoted.
    """

    def construct_object(self, node: yaml.Node, deep: bool = False) -> object:  # noqa: FBT001, FBT002 (PyYAML's signature)
        try:
            value = super().construct_object(node, deep)
            if isinstance(value, str):
                value.encode()
        except UnicodeEncodeError:
            problem = "it holds half of a surrogate pair, which is no text"
        # What PyYAML's constructors raise for a value that is not of the form of its tag.
        except (ValueError, LookupError, AttributeError, TypeError) as error:
            problem = f"a value cannot be read as {node.tag.rpartition(':')[2]}: {error}"
        else:
            return value
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Merges; each merge of merges multiplies the keys."""
        super().flatten_mapping(node)
        if len(node.value) > _MOST_KEYS:
            problem = f"it merges into more than {_MOST_KEYS:,} keys"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:  # noqa: FBT001, FBT002 (PyYAML's signature)
        seen: dict[str, yaml.Mark] = {}
        for where, _ in node.value:
            if where.tag == _MERGE:
                continue
            key = self.construct_object(where, deep=True)
            problem, mark = "", where.start_mark
            if not isinstance(key, str):
                written = where.value if isinstance(where, yaml.ScalarNode) else "…"
                problem = f"key {written} is read as {key!r}, not as text; write it in quotes"
            elif key in seen:
                problem, mark = f"key {key!r} stands twice", seen[key]
            if problem:
                raise yaml.constructor.ConstructorError(None, None, problem, mark)
            seen[str(key)] = mark
        return super().construct_mapping(node, deep=deep)
