"""`prepare-commit-msg`: what an editor shows, and what a given message becomes."""

from __future__ import annotations

from tests.hooks.work import TWO, Work


def test_in_an_editor_the_line_is_a_comment(work: Work) -> None:
    work.add(TWO)
    editor = 'f() { cp "$1" seen; sed -i \'1i subject\' "$1"; }; f'
    work.git("commit", "-q", env={"GIT_EDITOR": editor})
    shown = work.read("seen").decode()
    assert "# train v1 → v2: 1 added (4 examples)\n" in shown
    assert shown.index("train v1") < shown.index("# Please enter")
    assert work.message() == "subject"


def test_an_empty_message_still_stops_the_commit(work: Work) -> None:
    work.add(TWO)
    ran = work.tried("commit", "-q", env={"GIT_EDITOR": "true"})
    assert ran.code == 1
    assert "empty commit message" in ran.said


def test_the_comment_has_the_mark_that_the_repository_uses(work: Work) -> None:
    work.git("config", "core.commentChar", ";")
    work.add(TWO)
    work.tried("commit", "-q", env={"GIT_EDITOR": 'f() { cp "$1" seen; }; f'})
    assert b"; train v1" in work.read("seen")


def test_a_fixup_is_left_alone(work: Work) -> None:
    work.add(TWO)
    work.git("commit", "-q", "--fixup", "HEAD")
    assert work.message() == "fixup! one"


def test_a_first_version_is_named_with_its_examples(work: Work) -> None:
    work.add(TWO, "other.jsonl")
    work.git("commit", "-qm", "other")
    assert work.message() == "other\n\nother v1: 4 examples"


def test_where_git_cuts_the_message_the_line_stands_below_the_cut(work: Work) -> None:
    work.git("config", "commit.cleanup", "scissors")
    work.add(TWO)
    assert work.tried("commit", "-q", env={"GIT_EDITOR": "true"}).code == 1
    editor = 'f() { cp "$1" seen; sed -i \'1i subject\' "$1"; }; f'
    work.git("commit", "-q", env={"GIT_EDITOR": editor})
    shown = work.read("seen").decode()
    assert shown.index(">8") < shown.index("ignored.\n# train v1 → v2") < shown.index("On branch")
    assert work.message() == "subject"


def test_where_git_keeps_comments_there_is_none(work: Work) -> None:
    work.git("config", "commit.cleanup", "whitespace")
    work.add(TWO)
    work.tried("commit", "-q", env={"GIT_EDITOR": 'f() { cp "$1" seen; }; f'})
    assert b"train v1" not in work.read("seen")


def test_the_line_stands_before_the_trailers_of_a_given_message(work: Work) -> None:
    work.add(TWO)
    work.git("commit", "-q", "-s", "-m", "subject", "-m", "Body: text", "-m", "Fixes: #1")
    assert work.message() == (
        "subject\n\nBody: text\n\ntrain v1 → v2: 1 added (4 examples)\n\n"
        "Fixes: #1\nSigned-off-by: Ada Curator <ada@example.org>"
    )


def test_a_given_message_that_is_empty_stops_the_commit(work: Work) -> None:
    work.add(TWO)
    assert "empty commit message" in work.tried("commit", "-q", "-m", "").said


def test_a_given_message_keeps_its_bytes(work: Work) -> None:
    work.add(TWO)
    work.write("message", b"subject\r\n\r\nb\xc3\xb6dy\r\n")
    work.git("commit", "-q", "--cleanup=verbatim", "-F", "message")
    assert work.git("log", "-1", "--format=%B").said.startswith("subject\r\n\r\nbödy\n\ntrain v1")
