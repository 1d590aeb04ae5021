"""`python -m sparsedff.config > configs/config.yaml` writes all settings with their defaults and meaning."""

from sparsedff.common.schema_text import to_yaml
from sparsedff.config.config import Config

if __name__ == "__main__":
    print("# All settings with their defaults; any can be changed on the command line: key=value, section.key=value.")
    print("# Lengths in metres, angles in degrees where the name says so. Written by `python -m sparsedff.config`.\n")
    print(to_yaml(Config()))
