"""Bodies that parsers disagree about: refused where we read them, untouched where we do not."""
import json

import pytest
from refusals import assert_forwarded, assert_openai_error

from support.client import chat

JSON = {"Content-Type": "application/json"}
MESSAGES = b'"messages":[{"role":"user","content":"Hi"}]'


def send(sluice, body):
    return sluice.chat(body, headers=JSON)


def assert_refused(sluice, upstream, body):
    response = send(sluice, body)
    assert response.status == 400, (body[:200], response)
    assert_openai_error(response)
    assert response.error["code"] in ("invalid_json", "invalid_request")
    assert_forwarded(sluice, upstream)


@pytest.mark.parametrize("body", [
    b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000, b'[{"":' * 50_000,
    b'{"model":"up/x",%b,"deep":%b}' % (MESSAGES, b"[" * 100_000 + b"]" * 100_000),
    b'{"model":"up/x",%b,"deep":%b}' % (MESSAGES, b'{"a":' * 2000 + b"1" + b"}" * 2000),
], ids=["open", "closed", "objects", "mixed", "unknown field", "unknown objects"])
def test_refuses_depth(sluice, upstream, body):
    """J-01"""
    assert_refused(sluice, upstream, body)


@pytest.mark.parametrize("field,values", [
    ("model", ('"up/x"', '"up/y"')), ("stream", ("false", "true")), ("stream_options", ("{}", '{"include_usage":true}')),
    ("max_tokens", ("1", "2")), ("max_completion_tokens", ("1", "2")), ("user", ('"a"', '"b"')), ("n", ("1", "2")),
    ("messages", ("[]", "[]")), ("tools", ("[]", "[]")), ("tool_choice", ('"auto"', '"none"')), ("response_format", ("{}", "{}")), ("metadata", ("{}", "{}")),
])
@pytest.mark.parametrize("spelling", ["plain", "escaped", "apart"])
def test_refuses_doubled_policy_fields(sluice, upstream, field, values, spelling):
    """J-02"""
    second = field if spelling != "escaped" else field[:2] + f"\\u{ord(field[2]):04x}" + field[3:] if len(field) > 2 else f"\\u{ord(field[0]):04x}"
    filler = f',"filler":"{"x" * 20_000}"' if spelling == "apart" else ""
    rest = "" if field == "model" else '"model":"up/x",'
    rest += "" if field == "messages" else MESSAGES.decode() + ","
    body = f'{{{rest}"{field}":{values[0]}{filler},"{second}":{values[1]}}}'

    assert_refused(sluice, upstream, body.encode())


@pytest.mark.parametrize("value", ["1e400", "-1", "-1e400", "1.5", "9223372036854775808", "1" * 30, "-9223372036854775809", '"5"', "true", "[]", "{}", "NaN", "Infinity", "0x10", "01", "+1", "1.", ".5", "1e", "1e+"])
@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens", "n"])
def test_refuses_numbers_that_are_no_counts(sluice, upstream, field, value):
    """J-03, S-65"""
    assert_refused(sluice, upstream, b'{"model":"up/x",%b,"%b":%b}' % (MESSAGES, field.encode(), value.encode()))


@pytest.mark.parametrize("fields", ['"model":5', '"model":["up/x"]', '"model":"up/x","stream":"true"', '"model":"up/x","stream":1', '"model":"up/x","stream_options":5',
                                    '"model":"up/x","stream":true,"stream_options":{"include_usage":"yes"}', '"model":"up/x","user":{}'])
def test_refuses_wrong_types_of_what_it_reads(sluice, upstream, fields):
    """J-06"""
    assert_refused(sluice, upstream, b"{%b,%b}" % (fields.encode(), MESSAGES))


@pytest.fixture(scope="module")
def strict(start, module_upstream):
    return start({"server": {"strict_json": True}}, upstream=module_upstream)


NOT_UTF8 = [b"\xff", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xc3", b"\x80"]
NOT_JSON = [b"a\x00b", b"a\nb", b"a\x1fb", b"\\x", b"\\u12", b"\\uZZZZ", b"\\"]
LARGE = b"x" * 40_000


@pytest.mark.parametrize("filler", [b"", LARGE], ids=["small", "large"])
@pytest.mark.parametrize("text", NOT_UTF8, ids=repr)
def test_refuses_bytes_that_are_no_text(sluice, upstream, text, filler):
    """J-04: whatever the size of the body, in fields that nobody reads too"""
    assert_refused(sluice, upstream, b'{"model":"up/x",%b,"unknown":"%b","filler":"%b"}' % (MESSAGES, text, filler))


@pytest.mark.parametrize("text", NOT_JSON, ids=repr)
def test_refuses_strings_that_are_none(sluice, upstream, text):
    """J-04: in bodies up to strict_json"""
    assert_refused(sluice, upstream, b'{"model":"up/x",%b,"unknown":"%b"}' % (MESSAGES, text))


@pytest.mark.parametrize("text", NOT_JSON, ids=repr)
def test_strict_json_refuses_strings_that_are_none_in_bodies_of_any_size(strict, upstream, text):
    """J-04"""
    assert_refused(strict, upstream, b'{"model":"up/x",%b,"unknown":"%b","filler":"%b"}' % (MESSAGES, text, LARGE))


@pytest.mark.parametrize("surrogate", ["\\ud800", "\\udc00", "\\ud800x", "\\udc00\\ud800", "\\ud800\\u0041"])
def test_refuses_lone_surrogates_in_what_it_reads(sluice, upstream, surrogate):
    """J-04"""
    assert_refused(sluice, upstream, f'{{"model":"up/{surrogate}","messages":[]}}'.encode())


@pytest.mark.parametrize("encode", [lambda text: b"\xef\xbb\xbf" + text.encode(), lambda text: text.encode("utf-16"), lambda text: text.encode("utf-16-le"), lambda text: text.encode("utf-32")],
                         ids=["BOM", "UTF-16", "UTF-16LE", "UTF-32"])
def test_refuses_other_encodings(sluice, upstream, encode):
    """J-04"""
    assert_refused(sluice, upstream, encode(json.dumps(chat("up/x"))))


GOOD = json.dumps(chat("up/x")).encode()


@pytest.mark.parametrize("body", [GOOD + b"x", GOOD + b"\0", GOOD + GOOD, GOOD + b",", GOOD + b"]", GOOD + b"}", GOOD[:-1], b"", b" ", b"null", b"[]", b'"x"', b"5",
                                  b"{", b"{}}", b"{,}", b"{'model':1}", b'{"model":"up/x",}', b'{"model" "up/x"}', b'{"model":"up/x"/**/}', b"not json",
                                  GOOD + b" " * 30_000 + b"x", GOOD[:-1] + b" " * 30_000])
def test_refuses_what_is_not_one_document(sluice, upstream, body):
    """J-05"""
    assert_refused(sluice, upstream, body)


@pytest.mark.parametrize("blank", [b" ", b"\t\r\n ", b"\n" * 5000])
def test_takes_blanks_around_the_document(sluice, upstream, blank):
    """J-05"""
    assert send(sluice, blank + GOOD + blank).status == 200
    assert upstream.requests[0].body == blank + GOOD.replace(b"up/x", b"x") + blank


def test_a_null_is_as_good_as_nothing(sluice, upstream):
    body = b'{"model":"up/x",%b,"max_tokens":null,"stream":null,"user":null,"n":null,"stream_options":null}' % MESSAGES

    assert send(sluice, body).status == 200
    assert upstream.requests[0].body == body.replace(b"up/x", b"x")


ODD = (b'{ "z" : 1 , "a":-0.0,"temperature" :1e0, "seed":12345678901234567890123, "big":1e400,"top_p":0.10000000000000000555,\n\t"unicode":"\\u00e9\\/\xc3\xa9\\ud83d\\ude00",'
       b'"model"  :  "up/x", "nested":{"model":"up/not-me","stream":true,"a":{"a":1,"a":2}}, "unknown":[1,2.0,3E+2,null,true,{}],"":"empty", "logit_bias":{"1":-100},'
       b'"messages":[{"role":"user","content":"\\"model\\":\\"up/nor-me\\""}],"dup":1,"dup":2 }')


def test_passes_on_every_byte_but_the_models(sluice, upstream):
    """J-03: unknown fields, spellings of numbers, order of keys, blanks"""
    response = send(sluice, ODD)

    assert response.status == 200, response
    assert upstream.requests[0].body == ODD.replace(b'"up/x"', b'"x"')


@pytest.mark.parametrize("options,sent", [
    (None, b'{"stream_options":{"include_usage":true},"model":"x","stream":true,%b}'),
    (b"null", b'{"model":"x","stream":true,%b,"stream_options":{"include_usage":true}}'),
    (b"{}", b'{"model":"x","stream":true,%b,"stream_options":{"include_usage":true}}'),
    (b'{ "include_usage" : false }', b'{"model":"x","stream":true,%b,"stream_options":{ "include_usage" : true }}'),
    (b'{"include_usage":true, "x":1}', b'{"model":"x","stream":true,%b,"stream_options":{"include_usage":true, "x":1}}'),
    (b'{"x":[1.0]}', b'{"model":"x","stream":true,%b,"stream_options":{"include_usage":true,"x":[1.0]}}'),
])
def test_adds_nothing_but_the_wish_for_usage(sluice, upstream, options, sent):
    upstream_stream(upstream)
    body = b'{"model":"up/x","stream":true,%b%b}' % (MESSAGES, b',"stream_options":' + options if options else b"")

    assert send(sluice, body).status == 200
    assert upstream.requests[0].body == sent % MESSAGES


def upstream_stream(upstream):
    from support.upstream import STREAM, stream
    upstream.always(stream(STREAM))


def test_an_escaped_name_of_a_field_is_the_field(sluice, upstream):
    """J-02"""
    body = b'{"mod\\u0065l":"up/x",%b}' % MESSAGES

    assert send(sluice, body).status == 200
    assert upstream.requests[0].json()["model"] == "x"


def test_an_escaped_model_is_the_model(sluice, upstream):
    assert send(sluice, b'{"model":"\\u0075p\\/x",%b}' % MESSAGES).status == 200
    assert upstream.requests[0].json()["model"] == "x"


def test_a_reply_passes_byte_for_byte(sluice, upstream):
    """J-03, for what providers say"""
    from support.upstream import answer
    reply = b' {"choices":[{"index":0,"message":{"role":"assistant","content":"\\u2028 \\/ \xf0\x9f\x98\x80"},"finish_reason":"stop"}],\n"x":1e400,"y":{"a":1,"a":2}, "z":0.10 }\n'
    upstream.then(answer(reply))

    assert sluice.chat(chat("up/x")).body == reply
