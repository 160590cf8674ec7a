"""The site: pages, answers to their scripts, pictures, a login, and the person's own controls."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from tests.replica import legacy, pages, pictures, polaris, queries, serp, shapes
from tests.replica.controls import Controls
from tests.replica.faults import HTML, INSTEAD, SCRIPT, Faults
from tests.replica.middleware import Gate
from tests.replica.pictures import Links
from tests.replica.shapes import Json
from tests.replica.world import World

COOKIES = {
    "sessionid": "7199999999%3Areplica",
    "ds_user_id": "7199999999",
    "csrftoken": "replica",
    "mid": "replica",
}
SCRIPT_FILE = Path(__file__).with_name("app.js")
YEAR = 31_536_000


@dataclass
class Replica:
    """The site over one world. `embedded`: whether pages hold their data or fetch it."""

    world: World = field(default_factory=World)
    faults: Faults = field(default_factory=Faults)
    links: Links = field(default_factory=Links)
    embedded: bool = True

    def __post_init__(self) -> None:
        self.gate = Gate(Starlette(routes=self._routes()), self.faults)
        self.controls = Controls(self)
        self.gate.site.router.routes[:0] = self.controls.routes()  # type: ignore[attr-defined]

    def _routes(self) -> list[BaseRoute]:
        return [
            Route("/", self.home),
            Route("/static/app.js", self.script),
            Route("/accounts/login/", self.login, methods=["GET", "POST"]),
            Route("/challenge/", self.challenge, methods=["GET", "POST"]),
            Route("/v/{kind}/{name}", self.picture),
            Route("/api/graphql", self.graphql, methods=["POST"]),
            Route("/graphql/query", self.graphql, methods=["POST"]),
            Route("/api/v1/users/web_profile_info/", self.legacy),
            Route("/explore/tags/{tag}/", self.tag),
            Route("/popular/{tag}/", self.popular),
            Route("/explore/search/keyword/", self.keyword),
            Route("/p/{code}/", self.post),
            Route("/{handle}/p/{code}/", self.post),
            Route("/{handle}/", self.profile),
        ]

    async def home(self, request: Request) -> Response:
        viewer = {"xdt_viewer": {"user": shapes.VIEWER if logged_in(request) else None}}
        return self._page(request, "Instagram", {"PolarisViewerQuery": viewer})

    async def script(self, request: Request) -> Response:
        return Response(SCRIPT_FILE.read_text(), media_type="text/javascript")

    async def login(self, request: Request) -> Response:
        """Any name and password will do, but not none. The cookies outlive the browser."""
        form = await sent(request) if request.method == "POST" else {}
        if not (form.get("email") and form.get("pass")):
            aim = form.get("next") or request.query_params.get("next", "/")
            return self._page(request, "Login", body=pages.LOGIN.format(next=quote(aim, "/?=&%")))
        target = form.get("next") or "/"
        answer = RedirectResponse(target if target[:2].rstrip("/") or target == "/" else "/", 302)
        for name, value in COOKIES.items():
            answer.set_cookie(name, value, max_age=YEAR, httponly=name == "sessionid")
        return answer

    async def challenge(self, request: Request) -> Response:
        if request.method == "POST":
            self.faults.clear()
            return RedirectResponse("/", 302)
        return self._page(request, "Challenge", body=pages.CHALLENGE)

    async def picture(self, request: Request) -> Response:
        asked, name = request.query_params, request.path_params["name"]
        if not self.links.valid(request.url.path, asked.get("oh", ""), asked.get("oe", "")):
            status, kind, text = INSTEAD["expired"]
            return Response(text, status, {"content-type": kind})
        if name.endswith(".mp4"):
            return Response(b"\0" * 64, media_type="video/mp4")
        pk = int(name.partition("_")[0])
        square = "_s" in asked.get("stp", "")
        post = self.world.by_pk.get(pk & ~15)
        data = pictures.draw(pk, post.theme if post else 0, square=square)
        return Response(data, media_type="image/jpeg", headers={"access-control-allow-origin": "*"})

    async def graphql(self, request: Request) -> Response:
        self._here(request)
        form = await sent(request)
        text = queries.answer(self.world, self.links, form, logged_in=logged_in(request))
        if text is None:
            status, kind, text = INSTEAD["wait"]
            return Response(text, status, {"content-type": kind})
        return Response(text, headers={"content-type": SCRIPT})

    async def legacy(self, request: Request) -> Response:
        self._here(request)
        account = self.world.people.get(request.query_params.get("username", ""))
        if request.headers.get("x-ig-app-id") != "936619743392459":
            return JSONResponse({"message": "useragent mismatch", "status": "fail"}, 400)
        if account is None:
            return JSONResponse({"data": {"user": None}, "status": "ok"}, 404)
        return JSONResponse(legacy.profile(self.world, account, self.links))

    async def tag(self, request: Request) -> Response:
        tag = request.path_params["tag"]
        if not logged_in(request):
            return RedirectResponse(f"/popular/{quote(tag)}/?utm_source=explore_tag", 302)
        return RedirectResponse(f"/explore/search/keyword/?q=%23{quote(tag)}", 301)

    async def popular(self, request: Request) -> Response:
        tag = request.path_params["tag"]
        self._here(request)
        data = polaris.popular(self.world, tag, self.links)
        return self._page(request, tag.title(), {"PolarisLoggedOutPopularSearchPageQuery": data})

    async def keyword(self, request: Request) -> Response:
        if not logged_in(request):
            return to_login(request)
        self._here(request)
        query = request.query_params.get("q", "")
        data = serp.keyword_grid(self.world, query, self.links)
        return self._page(request, query, {"PolarisKeywordSearchExplorePageRelayQuery": data})

    async def post(self, request: Request) -> Response:
        self._here(request)
        code = request.path_params["code"]
        post = self.world.post(code)
        if post is None:
            return self._page(request, "Instagram", body=pages.MISSING, status=404)
        if logged_in(request):
            data = {"PolarisPostRootQuery": shapes.post_root(self.world, code, self.links)}
        else:
            data = {
                "PolarisLoggedOutDesktopWWWPostRootContentQuery": polaris.post_page(
                    self.world, code, self.links
                )
            }
        about = polaris.post_description(post)
        return self._page(request, f"{post.owner} on Instagram", data, description=about)

    async def profile(self, request: Request) -> Response:
        self._here(request)
        world, links = self.world, self.links
        account = world.people.get(request.path_params["handle"])
        if account is None:
            return self._page(request, "Instagram", body=pages.MISSING, status=404)
        if logged_in(request):
            data = {
                "PolarisProfilePageContentQuery": shapes.profile(world, account, links),
                "PolarisProfilePostsTabContentQuery": shapes.timeline(world, account, links),
            }
        else:
            name = "PolarisLoggedOutDesktopWWWProfile"
            data = {
                f"{name}RootContentQuery": polaris.profile(account, links),
                f"{name}PostsTabContentQuery": polaris.grid_embedded(world, account, links),
            }
        title = f"{account.name} (@{account.handle}) • Instagram photos and videos"
        about = polaris.description(world, account)
        return self._page(request, title, data, description=about)

    def _page(
        self,
        request: Request,
        title: str,
        data: dict[str, Json] | None = None,
        body: str = "",
        description: str = "",
        status: int = 200,
    ) -> Response:
        # Only a browser that navigates is given the data; to others the page is a shell.
        navigates = request.headers.get("sec-fetch-mode") == "navigate"
        kept = data if navigates and self.embedded else None
        text = pages.page(title, kept, body, description)
        headers = {"content-type": HTML, "content-security-policy": pages.POLICY}
        return Response(text, status, headers)

    def _here(self, request: Request) -> None:
        """Addresses of pictures begin as the visitor sees this server."""
        self.links.base = f"{request.url.scheme}://{request.url.netloc}"


def logged_in(request: Request) -> bool:
    return request.cookies.get("sessionid") == COOKIES["sessionid"]


def to_login(request: Request) -> Response:
    aim = quote(f"{request.url.path}?{request.url.query}", "/")
    return RedirectResponse(f"/accounts/login/?next={aim}", 302)


async def sent(request: Request) -> dict[str, str]:
    """The fields of a form."""
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
