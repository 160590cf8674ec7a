import json
from contextlib import suppress
from time import process_time

import pytest

from socialsense.dialects.documents import MAX_LENGTH, answers, embedded
from socialsense.errors import PageChanged


@pytest.mark.parametrize(
    "attributes",
    [
        'type="application/json" data-content-len="9" data-sjs',
        'data-sjs type="application/json"',
        "data-sjs",
        "type='application/json' DATA-SJS=''",
        'nonce="a>b" data-sjs data-other="</script"',
    ],
)
def test_embedded_data_are_found_whatever_stands_beside_the_mark(attributes):
    html = f"<html><script>1 < 2</script><script {attributes}>" + '{"a": 1}</script>'
    assert embedded(html) == ({"a": 1},)


@pytest.mark.parametrize("attributes", ["", 'title="data-sjs"', "data-sjs-other", "x-data-sjs"])
def test_other_scripts_are_passed_over(attributes):
    assert embedded(f"<script {attributes}>var a;</script>") == ()


def test_several_are_read_in_order():
    html = "<script data-sjs>[1]</script><p><script>a</script><SCRIPT data-sjs>{}</SCRIPT>"
    assert embedded(html) == ([1], {})


@pytest.mark.parametrize(
    "body",
    [
        '{"a": 1}',
        '\ufefffor (;;);{"a": 1}',
        ' for(;;); {"a": 1}\n',
    ],
)
def test_an_answer_is_read_with_and_without_its_prefix(body):
    assert answers(body) == ({"a": 1},)


def test_an_answer_may_hold_several_documents():
    assert answers('for (;;);{"a": 1}\n{"b": 2}\r\nfor (;;);[3]') == ({"a": 1}, {"b": 2}, [3])


@pytest.mark.parametrize(
    "body", ["", " ", "for (;;);", "{", '{"a": 1}\n{"b"', "<html>", "9" * 5000]
)
def test_what_is_cut_off_or_no_json_is_told(body):
    with pytest.raises(PageChanged, match="cut off"):
        answers(body)


@pytest.mark.parametrize(
    "html", ['<script data-sjs>{"a"', "<script data-sjs", "<script data-sjs>{</script>"]
)
def test_embedded_data_cut_off_are_told(html):
    with pytest.raises(PageChanged, match="cut off"):
        embedded(html)


def test_depth_and_size_have_an_end():
    with pytest.raises(PageChanged, match="cut off"):
        answers("[" * 200_000)
    with pytest.raises(PageChanged, match="characters"):
        answers(" " * (MAX_LENGTH + 1))


@pytest.mark.parametrize(
    "piece", ["<script>", '<script a="', "<script data-x></script>", "<script '\"", "< "]
)
def test_no_page_takes_long(piece):
    html = piece * (1_000_000 // len(piece))
    begun = process_time()
    with suppress(PageChanged):
        embedded(html)
    assert process_time() - begun < 2.0


def test_every_document_comes_back_as_it_was():
    documents = [{"a": [1, None]}, [], "text", 3]
    assert answers("\n".join(map(json.dumps, documents))) == tuple(documents)
