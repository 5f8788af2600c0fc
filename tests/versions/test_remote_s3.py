"""S3, spoken with a server on this machine: what is found, refused and missing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dslineage.errors import RemoteError
from dslineage.versions.options import ReadOptions
from tests.versions.support import Bench

pytest.importorskip("s3fs", reason="s3fs is not installed: pip install --group s3")
server = pytest.importorskip("moto.server", reason="moto is not installed: pip install --group s3")

INDEX = ReadOptions(store="index", workers=1)
LINES = b"".join(b'{"prompt":"q %d","completion":"a %d"}\n' % (i, i) for i in range(100))

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server with one bucket, `data`, and one object in it."""
    import boto3
    from s3fs import S3FileSystem

    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    url = f"http://{host}:{port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = boto3.client("s3")
    client.create_bucket(Bucket="data")
    client.put_object(Bucket="data", Key="sets/train set.jsonl", Body=LINES)
    S3FileSystem.clear_instance_cache()
    yield url
    S3FileSystem.clear_instance_cache()
    running.stop()


@pytest.mark.usefixtures("endpoint")
def test_an_object_is_indexed_verified_and_compared(bench: Bench) -> None:
    import boto3

    url = "s3://data/sets/train set.jsonl"
    record = bench.repo.add([url], name="train", options=INDEX).version.record
    assert (record.examples, record.files[0].url) == (100, url)
    assert bench.repo.verify(urls=True).problems == ()
    body = LINES.replace(b'"a 7"', b'"a seven"')
    boto3.client("s3").put_object(Bucket="data", Key="sets/train set.jsonl", Body=body)
    (problem,) = bench.repo.verify(urls=True).problems
    assert problem.message == f"{url} has other bytes than were recorded"
    assert bench.repo.diff("train").to_dict()["examples"]["edited"] == 1


@pytest.mark.usefixtures("endpoint")
@pytest.mark.parametrize("url", ["s3://data/none.jsonl", "s3://nobucket/x.jsonl"])
def test_a_missing_object_and_a_missing_bucket_are_errors_of_the_remote(
    bench: Bench, url: str
) -> None:
    with pytest.raises(RemoteError) as caught:
        bench.repo.add([url], options=INDEX)
    assert caught.value.kind == "no-remote-file"


def test_a_server_that_is_not_there_is_an_error_of_the_remote(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from s3fs import S3FileSystem

    S3FileSystem.clear_instance_cache()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(RemoteError) as caught:
        bench.repo.add(["s3://data/x.jsonl"], options=INDEX)
    assert caught.value.kind == "remote-failed"
    S3FileSystem.clear_instance_cache()


@pytest.mark.usefixtures("endpoint")
def test_without_credentials_the_remote_refuses(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from s3fs import S3FileSystem

    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    S3FileSystem.clear_instance_cache()
    with pytest.raises(RemoteError) as caught:
        bench.repo.add(["s3://data/sets/train set.jsonl"], name="train", options=INDEX)
    assert caught.value.kind in {"remote-refused", "remote-failed"}
