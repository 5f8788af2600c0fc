"""The review of a pull request as Markdown, JUnit and annotations.

Names, messages, fields and figures come from whoever opened the pull request. Each is cut to a
length and neutralised where it becomes a part of the output.
"""
