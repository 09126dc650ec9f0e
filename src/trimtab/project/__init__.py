"""trimtab.toml: one table of keys, and from it the reading, the editors' schema and the reference page."""

from trimtab.project.read import PROJECT_FILE, project_of, read_project
from trimtab.project.values import ModelPart, Project, ServerPart

__all__ = ["PROJECT_FILE", "ModelPart", "Project", "ServerPart", "project_of", "read_project"]
