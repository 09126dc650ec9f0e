"""Evidence of a project: whose word counts where, kept beside the bundle, and brought in from other tools."""
