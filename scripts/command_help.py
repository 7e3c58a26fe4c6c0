"""What the program says of its own commands and options (`--experimental-dump-help`)."""

import json
import subprocess
from pathlib import Path

UNIVERSAL = ("version", "help")  # every command has them
DASHES = {"long": "--", "short": "-", "longWithSingleDash": "-"}


def read(program: Path) -> dict:
    """The command that the program is, with its subcommands."""
    text = subprocess.run([program, "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
    root = json.loads(text)["command"]
    root["subcommands"] = [command for command in root["subcommands"] if command["commandName"] != "help"]
    return root


def arguments(command: dict) -> list[dict]:
    return [argument for argument in command["arguments"] if argument.get("valueName") not in UNIVERSAL]


def names(argument: dict) -> list[str]:
    """How an option is written, in each of its spellings."""
    return [DASHES[name["kind"]] + name["name"] for name in argument["names"]]


def value(argument: dict) -> str:
    return argument.get("valueName", "").upper()


def operands(command: dict) -> list[str]:
    """The arguments that are no options, as a usage line has them."""
    positional = [argument for argument in arguments(command) if argument["kind"] == "positional"]
    return [f"[{value(argument)}]" if argument["isOptional"] else value(argument) for argument in positional]


def meaning(argument: dict) -> str:
    parts = [argument.get("abstract", ""), argument.get("discussion", "")]
    if argument.get("defaultValue") and argument["kind"] == "option":
        parts.append(f"(default: {argument['defaultValue']})")
    return " ".join(" ".join(part for part in parts if part).split())


def sections(command: dict) -> dict[str, list[dict]]:
    """Arguments and options by the title under which the help shows them; the first have none."""
    sections: dict[str, list[dict]] = {}
    for argument in arguments(command):
        sections.setdefault(argument.get("sectionTitle", ""), []).append(argument)
    return sections


def paragraphs(command: dict) -> list[tuple[str, list[str]]]:
    """The discussion: of each paragraph its text, or instead its lines if they are examples."""
    found = []
    for paragraph in filter(None, command.get("discussion", "").split("\n\n")):
        lead, *rest = paragraph.splitlines()
        examples = [line.strip() for line in rest] if lead == "Examples:" else []
        found.append(("" if examples else " ".join(paragraph.split()), examples))
    return found
