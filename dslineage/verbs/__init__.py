"""The verbs of a workspace: a module is a noun, and each function has the workspace first."""
