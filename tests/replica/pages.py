"""HTML as the server sends it: a head, data in `data-sjs` scripts, and one page script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape

from tests.replica.shapes import Json

TOKENS = '{"u":"/ajax/qm/","e":"x","s":"s","w":0,"f":"dtsg:replica","l":"AVreplica"}'
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; "
    "connect-src 'self'; require-trusted-types-for 'script'; frame-ancestors 'none'"
)
STYLE = (
    "body{font:16px sans-serif;margin:0 auto;max-width:980px}"
    "main{display:grid;grid-template-columns:repeat(3,1fr);gap:4px}"
    "main a{height:320px;background:#eee;overflow:hidden}img{width:100%}"
    "[role=dialog]{position:fixed;bottom:0;left:0;right:0;background:#fff;padding:2em}"
)
MISSING = "<h2>Sorry, this page isn't available.</h2>"
CHALLENGE = (
    "<h2>Confirm it's you</h2><p>We noticed unusual activity from your account.</p>"
    '<form method="post" action="/challenge/"><button>This was me</button></form>'
)
LOGIN = (
    '<form method="post" action="/accounts/login/" id="login_form">'
    '<input type="hidden" name="next" value="{next}">'
    '<label>Mobile number, username or email <input name="email" autofocus></label>'
    '<label>Password <input name="pass" type="password"></label>'
    '<div role="button" tabindex="0">Log in</div></form>'
)


def page(
    title: str,
    queries: Mapping[str, Json] | None = None,
    body: str = "",
    description: str = "",
) -> str:
    """A whole page; `queries` are the answers embedded in it, by the name of the query."""
    scripts = "\n".join(embed(name, data) for name, data in (queries or {}).items())
    return (
        '<!DOCTYPE html>\n<html lang="en" class="_9dls"><head><meta charset="utf-8" />'
        f"<title>{escape(title)}</title>\n"
        f'<meta property="og:title" content="{escape(title)}" />\n'
        f'<meta property="og:description" content="{escape(description)}" />\n'
        f'<style>{STYLE}</style>\n<link rel="icon" href="data:," />\n'
        f'<script id="__eqmc" type="application/json">{TOKENS}</script>\n</head><body>\n'
        f"{script({'require': [['HasteSupportData', 'handle', None, [{'clpData': {}}]]]})}\n"
        f'{scripts}\n<div id="mount_0_0_xx">{body}</div>\n'
        '<script src="/static/app.js" defer></script></body></html>'
    )


def embed(name: str, data: Json) -> str:
    """One preloaded answer, as deep down as the real pages hold it."""
    result = {"__bbox": {"complete": True, "result": {"data": data}}}
    preloader = f"adp_{name}RelayPreloader_0000000000000000000001"
    stream = ["RelayPrefetchedStreamCache", "next", [], [preloader, result]]
    return script(
        {"require": [["ScheduledServerJS", "handle", None, [{"__bbox": {"require": [stream]}}]]]}
    )


def script(document: Json) -> str:
    text = json.dumps(document, ensure_ascii=False).replace("</", "<\\/")
    return (
        f'<script type="application/json"  data-content-len="{len(text)}" data-sjs>{text}</script>'
    )


def stream(*documents: Json) -> str:
    """Answers to the page's own requests: several documents, one a line, behind a guard."""
    return "for (;;);" + "\n".join(json.dumps(d, ensure_ascii=False) for d in documents)
