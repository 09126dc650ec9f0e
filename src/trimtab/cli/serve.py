"""x."""

import rich_click as click


@click.command("serve")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.option("--model", required=True, metavar="PATH|MODULE:ATTR", help="the trained model.")
@click.argument("name")
def command(name: str, as_json: bool, model: str) -> None:
    """Write a trimtab.toml for a trained model.

    More `trimtab.toml` words."""
